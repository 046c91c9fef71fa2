"""Stepping along the clip grid in real time: which bytes are due when.

A connection begins at time 0. Clips follow one another without a gap: each starts where the one
before it ended, a multiple of 320 ms. Bytes go out in slices of one grid unit, `LEAD_SECONDS`
before they are due, so that a late wake-up never starves the receiver. When a slice is due is
computed from the connection's anchor, never from the slice before, so nothing drifts over days.

A process that was stopped for longer than `BEHIND_SECONDS` doesn't make up for it by sending
faster: the anchor moves to now, and the times in the stream stay continuous.

Pure, but for the clip's bytes being copied.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from orchestrator.domain.media import FRAME_MS, UNIT_MS
from workers.media.flv import Clip, restamped

SLICE_MS = UNIT_MS
LEAD_SECONDS = 0.6
BEHIND_SECONDS = 2.0
LONGEST_CONNECTION_MS = 20 * 24 * 3600 * 1000
"""Times in FLV end at 24.8 days; a connection is renewed in good time before."""


@dataclass(frozen=True)
class Anchor:
    """At which moment of the monotonic clock time 0 of the connection is due."""

    zero: float
    lost: float = 0.0
    """Seconds that were skipped because this process stood still."""

    def due(self, ms: int) -> float:
        """When a piece that begins at that time has to leave."""
        return self.zero + ms / 1000 - LEAD_SECONDS

    def resumed(self, ms: int, now: float) -> "Anchor":
        """The anchor that makes the piece at that time due now."""
        return replace(self, zero=now + LEAD_SECONDS - ms / 1000)

    def caught_up(self, ms: int, now: float) -> "Anchor":
        """The anchor to go on with: moved if the piece is hopelessly late."""
        late = now - self.due(ms)
        if late <= BEHIND_SECONDS:
            return self
        return replace(self.resumed(ms, now), lost=self.lost + late)


@dataclass(frozen=True)
class Piece:
    """One grid unit of a clip at its place on air."""

    clip: Clip
    base_ms: int
    begin_ms: int
    """From the clip's start."""
    end_ms: int

    @property
    def starts_at(self) -> int:
        """Its time in the stream."""
        return self.base_ms + self.begin_ms

    @property
    def frames(self) -> int:
        """How many pictures are in it."""
        return (self.end_ms - self.begin_ms) // FRAME_MS

    def data(self) -> bytes:
        """Its tags, with their times on air."""
        clip = self.clip
        return restamped(clip, self.base_ms, clip.tag_at(self.begin_ms), clip.tag_at(self.end_ms))


def pieces(clip: Clip, base_ms: int, most_ms: int | None = None) -> Iterator[Piece]:
    """A clip at its place, or so much of it, a grid unit at a time."""
    end = clip.duration_ms if most_ms is None else min(clip.duration_ms, most_ms)
    for begin in range(0, end, SLICE_MS):
        yield Piece(clip, base_ms, begin, min(begin + SLICE_MS, end))
