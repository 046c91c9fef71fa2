"""The clip store: each clip once, by content, safe for all processes of a machine.

    clips/ab/ab….flv   a clip          clips/ab/ab….sum   its SHA-256; its mtime is the last use
    making/ab…/        where a clip is being made         pins/   what is planned, by owner
    locks/ab….lock     held by the one that makes it      room.lock   pins and eviction take turns

A clip gets its name when its bytes and its sum are on the disk, so a crash leaves nothing half
made. A folder in `making` whose lock nobody holds is what a crash left, and is swept away. `read`
checks the sum of the very bytes that it gives; `fetch` gives the file, and checks it when it is new
to this process or its size, inode or mtime changed. Where the store is too large, or the disk has
less than `spare_bytes` left, what was used longest ago goes; pins stay, even if that leaves the
store too large. Where nothing can go, nothing is made: `ClipStoreFull`. Folders that are gone are
made again by whoever writes.

One machine: flock and rename are trusted. Between machines each has its own store.
"""

import hashlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TypeAlias

from orchestrator.clock import Clock
from orchestrator.errors import ClipCorrupt, ClipMissing, ClipStoreFull, RenderFailed
from orchestrator.ids import ClipKey
from workers.clips.disk import disk_errors, free_bytes, is_full, keep
from workers.clips.eviction import Kept, victims
from workers.clips.locks import gate, held, held_if_free
from workers.clips.pins import Pins

logger = logging.getLogger(__name__)

USE_SECONDS = 60.0
"""How exactly the last use is known; saves a write a read."""
_KEY = re.compile(r"[0-9a-f]{64}")
SPARE_BYTES = 64 * 1024**2
"""Space on its disk that the store leaves to others, such as the spool and the pins."""
_MOST_VERIFIED = 50_000
Mark: TypeAlias = tuple[int, int, int]
"""Size, time of change and inode: equal for a file that nobody touched."""
_FOLDERS = ("clips", "making", "locks", "pins")


@dataclass(frozen=True)
class Usage:
    """What the store holds."""

    clips: int
    size: int
    pinned: int


