"""What a peer can do wrong on the wire. Ends that peer's connection and nothing else.

These are `ValueError`s of the parser, caught by the server that feeds it; they never leave this
package, so they don't stand in the project's error tree.
"""


class ProtocolError(ValueError):
    """The peer doesn't speak RTMP as the server understands it."""
