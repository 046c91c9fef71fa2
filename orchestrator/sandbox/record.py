"""Keeps what arrived: each connection in an FLV file, its tags exactly as received.

Bounded: an endpoint's recordings stop growing at `max_bytes`; what follows is judged all the same.
Bytes go through a buffer to the file system on the server's thread, which a local disk takes at a
hundred times the rate of a stream; a full disk ends the recording, never the stream.
"""

import logging
from pathlib import Path
from typing import BinaryIO, Final

from orchestrator.errors import ConfigurationError

log = logging.getLogger(__name__)

HEADER: Final = b"FLV\x01\x05\x00\x00\x00\x09" + bytes(4)
BUFFER: Final = 256 * 1024
MAX_BYTES: Final = 2 * 1024**3


def flv_tag(kind: int, timestamp: int, payload: bytes) -> bytes:
    """A tag with its trailing size, as FLV files hold it."""
    size = len(payload)
    head = (
        bytes([kind])
        + size.to_bytes(3, "big")
        + (timestamp & 0xFFFFFF).to_bytes(3, "big")
        + bytes([timestamp >> 24 & 0xFF, 0, 0, 0])
    )
    return head + payload + (size + 11).to_bytes(4, "big")


class Recorder:
    """One endpoint's recordings: `NAME-01.flv`, `NAME-02.flv` and so on, one a connection."""

    def __init__(self, directory: Path, name: str, max_bytes: int = MAX_BYTES) -> None:
        self.directory = directory
        self.name = name
        self._left = max_bytes
        self._count = 1
        self.paths: list[Path] = []
        """What this run has recorded, oldest first."""
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"Recordings can't be kept in {directory}: {error}") from error

    def begin(self) -> "Recording":
        """A file for a new connection."""
        while (path := self._path()).exists():  # an earlier run's recordings are kept
            self._count += 1
        self.paths.append(path)
        return Recording(self, path)

    def granted(self, count: int) -> bool:
        """Whether that many bytes more may be written; they are taken off the bound."""
        if count > self._left:
            self._left = 0
            return False
        self._left -= count
        return True

    def _path(self) -> Path:
        return self.directory / f"{self.name}-{self._count:02d}.flv"


class Recording:
    """One connection's file. Stops quietly at the bound, with a log line if the disk refuses."""

    def __init__(self, recorder: Recorder, path: Path) -> None:
        self.path = path
        self._recorder = recorder
        self._file: BinaryIO | None = None
        try:
            self._file = path.open("wb", buffering=BUFFER)
            self._file.write(HEADER)
        except OSError as error:
            self._give_up(error)

    def tag(self, kind: int, timestamp: int, payload: bytes) -> None:
        """Keep one tag."""
        if self._file is None:
            return
        data = flv_tag(kind, timestamp, payload)
        if not self._recorder.granted(len(data)):
            self.close()
            return
        try:
            self._file.write(data)
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Write the rest out."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._file = None
        log.warning(
            "a recording ended early",
            extra={"action": "sandbox.record", "file": self.path.name, "detail": str(error)},
        )
