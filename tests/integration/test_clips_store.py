"""The clip store on a real disk, shared by real processes, crashed in the middle of its work."""

import errno
import hashlib
import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from orchestrator.clock import SystemClock
from orchestrator.errors import (
    ClipCorrupt,
    ClipMissing,
    ClipStoreFull,
    ClipStoreUnusable,
    MediaError,
    RenderFailed,
)
from orchestrator.ids import ClipKey
from workers.clips.pins import PIN_SECONDS
from workers.clips.store import ClipStore


class HandClock(SystemClock):
    """Wall time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def wall(self) -> float:
        return self.now


def key(name: str) -> ClipKey:
    return ClipKey(hashlib.sha256(name.encode()).hexdigest())


def writes(data: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(data)

    return make


def refuses(path: Path) -> None:
    raise AssertionError("made twice")


def nothing(path: Path) -> None:
    assert not path.exists()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> ClipStore:
    return ClipStore(tmp_path / "media", 1000, clock)


def test_a_clip_is_made_once_and_found_after(store: ClipStore) -> None:
    assert not store.has(key("a"))
    with pytest.raises(ClipMissing):
        store.fetch(key("a"))
    store.put(key("a"), writes(b"frames"))
    store.put(key("a"), refuses)
    assert store.has(key("a"))
    assert store.fetch(key("a")).read_bytes() == b"frames"
    assert store.usage().clips == 1
    assert store.usage().size == 6


def test_a_damaged_clip_is_found_thrown_away_and_made_again(
    store: ClipStore, caplog: pytest.LogCaptureFixture
) -> None:
    path = store.put(key("a"), writes(b"frames"))
    store.fetch(key("a"))
    path.write_bytes(b"frayed")
    os.utime(path, (0, 0))  # two changes within one tick of a disk's clock have one time
    with caplog.at_level(logging.ERROR), pytest.raises(ClipCorrupt):
        store.fetch(key("a"))
    assert not store.has(key("a"))
    store.put(key("a"), writes(b"frames"))
    assert store.fetch(key("a")).read_bytes() == b"frames"


def test_an_intact_clip_is_read_through_only_once(
    store: ClipStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(key("a"), writes(b"frames"))
    store.fetch(key("a"))
    monkeypatch.setattr("hashlib.file_digest", refuses)
    store.fetch(key("a"))


def test_old_clips_make_room_and_pins_and_the_newest_stay(
    store: ClipStore, clock: HandClock
) -> None:
    for name in ("pinned", "old", "used"):
        store.put(key(name), writes(bytes(300)))
        clock.now += 100
    store.pin("stream-1", [key("pinned")])
    store.fetch(key("old"))
    clock.now += 100
    store.fetch(key("used"))
    store.put(key("new"), writes(bytes(400)))
    there = [name for name in ("pinned", "old", "used", "new") if store.has(key(name))]
    assert there == ["pinned", "used", "new"]


def test_a_store_full_of_pins_takes_a_clip_all_the_same(
    store: ClipStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(key("pinned"), writes(bytes(900)))
    store.pin("stream-1", [key("pinned")])
    with caplog.at_level(logging.WARNING):
        store.put(key("new"), writes(bytes(900)))
    assert store.has(key("pinned"))
    assert store.has(key("new"))
    assert "exceed" in caplog.text


def test_pins_are_replaced_released_and_run_out(store: ClipStore, clock: HandClock) -> None:
    store.pin("a", [key("1"), key("2")])
    store.pin("a", [key("2")])
    store.pin("b", [key("2"), key("3")])
    assert store.usage().pinned == 2
    store.unpin("b")
    store.unpin("never-pinned")
    assert store.usage().pinned == 1
    clock.now += PIN_SECONDS - 1
    store.pin("a", [key("2")])
    clock.now += PIN_SECONDS - 1
    assert store.usage().pinned == 1
    clock.now += 2
    assert store.usage().pinned == 0


def test_a_maker_that_fails_leaves_nothing(store: ClipStore, tmp_path: Path) -> None:
    def half(path: Path) -> None:
        path.write_bytes(b"half")
        raise RenderFailed("no voice")

    with pytest.raises(RenderFailed, match="no voice"):
        store.put(key("a"), half)
    with pytest.raises(RenderFailed, match="empty or missing"):
        store.put(key("a"), nothing)
    assert files(tmp_path) == set()


def test_a_full_disk_is_said_in_words(store: ClipStore, tmp_path: Path) -> None:
    def full(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(MediaError, match="DOPPELCAST_CLIP_STORE_BYTES"):
        store.put(key("a"), full)
    assert files(tmp_path) == set()


def test_a_disk_that_is_full_of_other_things_takes_nothing_and_nothing_is_made_in_vain(
    tmp_path: Path, clock: HandClock
) -> None:
    ClipStore(tmp_path, 10**9, clock).put(key("there"), writes(b"frames"))
    full = ClipStore(tmp_path, 10**9, clock, spare_bytes=2**62)
    full.pin("stream-1", [key("there")])
    with pytest.raises(ClipStoreFull, match="DOPPELCAST_MEDIA_DIR") as raised:
        full.put(key("new"), refuses)
    assert not raised.value.permanent
    assert full.read(key("there")) == b"frames"
    assert full.put(key("there"), refuses).read_bytes() == b"frames"
    assert "no space is left" in full.trouble()
    assert ClipStore(tmp_path, 10**9, clock).trouble() == ""


def test_on_a_full_disk_what_nobody_needs_makes_room(tmp_path: Path, clock: HandClock) -> None:
    store = ClipStore(tmp_path, 10**9, clock)
    for name in ("needed", "old"):
        store.put(key(name), writes(b"frames"))
    store.pin("stream-1", [key("needed")])
    with pytest.raises(ClipStoreFull):
        ClipStore(tmp_path, 10**9, clock, spare_bytes=2**62).put(key("new"), refuses)
    assert [store.has(key(name)) for name in ("needed", "old")] == [True, False]


def test_what_is_read_is_checked_each_time_even_if_nothing_tells_of_a_change(
    store: ClipStore,
) -> None:
    path = store.put(key("a"), writes(b"frames"))
    assert store.read(key("a")) == b"frames"
    found = path.stat()
    path.write_bytes(b"frayed")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    with pytest.raises(ClipCorrupt):
        store.read(key("a"))
    assert not store.has(key("a"))
    with pytest.raises(ClipMissing):
        store.read(key("a"))


@pytest.mark.parametrize("length", [0, 3])
def test_a_clip_that_was_cut_is_found(store: ClipStore, length: int) -> None:
    path = store.put(key("a"), writes(b"frames"))
    os.truncate(path, length)
    with pytest.raises(ClipCorrupt):
        store.read(key("a"))
    store.put(key("a"), writes(b"frames"))
    assert store.read(key("a")) == b"frames"


def test_a_clip_without_its_sum_is_not_trusted(store: ClipStore) -> None:
    store.put(key("a"), writes(b"frames")).with_suffix(".sum").unlink()
    with pytest.raises(ClipCorrupt):
        store.read(key("a"))


def test_a_folder_that_vanished_is_made_again_by_whoever_writes(
    store: ClipStore, tmp_path: Path
) -> None:
    store.put(key("a"), writes(b"frames"))
    assert store.trouble() == ""
    shutil.rmtree(tmp_path / "media")
    assert "is gone" in store.trouble()
    assert not store.has(key("a"))
    with pytest.raises(ClipMissing):
        store.read(key("a"))
    with pytest.raises(ClipStoreUnusable):
        store.usage()
    store.unpin("stream-1")
    store.pin("stream-1", [key("a")])
    shutil.rmtree(tmp_path / "media")
    store.put(key("a"), writes(b"frames"))
    assert store.read(key("a")) == b"frames"
    assert store.trouble() == ""


def test_a_folder_that_cannot_be_made_is_named(store: ClipStore, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "media")
    (tmp_path / "media").write_text("no folder")
    with pytest.raises(ClipStoreUnusable, match="media"):
        store.put(key("a"), refuses)
    with pytest.raises(ClipStoreUnusable):
        store.pin("stream-1", [key("a")])
    assert not store.has(key("a"))
    assert "can't be read" in store.trouble()


def test_damaged_pins_are_dropped_and_the_others_count(store: ClipStore, tmp_path: Path) -> None:
    store.pin("a", [key("1")])
    store.pin("b", [key("2"), key("3")])
    first = next((tmp_path / "media" / "pins").iterdir())
    first.write_bytes(b'{"keys')
    store.put(key("x"), writes(bytes(999)))
    store.put(key("y"), writes(bytes(999)))
    assert store.usage().pinned in (1, 2)
    assert not first.exists()


WRITE_LIMITED = """
import resource, sys
from pathlib import Path
from orchestrator.clock import SystemClock
from orchestrator.errors import ClipStoreFull, MediaError
from workers.clips.store import ClipStore