class ClipStore:
    """Clips by key, under one folder."""

    def __init__(
        self, root: Path, max_bytes: int, clock: Clock, spare_bytes: int = SPARE_BYTES
    ) -> None:
        self.clock = clock
        self._root = root
        self._max_bytes = max_bytes
        self._spare_bytes = spare_bytes
        self._verified: dict[ClipKey, Mark] = {}
        self._swept = False
        with disk_errors("keep clips", root):
            self._folders()
        self._pins = Pins(root / "pins", clock)

    def path(self, key: ClipKey) -> Path:
        """Where the clip is, or would be."""
        if not _KEY.fullmatch(key):
            raise ValueError("a clip key is 64 hexadecimal digits")
        return self._root / "clips" / key[:2] / f"{key}.flv"

    def has(self, key: ClipKey) -> bool:
        """Whether it is there; it isn't read, and this is no use. False where nobody can tell."""
        try:
            return self.path(key).exists()
        except OSError:
            return False

    def trouble(self) -> str:
        """Why nothing may come of what is ordered, as far as a look at the disk tells; or empty."""
        try:
            with os.scandir(self._root / "clips"):
                free = free_bytes(self._root)
        except FileNotFoundError:
            return f"the clip store {self._root} is gone"
        except OSError as error:
            return f"the clip store {self._root} can't be read ({error.strerror})"
        return "" if free >= self._spare_bytes else f"no space is left for clips in {self._root}"

    def fetch(self, key: ClipKey) -> Path:
        """The clip's file, its bytes checked. `ClipMissing`, or `ClipCorrupt` and then gone."""
        path = self.path(key)
        with disk_errors("read clips", self._root), self._opened(key) as file:
            mark = _mark(os.fstat(file.fileno()))
            if self._verified.get(key) != mark:
                self._check(key, mark, hashlib.file_digest(file, "sha256").hexdigest())
                self._remember(key, mark)
            self._used(key)
        return path

    def read(self, key: ClipKey) -> bytes:
        """The clip's bytes, checked. `ClipMissing`, or `ClipCorrupt` and then gone."""
        with disk_errors("read clips", self._root), self._opened(key) as file:
            data = file.read()
            self._check(key, _mark(os.fstat(file.fileno())), hashlib.sha256(data).hexdigest())
            self._used(key)
        return data

    def discard(self, key: ClipKey) -> None:
        """Throw out what is as it was written, and yet no good."""
        with disk_errors("throw out clips", self._root):
            self._throw_out(key)

    def put(self, key: ClipKey, make: Callable[[Path], None]) -> Path:
        """The clip's file, made now if it isn't there; however many ask, one makes it.

        `make` writes the file it is given; beside it, it may keep files of its own.
        """
        path = self.path(key)
        with disk_errors("keep clips", self._root):
            self._folders()
            self._sweep_once()
            with held(self._lock(key)):
                if not path.exists():
                    self._leave_spare()
                    self._make(key, make)
            self._make_room(newest=key)
        return path

    def pin(self, owner: str, keys: Iterable[ClipKey]) -> None:
        """Keep these, and no others for this owner. Lasts `pins.PIN_SECONDS` unless set again."""
        with disk_errors("pin clips", self._root):
            self._folders()
            with gate(self._root / "room.lock", alone=False):
                self._pins.set(owner, keys)

    def unpin(self, owner: str) -> None:
        """This owner needs no clips any more."""
        with disk_errors("unpin clips", self._root):
            self._pins.clear(owner)

    def usage(self) -> Usage:
        """How much there is."""
        with disk_errors("read clips", self._root):
            kept = list(self._kept())
            return Usage(len(kept), sum(clip.size for clip in kept), len(self._pins.keys()))

    def tidy(self) -> None:
        """Sweep away what crashes left, and make room if there is too much."""
        with disk_errors("tidy clips", self._root):
            self._sweep()
            self._make_room()

    def _make(self, key: ClipKey, make: Callable[[Path], None]) -> None:
        path, folder = self.path(key), self._root / "making" / key
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            part, mark = folder / "clip.flv", folder / "clip.sum"
            _made(part, key, make)
            mark.write_text(_digest(part))
            keep(part)
            keep(mark)
            path.parent.mkdir(exist_ok=True)
            mark.replace(self._sum(key))
            part.replace(path)
            keep(path.parent)
            self._used(key, at_once=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> None:
        for name in _FOLDERS:
            (self._root / name).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def _opened(self, key: ClipKey) -> Iterator[BufferedReader]:
        try:
            file = self.path(key).open("rb")
        except FileNotFoundError as error:
            raise ClipMissing(f"Clip {key[:12]} isn't in the store.") from error
        with file:
            yield file

    def _check(self, key: ClipKey, mark: Mark, found: str) -> None:
        try:
            expected = self._sum(key).read_text()
        except (FileNotFoundError, UnicodeDecodeError):
            expected = ""
        if found == expected:
            return
        logger.error("A clip was damaged.", extra={"action": "clip_corrupt", "clip": key})
        with suppress(OSError):  # what can't be thrown out is still not to be played
            if _mark(self.path(key).stat()) == mark:
                self._throw_out(key)
        raise ClipCorrupt(f"Clip {key[:12]} was damaged on disk and is thrown away.")

    def _remember(self, key: ClipKey, mark: Mark) -> None:
        if len(self._verified) >= _MOST_VERIFIED:
            self._verified.clear()
        self._verified[key] = mark

    def _used(self, key: ClipKey, at_once: bool = False) -> None:
        now, mark = self.clock.wall(), self._sum(key)
        with suppress(OSError):  # a clip may be played from a disk that takes no marks
            if at_once or abs(now - mark.stat().st_mtime) >= USE_SECONDS:
                os.utime(mark, (now, now))

    def _leave_spare(self) -> None:
        """See that the disk has room for one more, before a clip is made in vain."""
        lacking = self._spare_bytes - free_bytes(self._root)
        if lacking <= 0:
            return
        held_now = sum(clip.size for clip in self._kept())
        self._make_room(max_bytes=held_now - lacking)
        if free_bytes(self._root) < self._spare_bytes:
            raise ClipStoreFull(
                f"The disk of {self._root} is full, and what the clip store holds is needed. Free "
                "some space, or set DOPPELCAST_MEDIA_DIR to a larger disk."
            )

    def _make_room(self, newest: ClipKey | None = None, max_bytes: int | None = None) -> None:
        limit = self._max_bytes if max_bytes is None else min(max_bytes, self._max_bytes)
        kept = list(self._kept())
        if sum(clip.size for clip in kept) <= limit:
            return
        with gate(self._root / "room.lock", alone=True):
            kept = list(self._kept())
            stay = self._pins.keys() | ({newest} if newest else set())
            out = victims(kept, stay, limit)
            for key in out:
                self._throw_out(key)
        gone = set(out)
        left = sum(clip.size for clip in kept if clip.key not in gone)
        facts = {"action": "clips_evicted", "clips": len(out), "bytes_left": left}
        if left > self._max_bytes:
            logger.warning("Pinned clips alone exceed the clip store's size.", extra=facts)
        elif out:
            logger.info("Old clips made room.", extra=facts)

    def _throw_out(self, key: ClipKey) -> None:
        self._verified.pop(key, None)
        self.path(key).unlink(missing_ok=True)
        self._sum(key).unlink(missing_ok=True)

    def _kept(self) -> Iterator[Kept]:
        with os.scandir(self._root / "clips") as found:
            folders = [entry.path for entry in found if entry.is_dir()]
        for folder in folders:
            names = _entries(folder)
            for name, entry in names.items():
                mark = names.get(f"{name[:64]}.sum")
                with suppress(FileNotFoundError):
                    if name.endswith(".flv"):
                        size = entry.stat().st_size
                        yield Kept(ClipKey(name[:64]), size, mark.stat().st_mtime if mark else 0.0)

    def _sweep_once(self) -> None:
        if not self._swept:
            self._swept = True
            self._sweep()

    def _sweep(self) -> None:
        for folder in (self._root / "making").iterdir():
            with held_if_free(self._lock(ClipKey(folder.name))) as mine:
                if mine:
                    shutil.rmtree(folder, ignore_errors=True)

    def _lock(self, key: ClipKey) -> Path:
        return self._root / "locks" / f"{key}.lock"

    def _sum(self, key: ClipKey) -> Path:
        return self.path(key).with_suffix(".sum")


def _made(part: Path, key: ClipKey, make: Callable[[Path], None]) -> None:
    try:
        make(part)
    except OSError as error:
        if is_full(error):
            raise
        raise RenderFailed(f"Clip {key[:12]} could not be made: {error}.") from error
    if not part.is_file() or not part.stat().st_size:
        raise RenderFailed(f"Clip {key[:12]} was to be made, and is empty or missing.")


def _mark(found: os.stat_result) -> Mark:
    return found.st_size, found.st_mtime_ns, found.st_ino


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entries(folder: str) -> dict[str, os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry for entry in entries}
    except FileNotFoundError:
        return {}
