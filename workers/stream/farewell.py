"""A worker that was told to end: what becomes of the streams that it still carries. Pure.

They go on until the coordinator has moved them to other nodes, one after another; it says on the
board how far that is (`Farewell`). A stream is ended here, with a reason, when

    it isn't on air yet             nobody would miss it, and it is placed elsewhere at once
    nothing carried can move        the coordinator says so, for a moment at least
    nothing is left to move         what is still here belongs to nobody
    nobody coordinates              no answer for a while, though Redis can be reached
    the grace is over               whoever told us to end will not wait for ever

Without Redis nobody can answer, and nobody could take a stream over: what is on air stays there
until the grace is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestrator.domain.node import Farewell
from orchestrator.domain.stream import Phase
from orchestrator.ids import StreamId

SILENCE_SECONDS = 3.0
"""A coordinator looks twice a second, and another leads within that time if it dies."""
HOMELESS_SECONDS = 1.0
"""Not at the first word: the node that has room may just be starting again."""
LEFTOVER_SECONDS = 5.0
"""A stream that has moved closes its connection meanwhile."""
NOT_ON_AIR_YET = frozenset({Phase.PLANNED, Phase.PREPARING, Phase.READY})


@dataclass(frozen=True)
class Aboard:
    """A stream that is still carried."""

    stream: StreamId
    phase: Phase


@dataclass(frozen=True)
class Leave:
    """What is known since the worker was told to end. Times are monotonic."""

    begun_at: float
    heard_at: float
    """When the coordinator's last answer was seen, or could not be looked for."""
    answer: Farewell | None = None
    homeless_from: float | None = None
    """Since when nothing that is left can move."""
    empty_from: float | None = None
    """Since when nothing is left to move."""


def begun(now: float) -> Leave:
    """Just told to end."""
    return Leave(begun_at=now, heard_at=now)


def unheard(leave: Leave, now: float) -> Leave:
    """Redis can't be reached; that nobody answers says nothing."""
    return replace(leave, heard_at=now)


def heard(leave: Leave, answer: Farewell | None, boot: str, now: float) -> Leave:
    """After a look at the board, in the process with that boot."""
    if answer is None or answer.boot != boot:
        return leave
    stuck = answer.left > 0 and len(answer.homeless) >= answer.left
    return replace(
        leave,
        heard_at=now,
        answer=answer,
        homeless_from=_since(leave.homeless_from, stuck, now),
        empty_from=_since(leave.empty_from, answer.left == 0, now),
    )


def reasons(aboard: Sequence[Aboard], leave: Leave, grace: float, now: float) -> list[str]:
    """For each stream why it ends now; empty where it goes on."""
    everybody = _why_all(leave, grace, now)
    stuck = _stuck(leave, now)
    return [everybody or _why(one, stuck) for one in aboard]


def _why_all(leave: Leave, grace: float, now: float) -> str:
    if now - leave.begun_at >= grace:
        return f"the worker shuts down: its {grace:.0f} s of grace are over"
    if now - leave.heard_at >= SILENCE_SECONDS:
        return "the worker shuts down, and nobody coordinates"
    if _for(leave.empty_from, LEFTOVER_SECONDS, now):
        return "the worker shuts down, and nothing here is to be moved"
    return ""


def _stuck(leave: Leave, now: float) -> dict[StreamId, str]:
    if leave.answer is None or not _for(leave.homeless_from, HOMELESS_SECONDS, now):
        return {}
    return dict(leave.answer.homeless)


def _why(one: Aboard, stuck: dict[StreamId, str]) -> str:
    if one.phase in NOT_ON_AIR_YET:
        return "the worker shuts down before the stream was on air"
    if one.stream in stuck:
        return f"the worker shuts down, and {stuck[one.stream]}"
    return ""


def _since(before: float | None, true: bool, now: float) -> float | None:
    if not true:
        return None
    return now if before is None else before


def _for(since: float | None, seconds: float, now: float) -> bool:
    return since is not None and now - since >= seconds
