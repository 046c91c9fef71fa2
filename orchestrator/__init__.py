"""Doppelcast's control side: the matrix, the rules, the store, the coordinator, the commands."""

__version__ = "0.1.0"
