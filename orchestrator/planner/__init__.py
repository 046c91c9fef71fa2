"""The day's plan: which double is in which shop when, and who watches. No I/O, no clock."""
