"""Whether a connection on air has stalled, by what the kernel says of it. Pure.

    watch = watched(watch, acks, sent, now)      # a few times a second
    stall = stalled(watch, now)                  # None: bytes move, or there is nothing to move

`sent` counts what ffmpeg has taken from us, `acks` what the endpoint's machine has acknowledged.
That machine goes on acknowledging while its buffer has room, for seconds at a low rate; but each
acknowledgement also says how much room is left. Room that only shrinks, by as much as is sent,
belongs to a server that has stopped reading: it is noticed long before the buffer is full.

A clock runs from the first look at which something was on its way and nothing had moved since the
last; so a process that was frozen itself begins to count after the thaw, and judges nobody by its
own sleep.
"""

from dataclasses import dataclass
from enum import StrEnum

from workers.process.kernel_acks import Acks

UNREAD_SECONDS = 2.25
"""For so long all that arrives stays unread. Ingests read all the time; one that stores a second of
stream before it looks is forgiven."""
SHUT_SECONDS = 2.0
"""The endpoint's machine answers, and says that it has no room at all: the same, seen later."""
SILENT_SECONDS = 3.0
"""Nothing is acknowledged although it was sent. A line that loses everything for a second looks the
same for longer: TCP repeats after about 0.2 s, then 0.4, 0.8, 1.6 …, so what was repeated in vain
just before the line came back goes out again up to 1.2 s after that: 2.2 s after the first loss,
2.5 s with a slow line's longer first step. Half a second more for a busy machine."""
FROZEN_SECONDS = 3.0
"""ffmpeg takes data and passes nothing on. It needs 0.05 s when it runs; less patience would blame
it for a machine that is out of processor time."""
_PAUSE_SECONDS = 1.0
"""A look that long after the last byte moved begins anew: nothing was sent."""
_TELLING_BYTES = 32 * 1024
"""Room is told in steps, of 16 KiB at most; fewer bytes than this say nothing about it."""


class Culprit(StrEnum):
    """Who holds the stream up."""

    ENDPOINT = "endpoint"
    LINE = "line"
    FFMPEG = "ffmpeg"


@dataclass(frozen=True)
class Stall:
    """Nothing has moved for too long."""

    culprit: Culprit
    words: str


@dataclass(frozen=True)
class Level:
    """A look at which the endpoint was still reading, as far as is known."""

    at: float
    acked: int
    room: int


@dataclass(frozen=True)
class Watch:
    """The last look at a connection, and since when nothing has moved."""

    at: float
    acks: Acks
    sent: int
    """What ffmpeg had taken when the endpoint last acknowledged something."""
    moved_at: float
    """When that was."""
    since: float | None
    """From when on something was on its way and nothing moved. None: nothing is on its way."""
    level: Level | None
    """None where the kernel doesn't tell of room."""


def watched(before: Watch | None, acks: Acks, sent: int, now: float) -> Watch:
    """The watch after another look."""
    level = _level(before, acks, now)
    if before is None or acks.acked != before.acks.acked:
        return Watch(now, acks, sent, now, now if acks.waiting else None, level)
    since = before.since if acks.waiting or sent != before.sent else None
    if since is None and (acks.waiting or sent != before.sent):
        since = now
    return Watch(now, acks, before.sent, before.moved_at, since, level)


def stalled(watch: Watch, now: float) -> Stall | None:
    """Who holds the stream up, if anybody does."""
    return _stopped(watch, now) or _unread(watch, now)


def _level(before: Watch | None, acks: Acks, now: float) -> Level | None:
    """The old level as long as everything since has stayed unread, else a new one.

    If something was read, that was before the last look or after it: the clock runs from there.
    """
    if acks.room is None:
        return None
    fresh = Level(now, acks.acked, acks.room)
    if before is None or before.level is None or before.acks.room is None:
        return fresh
    idle = not acks.waiting and now - before.moved_at >= _PAUSE_SECONDS
    if idle or acks.room > before.acks.room:
        return fresh
    arrived, filled = acks.acked - before.level.acked, before.level.room - acks.room
    if arrived >= _TELLING_BYTES and filled * 2 < arrived:
        return Level(before.at, before.acks.acked, before.acks.room)
    return before.level


def _unread(watch: Watch, now: float) -> Stall | None:
    level, acks = watch.level, watch.acks
    if level is None or acks.room is None or now - level.at < UNREAD_SECONDS:
        return None
    arrived, filled = acks.acked - level.acked, level.room - acks.room
    if arrived < _TELLING_BYTES or filled * 2 < arrived:
        return None
    words = f"it hasn't read anything for {now - level.at:.1f} s ({arrived} bytes)"
    return Stall(Culprit.ENDPOINT, words)


def _stopped(watch: Watch, now: float) -> Stall | None:
    if watch.since is None:
        return None
    seconds, acks = now - watch.since, watch.acks
    if not acks.waiting:
        words = f"ffmpeg has passed on nothing for {seconds:.1f} s"
        return Stall(Culprit.FFMPEG, words) if seconds >= FROZEN_SECONDS else None
    if acks.room == 0 or not acks.in_flight:
        words = f"it has had no room for {seconds:.1f} s; {acks.waiting} bytes wait"
        return Stall(Culprit.ENDPOINT, words) if seconds >= SHUT_SECONDS else None
    words = f"it has acknowledged nothing for {seconds:.1f} s"
    return Stall(Culprit.LINE, words) if seconds >= SILENT_SECONDS else None