def plain(path):
    path.write_bytes(bytes(2000))

def worded(path):
    try:
        plain(path)
    except OSError as error:
        raise MediaError("can't be written") from error

store = ClipStore(Path(sys.argv[1]), 10**9, SystemClock())
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for make in (plain, worded):
    try:
        store.put(sys.argv[2], make)
    except ClipStoreFull:
        continue
    sys.exit("took more than it could")
store.put(sys.argv[2], lambda path: path.write_bytes(b"frames"))
"""


def test_a_limit_met_while_writing_leaves_nothing_and_what_fits_is_taken(tmp_path: Path) -> None:
    assert run(WRITE_LIMITED, tmp_path, key("a")) == [0]
    store = ClipStore(tmp_path, 1000, SystemClock())
    assert store.read(key("a")) == b"frames"
    assert files(tmp_path) == {f"{key('a')}.flv", f"{key('a')}.sum"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk; limits are tested without one, too")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_runs_full_is_named_and_free_again_it_is_used(small_disk: Path) -> None:
    store = ClipStore(small_disk, 10**9, SystemClock(), spare_bytes=0)
    store.put(key("there"), writes(bytes(1000)))
    with pytest.raises(ClipStoreFull):
        store.put(key("large"), writes(bytes(3 * 1024**2)))
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    for _ in range(3):
        with pytest.raises(ClipStoreFull):
            store.put(key("new"), writes(b"frames"))
    assert store.read(key("there")) == bytes(1000)
    with pytest.raises(ClipStoreFull):
        store.pin("stream-1", [key("there")])
    filler.unlink()
    store.put(key("new"), writes(b"frames"))
    assert store.read(key("new")) == b"frames"
    assert not list((small_disk / "making").iterdir())
    assert not list((small_disk / "locks").iterdir())


def test_a_name_that_is_no_key_is_refused(store: ClipStore) -> None:
    with pytest.raises(ValueError, match="64"):
        store.path(ClipKey("../../etc/passwd"))


ASK = """
import os, sys, time
from pathlib import Path
from orchestrator.clock import SystemClock
from workers.clips.store import ClipStore

