"""Doppelcast's workers: they render clips and carry streams. They never see the store."""
