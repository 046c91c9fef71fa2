"""A folder that keeps lines while the broker is away.

A file belongs to whoever holds its lock. A process appends to a file of its own and holds the lock
meanwhile; a file whose lock is free belongs to nobody any more, its process is done or dead, and
whoever drains sends it. Sending may stop in the middle and begin again: lines are sent at least
once, and what they mean is idempotent.

Out of scope: several machines on one folder (locks of network file systems are not trusted).
"""

import fcntl
import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

log = logging.getLogger(__name__)

LIMIT_BYTES = 1024**3


class Spool:
    """One process's share of the folder. Used by one thread."""

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._file: BinaryIO | None = None

    def keep(self, lines: Sequence[bytes]) -> bool:
        """Append lines; say whether there was room for them."""
        if self.size() > self._limit:
            return False
        file = self._file or self._open()
        file.write(b"".join(line + b"\n" for line in lines))
        file.flush()
        return True

    def size(self) -> int:
        """Bytes that wait in the folder, of all processes."""
        return sum(_size(path) for path in self._paths())

    def drain(self, send: Callable[[bytes], None]) -> int:
        """Send all that belongs to nobody else, oldest first; say how many lines it was.

        What `send` raises goes to the caller; the file in question stays.
        """
        self.close()
        sent = 0
        for path in self._paths():
            with _locked(path) as file:
                if file is None:
                    continue
                for line in _whole_lines(file, path):
                    send(line)
                    sent += 1
                path.unlink(missing_ok=True)
        return sent

    def close(self) -> None:
        """Let go of the own file; it waits for whoever drains next."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = (self._folder / f"{uuid.uuid4().hex}.jsonl").open("ab")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._file = file
        return file

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"), key=_modified)


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO | None]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield file


def _whole_lines(file: BinaryIO, path: Path) -> Iterator[bytes]:
    for line in file:
        if line.endswith(b"\n"):
            yield line[:-1]
        else:  # its process died while writing
            log.warning("a spooled line is torn", extra={"action": "spool", "file": path.name})


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
