"""A shop's day: which double is on when, in the order of time. Pure; `now` is handed in.

A schedule is made of **acts**, what a double shows and says in this shop, and **turns**, when which
act is on. Turns are half open, don't overlap, and are in wall-clock seconds: the clock on the wall
decides, not when a process began. Between turns the shop is closed. A turn without a double is the
streamer's own: the room shows that a human is coming, until a human's feed is there.

A worker carries the whole schedule and follows it by itself, so that a day goes on as planned while
nobody coordinates. What changes in it is handed over on the same connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.domain.clip import PersonaFace
from orchestrator.domain.line import Line
from orchestrator.ids import PersonaId

CLOSED = "the shop is closed"
"""The last word of a run that ends because its shop closes: as planned, and nobody's fault."""


@dataclass(frozen=True)
class Act:
    """One double's part in a shop: who it is, and what it says there."""

    persona_id: PersonaId
    persona: PersonaFace
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Turn:
    """A stretch of a shop's day. Where the same double goes on, one turn follows the other."""

    begins_at: float
    ends_at: float
    """Wall-clock seconds; not part of the turn."""
    persona_id: PersonaId | None
    """The double that is on; None: the streamer's own hours."""
    operator: str = ""
    """Who answers for the room then, by name."""

    def covers(self, at: float) -> bool:
        """Whether it is this turn's time."""
        return self.begins_at <= at < self.ends_at


def turn_at(turns: Sequence[Turn], at: float) -> Turn | None:
    """Whose turn it is; None: the shop is closed."""
    return next((turn for turn in turns if turn.covers(at)), None)


def next_turn(turns: Sequence[Turn], at: float) -> Turn | None:
    """The first turn that hasn't begun."""
    return min(
        (turn for turn in turns if turn.begins_at > at),
        key=lambda turn: turn.begins_at,
        default=None,
    )


def open_at(turns: Sequence[Turn], at: float, lead: float = 0.0) -> bool:
    """Whether the shop is to be on air, or will be within `lead` seconds. No turns: all day."""
    return not turns or any(turn.begins_at - lead <= at < turn.ends_at for turn in turns)


def closes_at(turns: Sequence[Turn], at: float) -> float | None:
    """When the shop closes that is open: the end of the last turn that follows without a gap."""
    turn = turn_at(turns, at)
    while turn is not None:
        following = turn_at(turns, turn.ends_at)
        if following is None:
            return turn.ends_at
        turn = following
    return None
