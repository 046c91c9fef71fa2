"""Writes what workers report into the store."""
