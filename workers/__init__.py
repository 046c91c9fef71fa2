"""Doppelcast's workers: they render clips and carry streams. They know the domain, not the store."""