root = Path(sys.argv[1])

def make(path):
    time.sleep(0.3)
    with (root / "made").open("a") as file:
        file.write("made\\n")
    path.write_bytes(b"frames")

ClipStore(root, 1000, SystemClock()).put(sys.argv[2], make)
"""
DIE_MAKING = """
import os, signal, sys
from pathlib import Path
from orchestrator.clock import SystemClock
from workers.clips.store import ClipStore

def make(path):
    path.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)

ClipStore(Path(sys.argv[1]), 1000, SystemClock()).put(sys.argv[2], make)
"""


def run(program: str, root: Path, wanted: ClipKey, times: int = 1) -> list[int]:
    command = [sys.executable, "-c", program, str(root), wanted]
    children = [subprocess.Popen(command) for _ in range(times)]
    return [child.wait(60) for child in children]


def files(root: Path) -> set[str]:
    return {p.name for p in root.rglob("*") if p.is_file() and p.name not in ("room.lock", "made")}


def test_many_processes_that_ask_at_once_make_one_clip(tmp_path: Path) -> None:
    assert run(ASK, tmp_path, key("a"), times=4) == [0, 0, 0, 0]
    assert len((tmp_path / "made").read_text().split()) == 1
    assert files(tmp_path) == {f"{key('a')}.flv", f"{key('a')}.sum"}


def test_a_process_killed_while_making_leaves_no_clip_and_no_lock(tmp_path: Path) -> None:
    assert run(DIE_MAKING, tmp_path, key("a")) == [-signal.SIGKILL]
    store = ClipStore(tmp_path, 1000, SystemClock())
    assert not store.has(key("a"))
    store.tidy()
    assert files(tmp_path) == set()
    store.put(key("a"), writes(b"frames"))
    assert store.fetch(key("a")).read_bytes() == b"frames"


def test_tidying_leaves_alone_what_is_being_made(tmp_path: Path) -> None:
    store = ClipStore(tmp_path, 1000, SystemClock())
    other = ClipStore(tmp_path, 1000, SystemClock())

    def make(path: Path) -> None:
        path.write_bytes(b"frames")
        other.tidy()

    store.put(key("a"), make)
    assert other.fetch(key("a")).read_bytes() == b"frames"
