"""A home belongs to one running fleet: a lock held by `up` or `demo`, and a note of its broker.

    home.lock   locked for as long as the command lives, however it ends; says who holds it
    up.json     the embedded broker's address, for the owner's eyes only

A note counts only while the lock is held: what a killed command left behind is passed over.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from orchestrator.clock import Clock, SystemClock
from orchestrator.errors import ConfigurationError

LOCK = "home.lock"
NOTE = "up.json"
TRIES, TRY_SECONDS = 5, 0.1
"""A look at the lock holds it for a moment; that isn't somebody's fleet."""


def make_home(home: Path) -> Path:
    """The folder, made if need be, and writable."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".{os.getpid()}.probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"The home {home} can't be written: {error.strerror}. "
            "Set DOPPELCAST_HOME to a folder that you may write."
        ) from error
    return home


@contextmanager
def sole_use(home: Path, verb: str, clock: Clock | None = None) -> Iterator[None]:
    """Have a home to oneself; `ConfigurationError` if a fleet runs there already."""
    clock = clock or SystemClock()
    with (make_home(home) / LOCK).open("a+", encoding="utf-8") as lock:
        for _ in range(TRIES):
            if _taken(lock, fcntl.LOCK_EX):
                break
            clock.wait(TRY_SECONDS)
        else:
            raise ConfigurationError(_occupied(home, lock))
        lock.truncate(0)
        lock.write(f"doppelcast {verb}, process {os.getpid()}")
        lock.flush()
        try:
            yield
        finally:
            take_note_back(home)
            lock.truncate(0)


def in_use(home: Path) -> bool:
    """Whether a fleet runs in that home now."""
    try:
        with (home / LOCK).open(encoding="utf-8") as lock:
            return not _taken(lock, fcntl.LOCK_SH)
    except OSError:
        return False


def _taken(lock: TextIO, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _occupied(home: Path, lock: TextIO) -> str:
    lock.seek(0)
    who = lock.read().strip() or "another doppelcast"
    return (
        f"The home {home} is in use by {who}. Look at it with `doppelcast status`, change it with "
        "`doppelcast apply MATRIX`, or set DOPPELCAST_HOME to another folder for a second fleet."
    )


def noted_broker(home: Path) -> str | None:
    """The address of the embedded broker that runs there now."""
    if not in_use(home):
        return None
    try:
        note = json.loads((home / NOTE).read_text(encoding="utf-8"))
        return str(note["redis_url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def leave_note(home: Path, redis_url: str) -> None:
    """Say where the embedded broker listens."""
    path = home / NOTE
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps({"redis_url": redis_url}), encoding="utf-8")


def take_note_back(home: Path) -> None:
    """The embedded broker is gone."""
    (home / NOTE).unlink(missing_ok=True)
