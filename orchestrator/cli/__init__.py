"""The `doppelcast` command: one file a verb; what they show is in `tables`, what runs in `tree`."""
