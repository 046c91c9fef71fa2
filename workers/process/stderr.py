"""What a child says on its error output: read without waiting, redacted, the last lines kept."""

import os
from collections import deque
from collections.abc import Callable

LINES = 100
_LONGEST = 4096
_CHUNK = 65536


class Murmur:
    """The last lines of a non-blocking pipe."""

    def __init__(self, descriptor: int, redact: Callable[[str], str]) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._redact = redact
        self._lines: deque[str] = deque(maxlen=LINES)
        self._rest = b""
        self.ended = False
        """Whether the other side is closed: the child has ended, or is about to."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines, oldest first."""
        return tuple(self._lines)

    def read(self) -> tuple[str, ...]:
        """Take in what is there now; the lines that are new."""
        fresh: list[str] = []
        while not self.ended:
            try:
                chunk = os.read(self._descriptor, _CHUNK)
            except BlockingIOError:
                break
            self.ended = not chunk
            fresh += self._split(chunk)
        if self.ended and self._rest:
            fresh.append(self._clean(self._rest))
            self._rest = b""
        self._lines.extend(fresh)
        return tuple(fresh)

    def _split(self, chunk: bytes) -> list[str]:
        *whole, rest = (self._rest + chunk).replace(b"\r", b"\n").split(b"\n")
        self._rest = rest[-_LONGEST:]
        return [self._clean(line) for line in whole if line.strip()]

    def _clean(self, line: bytes) -> str:
        return self._redact(line[:_LONGEST].decode(errors="replace").rstrip())
