"""The clip store on a real disk, shared by real processes, crashed in the middle of its work."""

import errno
import hashlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.clock import SystemClock
from orchestrator.errors import ClipCorrupt, ClipMissing, MediaError, RenderFailed
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
    monkeypatch.setattr("workers.clips.store._digest", refuses)
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
    return [child.wait(30) for child in children]


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
