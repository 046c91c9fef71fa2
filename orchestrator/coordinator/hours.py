"""When a stream's shop is open, as the coordinator sees it. Pure.

A worker follows its shop's turns by its own clock, and ends its run when the shop closes. The
coordinator only sees to it that a run is there when the shop opens: it places the stream some time
before, so that all is prepared, and stops a run that stays long after closing.
"""

from collections.abc import Mapping

from orchestrator.coordinator.situation import Memory, Situation
from orchestrator.domain.placement import DesiredStream, Placement
from orchestrator.domain.schedule import CLOSED, open_at
from orchestrator.domain.stream import Phase
from orchestrator.ids import FencingToken

LEAD_SECONDS = 120.0
"""Before a shop opens its stream is placed: clips are rendered, and a node is found."""
BELIEVED_SECONDS = 10.0
"""A run that says that the shop is closed is right for that long, whatever our own clock says."""
OVERSTAY_SECONDS = 60.0
"""A goodbye has been said by then."""


def opens(situation: Situation, desired: DesiredStream) -> bool:
    """Whether the stream's shop is open, or will be soon, so that a run is to be there."""
    turns = desired.spec.turns
    return open_at(turns, situation.wall, LEAD_SECONDS) and not _just_closed(situation, desired)


def closed(situation: Situation, desired: DesiredStream | None) -> bool:
    """Whether the shop is closed, so that a run is to be over."""
    if desired is None or not desired.spec.turns:
        return False
    return not open_at(desired.spec.turns, situation.wall) or _just_closed(situation, desired)


def overstaying(memory: Memory, situation: Situation, now: float) -> Mapping[FencingToken, float]:
    """Since when each placement is open though its shop is closed; `now` is monotonic.

    That is counted here rather than from the shop's hours: a clock that jumps stops nothing at
    once, and a plan that closes a shop leaves time for the goodbye.
    """
    found = {}
    for placement in situation.placements.values():
        desired = situation.desired.get(placement.stream)
        if desired is None or not desired.spec.turns:
            continue
        if not opens(situation, desired):
            found[placement.token] = memory.overstaying.get(placement.token, now)
    return found


def overstays(memory: Memory, placement: Placement, now: float) -> bool:
    """Whether the run has had enough time to say goodbye."""
    return now - memory.overstaying.get(placement.token, now) >= OVERSTAY_SECONDS


def _just_closed(situation: Situation, desired: DesiredStream) -> bool:
    """Whether a run has said so: by its node's clock, which may be a little ahead of ours."""
    word = situation.observations.get(desired.spec.stream)
    if word is None or word.phase is not Phase.ENDED or word.reason != CLOSED:
        return False
    return situation.wall < word.at + BELIEVED_SECONDS
