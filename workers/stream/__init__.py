"""Streams on air: what is said next, when it is due, under which lease, to which endpoint."""
