"""How memory goes on from one pass to the next. Pure.

A stream whose placement ended unasked gets another one at once; the next such end in a row costs a
wait, and each further one twice as much, so that a run that dies at its start doesn't make a storm.
A minute on air and all is forgiven.
"""

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.coordinator.diff import NO_TROUBLE, START_SECONDS, End
from orchestrator.coordinator.situation import Memory, Sighting, Situation, Trouble
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase
from orchestrator.ids import FencingToken, StreamId

FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0
STEADY_SECONDS = 60.0


def seen(memory: Memory, situation: Situation, now: float, wall: float) -> Memory:
    """Memory after a look at the situation."""
    sightings: dict[FencingToken, Sighting] = {}
    troubles = {s: t for s, t in memory.troubles.items() if s in situation.desired}
    for placement in situation.placements.values():
        before = memory.sightings.get(placement.token)
        sightings[placement.token] = _sighting(situation, placement, before, now, wall)
        if placement.stream in troubles and _steady(situation, placement):
            del troubles[placement.stream]
    return replace(memory, sightings=sightings, troubles=troubles)


def ended(memory: Memory, ends: Sequence[End], now: float) -> Memory:
    """Memory after placements have ended."""
    troubles: dict[StreamId, Trouble] = dict(memory.troubles)
    for end in ends:
        stream = end.placement.stream
        troubles[stream] = _trouble(troubles.get(stream, NO_TROUBLE), end, now)
    return replace(memory, troubles=troubles)


def redis_is_back(memory: Memory, now: float, lease_seconds: float) -> Memory:
    """Memory after Redis was away or has restarted: holders get a lease's time to register."""
    patient = max(memory.place_from, now + lease_seconds)
    return replace(memory, place_from=patient, give_up_from=patient)


def _sighting(
    situation: Situation,
    placement: Placement,
    before: Sighting | None,
    now: float,
    wall: float,
) -> Sighting:
    if situation.carried(placement) is not None or situation.leased(placement):
        return Sighting(now, seen=True)
    if before is not None:
        return before
    # A new leader asks the wall clock how long the run has had to begin. If that clock has jumped,
    # the run is replaced too early or too late; lease and token see to it that it isn't doubled.
    age = min(max(0.0, wall - placement.granted_at), START_SECONDS)
    return Sighting(now - age, seen=False)


def _steady(situation: Situation, placement: Placement) -> bool:
    status = situation.carried(placement)
    if status is None or status.phase is not Phase.ON_AIR:
        return False
    return status.on_air_seconds >= STEADY_SECONDS


def _trouble(before: Trouble, end: End, now: float) -> Trouble:
    node = end.placement.node
    if end.wished:
        return Trouble(node=node)
    wait = 0.0 if before.count == 0 else FIRST_WAIT * 2 ** (before.count - 1)
    return Trouble(
        count=min(before.count + 1, 20),
        not_before=now + min(wait, LONGEST_WAIT),
        node=node,
        avoid=not end.started,
    )
