"""The clip store: each clip once, by content, safe for all processes of a machine.

    clips/ab/ab….flv   a clip          clips/ab/ab….sum   its SHA-256; its mtime is the last use
    making/ab…/        where a clip is being made         pins/   what is planned, by owner
    locks/ab….lock     held by the one that makes it      room.lock   pins and eviction take turns

A clip gets its name when its bytes and its sum are on the disk, so a crash leaves nothing half
made. A folder in `making` whose lock nobody holds is what a crash left, and is swept away. Every
process checks a clip's sum when it first reads it, and again whenever its size, inode or mtime
changed. Where the store is too large, what was used longest ago goes; pins stay, even if that
leaves it too large.

One machine: flock and rename are trusted. Between machines each has its own store.
"""

import hashlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestrator.clock import Clock
from orchestrator.errors import ClipCorrupt, ClipMissing, RenderFailed
from orchestrator.ids import ClipKey
from workers.clips.disk import disk_errors, is_full, keep
from workers.clips.eviction import Kept, victims
from workers.clips.locks import gate, held, held_if_free
from workers.clips.pins import Pins

logger = logging.getLogger(__name__)

USE_SECONDS = 60.0
"""How exactly the last use is known; saves a write a read."""
_KEY = re.compile(r"[0-9a-f]{64}")
_MOST_VERIFIED = 50_000
_FOLDERS = ("clips", "making", "locks", "pins")


@dataclass(frozen=True)
class Usage:
    """What the store holds."""

    clips: int
    size: int
    pinned: int


class ClipStore:
    """Clips by key, under one folder."""

    def __init__(self, root: Path, max_bytes: int, clock: Clock) -> None:
        self._root = root
        self._max_bytes = max_bytes
        self._clock = clock
        self._verified: dict[ClipKey, tuple[int, int, int]] = {}
        self._swept = False
        with disk_errors("keep clips", root):
            for name in _FOLDERS:
                (root / name).mkdir(parents=True, exist_ok=True)
        self._pins = Pins(root / "pins", clock)

    def path(self, key: ClipKey) -> Path:
        """Where the clip is, or would be."""
        if not _KEY.fullmatch(key):
            raise ValueError("a clip key is 64 hexadecimal digits")
        return self._root / "clips" / key[:2] / f"{key}.flv"

    def has(self, key: ClipKey) -> bool:
        """Whether it is there; it isn't read, and this is no use."""
        return self.path(key).exists()

    def fetch(self, key: ClipKey) -> Path:
        """The clip's file, its bytes checked. `ClipMissing`, or `ClipCorrupt` and then gone."""
        path = self.path(key)
        with disk_errors("read clips", self._root):
            try:
                found = path.stat()
            except FileNotFoundError as error:
                raise ClipMissing(f"Clip {key[:12]} isn't in the store yet.") from error
            mark = (found.st_size, found.st_mtime_ns, found.st_ino)
            if self._verified.get(key) != mark:
                self._verify(key, path)
                self._remember(key, mark)
            self._used(key)
        return path

    def put(self, key: ClipKey, make: Callable[[Path], None]) -> Path:
        """The clip's file, made now if it isn't there; however many ask, one makes it.

        `make` writes the file it is given; beside it, it may keep files of its own.
        """
        path = self.path(key)
        with disk_errors("keep clips", self._root):
            self._sweep_once()
            with held(self._lock(key)):
                if not path.exists():
                    self._make(key, make)
            self._make_room(newest=key)
        return path

    def pin(self, owner: str, keys: Iterable[ClipKey]) -> None:
        """Keep these, and no others for this owner. Lasts `pins.PIN_SECONDS` unless set again."""
        with disk_errors("pin clips", self._root), gate(self._root / "room.lock", alone=False):
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

    def _verify(self, key: ClipKey, path: Path) -> None:
        try:
            expected = self._sum(key).read_text()
        except FileNotFoundError:
            expected = ""
        try:
            found = _digest(path)
        except FileNotFoundError as error:
            raise ClipMissing(f"Clip {key[:12]} isn't in the store any more.") from error
        if found != expected:
            self._throw_out(key)
            logger.error("A clip was damaged.", extra={"action": "clip_corrupt", "clip": key})
            raise ClipCorrupt(f"Clip {key[:12]} was damaged on disk and is thrown away.")

    def _remember(self, key: ClipKey, mark: tuple[int, int, int]) -> None:
        if len(self._verified) >= _MOST_VERIFIED:
            self._verified.clear()
        self._verified[key] = mark

    def _used(self, key: ClipKey, at_once: bool = False) -> None:
        now, mark = self._clock.wall(), self._sum(key)
        with suppress(FileNotFoundError):
            if at_once or abs(now - mark.stat().st_mtime) >= USE_SECONDS:
                os.utime(mark, (now, now))

    def _make_room(self, newest: ClipKey | None = None) -> None:
        kept = list(self._kept())
        if sum(clip.size for clip in kept) <= self._max_bytes:
            return
        with gate(self._root / "room.lock", alone=True):
            kept = list(self._kept())
            stay = self._pins.keys() | ({newest} if newest else set())
            out = victims(kept, stay, self._max_bytes)
            for key in out:
                self._throw_out(key)
        gone = set(out)
        left = sum(clip.size for clip in kept if clip.key not in gone)
        facts = {"action": "clips_evicted", "clips": len(out), "bytes_left": left}
        if left > self._max_bytes:
            logger.warning("Pinned clips alone exceed the clip store's size.", extra=facts)
        else:
            logger.info("Old clips made room.", extra=facts)

    def _throw_out(self, key: ClipKey) -> None:
        self._verified.pop(key, None)
        self.path(key).unlink(missing_ok=True)
        self._sum(key).unlink(missing_ok=True)

    def _kept(self) -> Iterator[Kept]:
        for folder in os.scandir(self._root / "clips"):
            with os.scandir(folder) as entries:
                names = {entry.name: entry for entry in entries}
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


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
