"""What the board says to one placement: carry the stream, prepare to take it over, or end. Pure.

    want:<stream>   has our token            → carry it (or end, if it says that nothing is wanted)
    next:<stream>   has our token            → prepare, and pause at the first packet
    either          has a newer token        → end
    neither, or an older one                 → nobody asks for us (yet, or any more)

A board that is empty says nothing: Redis was restarted, and everything will be pinned up again.
"""

from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.stream import Want
from orchestrator.ids import FencingToken


class Duty(StrEnum):
    """What a placement is to do."""

    CARRY = "carry"
    STAND_BY = "stand_by"
    NONE = "none"
    """The board asks for another placement, an older one."""
    UNKNOWN = "unknown"
    """The board says nothing about the stream."""
    END = "end"


@dataclass(frozen=True)
class Call:
    """A duty; an `END` comes with its reason."""

    duty: Duty
    reason: str = ""


def called(token: FencingToken, want: Want | None, successor: Want | None) -> Call:
    """What those two say to the placement with that token."""
    if want is not None and want.token > token:
        return Call(Duty.END, "a newer placement replaces this one")
    if want is not None and want.token == token:
        return Call(Duty.CARRY) if want.wanted else Call(Duty.END, "no longer wanted")
    if successor is not None and successor.token > token:
        return Call(Duty.END, "a newer placement is to take over instead")
    if successor is not None and successor.token == token:
        return Call(Duty.STAND_BY)
    return Call(Duty.UNKNOWN if want is None else Duty.NONE)
