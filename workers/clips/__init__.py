"""The clip store: rendered once, kept by content, found by every process of the machine."""
