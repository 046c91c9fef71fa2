"""The journal of what a process reports: lines in files, from the report until it is confirmed.

A journal is a folder of segments. A segment is a file that belongs to whoever holds its lock, and
is only appended to; it goes when all of its lines are confirmed. A file whose lock is free belongs
to nobody any more, its process is done or dead, and the next process takes it over. What of it was
confirmed already isn't known then: lines are sent at least once, and what they mean is idempotent.

A line is handed to the kernel before `keep` returns, so it outlives a SIGKILL of the process. It is
not synced: a machine that loses power may lose its last seconds, the kernel writes when it likes.
A disk that is full or broken is no reason to be silent: lines are kept in memory then, as many as
there is room for, and go with the process. A disk that hangs makes `keep` hang.

Out of scope: several machines on one folder (locks of network file systems are not trusted).
"""

import errno
import fcntl
import logging
import os
import threading
import uuid
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

log = logging.getLogger(__name__)

LIMIT_BYTES = 1024**3
SEGMENT_BYTES = 1024**2
"""About what is sent again, needlessly, of a process that died."""
SPENT_BYTES = 16 * 1024
"""A segment that is confirmed to its end goes when it has grown that long, or when it is closed."""
SPARE_LINES = 10_000
CREATE_TRIES = 10
CHUNK_BYTES = 64 * 1024


class Source(Protocol):
    """What a line came from, and what wants to know when it is confirmed."""

    def confirm(self) -> None:
        """One line more is safe elsewhere."""
        ...


