"""How far a drain is, as somebody who waits for it is told. Pure.

    moved       the stream is placed on another node now
    ended       it was stopped meanwhile, or taken out of the matrix
    stuck       nothing that is left can move, for `STUCK_SECONDS` at least: waiting is no use

A node is empty when nothing is placed there and it carries nothing any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from orchestrator.cli.console import counted
from orchestrator.domain.node import Farewell, NodeBeat
from orchestrator.domain.placement import Placement
from orchestrator.ids import NodeId, StreamId

STUCK_SECONDS = 3.0
"""A node that has room may just be starting."""
UNANSWERED_SECONDS = 5.0
"""A coordinator looks twice a second, and another leads within three if it dies."""
NAMED = 5


class Outcome(StrEnum):
    """What has become of a drain."""

    GOES_ON = "goes on"
    EMPTY = "empty"
    STUCK = "stuck"


@dataclass(frozen=True)
class Look:
    """What store and board say at one moment."""

    placements: tuple[Placement, ...]
    beat: NodeBeat | None
    farewell: Farewell | None
    broker_answers: bool = True

    def placed_on(self, node: NodeId) -> tuple[StreamId, ...]:
        """Streams that are placed there."""
        here = [p.stream for p in self.placements if p.node == node and not p.standby]
        return tuple(sorted(here))

    def where(self, stream: StreamId) -> NodeId | None:
        """Where a stream is placed."""
        found = [p.node for p in self.placements if p.stream == stream and not p.standby]
        return found[0] if found else None


@dataclass
class Draining:
    """One node's drain, from the command to its end. Times are monotonic."""

    node: NodeId
    began: float
    moved: dict[StreamId, NodeId] = field(default_factory=dict)
    ended: list[StreamId] = field(default_factory=list)
    left: tuple[StreamId, ...] = ()
    homeless: Mapping[StreamId, str] = field(default_factory=dict)
    _stuck_from: float | None = None
    _last_news: str = ""

    def take_in(self, look: Look, now: float) -> list[str]:
        """What is new since the last look, in words, a line each."""
        lines: list[str] = []
        here = look.placed_on(self.node)
        for stream in self.left:
            if stream not in here:
                lines.append(self._gone(stream, look.where(stream)))
        self.left = here
        answer = look.farewell
        self.homeless = {} if answer is None else dict(answer.homeless)
        stuck = bool(here) and all(stream in self.homeless for stream in here)
        self._stuck_from = (self._stuck_from or now) if stuck else None
        news = self._news(look, now)
        if news and news != self._last_news:
            lines.append(news)
        self._last_news = news
        return lines

    def outcome(self, look: Look, now: float) -> Outcome:
        """Whether waiting is over."""
        if not self.left and (look.beat is None or not look.beat.streams):
            return Outcome.EMPTY
        if self._stuck_from is not None and now - self._stuck_from >= STUCK_SECONDS:
            return Outcome.STUCK
        return Outcome.GOES_ON

    def why(self, stream: StreamId) -> str:
        """Why a stream is still there."""
        return self.homeless.get(stream) or "it has not moved yet"

    def _gone(self, stream: StreamId, where: NodeId | None) -> str:
        if where is None:
            self.ended.append(stream)
            return f"  {stream}: ended"
        self.moved[stream] = where
        return f"  {stream}: moved to {where}"

    def _news(self, look: Look, now: float) -> str:
        if not self.left:
            return ""
        if not look.broker_answers:
            return "  the broker doesn't answer; the streams stay on air where they are"
        if look.farewell is None and now - self.began >= UNANSWERED_SECONDS:
            return "  no coordinator answers: start one with doppelcast coordinator"
        reasons = sorted({self.homeless[s] for s in self.left if s in self.homeless})
        stuck = [stream for stream in self.left if stream in self.homeless]
        return f"  can't leave yet: {named(stuck)} ({'; '.join(reasons)})" if stuck else ""


def named(streams: Sequence[StreamId]) -> str:
    """Their names, if they aren't too many."""
    shown = ", ".join(streams[:NAMED])
    more = len(streams) - NAMED
    return shown if more <= 0 else f"{shown} and {counted(more, 'other')}"
