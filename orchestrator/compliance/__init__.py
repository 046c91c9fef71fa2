"""The rules as values: what must be shown, what may be said. No I/O."""