class Segment:
    """One file. Whoever has this object holds its lock; one thread appends, and one reads."""

    def __init__(self, path: Path, descriptor: int, size: int = 0, lines: int = 0) -> None:
        self.size = size
        self.lines = lines
        self.confirmed = 0
        self.path = path
        self._descriptor = descriptor
        self._position = 0

    @classmethod
    def create(cls, folder: Path) -> "Segment":
        """A new one. It gets its name after its lock, so that nobody takes it over before."""
        folder.mkdir(parents=True, exist_ok=True)
        for _ in range(CREATE_TRIES - 1):
            # Whoever finds it before it is locked takes it away. That is no trouble with the disk.
            with suppress(BlockingIOError, FileNotFoundError):
                return cls._created(folder)
        return cls._created(folder)

    @classmethod
    def _created(cls, folder: Path) -> "Segment":
        name = folder / f"{uuid.uuid4().hex}.new"
        descriptor = os.open(name, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path = name.rename(name.with_suffix(".jsonl"))
        except OSError:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    @classmethod
    def adopt(cls, path: Path) -> "Segment | None":
        """The one in that file, if it belongs to nobody."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:  # else its last owner was just done with it
                return cls(path, descriptor, *_whole_lines(descriptor, path))
        except BlockingIOError:
            pass
        os.close(descriptor)
        return None

    def append(self, line: bytes) -> None:
        """Write a line, whole or not at all."""
        text = line + b"\n"
        written = os.write(self._descriptor, text)
        if written != len(text):
            os.ftruncate(self._descriptor, self.size)
            raise OSError(errno.ENOSPC, "only a part of a line could be written")
        self.size += written
        self.lines += 1

    def read(self, limit: int) -> list[bytes]:
        """The next lines, and no more than that many."""
        want = CHUNK_BYTES
        while self._position < self.size:
            chunk = os.pread(
                self._descriptor, min(want, self.size - self._position), self._position
            )
            found = chunk.split(b"\n")[:-1][:limit]
            if found or not chunk:
                self._position += sum(len(line) + 1 for line in found)
                return found
            want *= 2  # a very long line
        return []

    def confirm(self) -> None:
        """One line more is safe elsewhere."""
        self.confirmed += 1

    @property
    def spent(self) -> bool:
        """Whether nothing in it is needed any more."""
        return self._position >= self.size and self.confirmed >= self.lines

    def close(self) -> None:
        """Let go of it; what isn't spent waits for whoever takes it over."""
        if self.spent:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def drop(self) -> None:
        """Forget a copy that a fork has made. The parent's lock stays."""
        os.close(self._descriptor)


class Spare:
    """Lines that the disk didn't take, in memory."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()
        self.open = 0

    def append(self, line: bytes) -> bool:
        """Keep a line if there is room."""
        if self.open >= SPARE_LINES:
            return False
        self.open += 1
        self._lines.append(line)
        return True

    def read(self, limit: int) -> list[bytes]:
        """The next lines, and no more than that many."""
        return [self._lines.popleft() for _ in range(min(limit, len(self._lines)))]

    def confirm(self) -> None:
        """One line more is safe elsewhere."""
        self.open -= 1


class Journal:
    """One process's share of the folder. Any thread keeps; one thread does all the rest."""

    def __init__(
        self, folder: Path, limit_bytes: int = LIMIT_BYTES, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._segment_bytes = segment_bytes
        self._lock = threading.Lock()
        self._current: Segment | None = None
        self._older: list[Segment] = []
        self._spare = Spare()
        self._bytes = size(folder)
        self.trouble = ""
        """Why lines are kept in memory, or not at all. Empty: all is well."""

    def keep(self, line: bytes) -> bool:
        """Keep a line until it is confirmed; say whether there was room for it."""
        with self._lock:
            try:
                if self._bytes > self._limit:
                    raise OSError(errno.EDQUOT, f"{self._folder} is at its limit")
                self._writable().append(line)
            except OSError as error:
                self.trouble = error.strerror or type(error).__name__
                return self._spare.append(line)
            self._bytes += len(line) + 1
            self.trouble = ""
        return True

    def read(self, limit: int) -> list[tuple[bytes, Source]]:
        """The next lines that weren't read yet, oldest file first, and no more than that many."""
        found: list[tuple[bytes, Source]] = []
        for source in self._sources():
            while len(found) < limit and (lines := source.read(limit - len(found))):
                found.extend((line, source) for line in lines)
        return found

    def adopt(self) -> int:
        """Take over what belongs to nobody; say how many lines it is."""
        known = {segment.path for segment in self._segments()}
        lines = 0
        for path in _paths(self._folder):
            segment = None if path in known else Segment.adopt(path)
            if segment is not None:
                self._older.append(segment)
                lines += segment.lines
        for unnamed in self._folder.glob("*.new"):
            if stillborn := Segment.adopt(unnamed):
                stillborn.close()
        self._bytes = size(self._folder)
        return lines

    def tidy(self) -> None:
        """Remove what is confirmed to its end."""
        with self._lock:
            current = self._current
            if current is not None and current.spent and current.size >= SPENT_BYTES:
                self._set_aside()
            spent = [segment for segment in self._older if segment.spent]
            self._older = [segment for segment in self._older if not segment.spent]
            self._bytes = max(0, self._bytes - sum(segment.size for segment in spent))
        for segment in spent:
            segment.close()

    @property
    def bytes(self) -> int:
        """How much waits in the folder, of all processes, as far as this one knows."""
        return self._bytes

    @property
    def open(self) -> int:
        """How many lines aren't confirmed."""
        unconfirmed = sum(s.lines - s.confirmed for s in self._segments())
        return unconfirmed + self._spare.open

    def close(self) -> int:
        """Let go of the files; what isn't confirmed waits for whoever takes it over.

        Says how many lines go with the memory, unconfirmed.
        """
        with self._lock:
            self._set_aside()
            ours, self._older = self._older, []
        for segment in ours:
            segment.close()
        return self._spare.open

    def drop(self) -> None:
        """Forget what a fork has copied; it is the parent's, as is the lock, which may be held."""
        # The fork may have come in the midst of `_set_aside`: one may stand in both places.
        for segment in {*self._older, self._current}:
            if segment is not None:
                segment.drop()
        self._older, self._current = [], None

    def _writable(self) -> Segment:
        if self._current is not None and self._current.size >= self._segment_bytes:
            self._set_aside()
        if self._current is None:
            self._current = Segment.create(self._folder)
        return self._current

    def _set_aside(self) -> None:
        if self._current is not None:
            self._older.append(self._current)
            self._current = None

    def _segments(self) -> list[Segment]:
        with self._lock:
            return [*self._older, *([] if self._current is None else [self._current])]

    def _sources(self) -> Iterable[Segment | Spare]:
        return [*self._segments(), self._spare]


def size(folder: Path) -> int:
    """Bytes that wait in a folder, of all processes."""
    return sum(_stat(path)[1] for path in _paths(folder))


def _paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"), key=_stat)


def _stat(path: Path) -> tuple[float, int]:
    """When it was written last, and its size."""
    try:
        found = path.stat()
    except OSError:
        return 0.0, 0
    return found.st_mtime, found.st_size


def _whole_lines(descriptor: int, path: Path) -> tuple[int, int]:
    """Up to where a file consists of whole lines, and how many."""
    end = lines = position = 0
    while chunk := os.pread(descriptor, CHUNK_BYTES, position):
        last = chunk.rfind(b"\n")
        if last >= 0:
            end = position + last + 1
            lines += chunk.count(b"\n")
        position += len(chunk)
    if end != position:  # its process died while writing
        log.warning("a report's line is torn", extra={"action": "spool", "file": path.name})
    return end, lines
