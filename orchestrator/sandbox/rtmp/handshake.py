"""The RTMP handshake, server's side, in its plain form (version 3, no digest).

The server's version field is zero, which tells digest-capable clients not to check one. The random
bytes are fixed: nothing secret hangs on them.
"""

from typing import Final

from orchestrator.sandbox.rtmp.errors import ProtocolError

VERSION: Final = 3
PART: Final = 1536
CLIENT_HELLO: Final = 1 + PART
_RANDOM: Final = bytes(range(256)) * 6


def answer(hello: bytes) -> bytes:
    """S0, S1 and S2 for a client's C0 and C1."""
    if len(hello) != CLIENT_HELLO:
        raise ValueError("a client's hello is 1537 bytes")
    if hello[0] != VERSION:
        raise ProtocolError(f"RTMP version {hello[0]} isn't spoken here")
    return bytes([VERSION]) + bytes(8) + _RANDOM[8:] + hello[1:]


class Handshake:
    """Collects the client's part; `feed` gives what to send and what already lies behind it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answered = False
        self.done = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """(bytes to send, bytes that belong to the chunk stream)"""
        buffer = self._buffer
        buffer += data
        reply = b""
        if not self._answered and len(buffer) >= CLIENT_HELLO:
            reply = answer(bytes(buffer[:CLIENT_HELLO]))
            del buffer[:CLIENT_HELLO]
            self._answered = True
        if not self._answered or len(buffer) < PART:
            return reply, b""
        rest = bytes(buffer[PART:])
        self.done = True
        buffer.clear()
        return reply, rest
