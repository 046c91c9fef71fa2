"""How memory goes on from one pass to the next. Pure.

A stream whose placement ended unasked gets another one at once; the next such end in a row costs a
wait, and each further one twice as much, so that a run that dies at its start doesn't make a storm.
A minute on air and all is forgiven. A node that is lost is seldom the fault of a stream on it, and
most of them were on air: that costs a wait only after `PATIENT_LOSSES` ends, for one of them may be
what brings its nodes down.
"""

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.coordinator.aside import remembered
from orchestrator.coordinator.diff import CUT_OFF, LOST, NO_TROUBLE, START_SECONDS, End
from orchestrator.coordinator.hours import overstaying
from orchestrator.coordinator.move import HANDOVER_SECONDS, Moves
from orchestrator.coordinator.situation import Handover, Memory, Sighting, Situation, Trouble
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase
from orchestrator.ids import FencingToken, StreamId

PATIENT_LOSSES = 4
HEARING_SECONDS = 1.5
"""Time for a node to answer, asked twice."""
FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0
STEADY_SECONDS = 60.0
CHANGING_OVER = frozenset({Phase.READY, Phase.CONNECTING})
"""How far a stream is that a leader promoted just before it was replaced."""


def seen(memory: Memory, situation: Situation, now: float, wall: float) -> Memory:
    """Memory after a look at the situation."""
    sightings: dict[FencingToken, Sighting] = {}
    here = Sighting(now, seen=True)
    troubles = {s: t for s, t in memory.troubles.items() if s in situation.desired}
    for placement in situation.open_placements:
        if situation.carried(placement) is not None or situation.leased(placement):
            sightings[placement.token] = here
        else:
            before = memory.sightings.get(placement.token)
            sightings[placement.token] = _missed(placement, before, now, wall)
        if placement.stream in troubles and _steady(situation, placement):
            del troubles[placement.stream]
    standbys = [standby.token for standby in situation.standbys.values()]
    return replace(
        remembered(memory, situation, now, wall),
        fresh=False,
        give_up_from=_give_up_from(memory, situation, now),
        sightings=sightings,
        troubles=troubles,
        balks=_balks(memory, situation),
        standing_by={token: memory.standing_by.get(token, now) for token in standbys},
        handovers=_handovers(memory, situation, now),
        overstaying=overstaying(memory, situation, now),
    )


def ended(memory: Memory, ends: Sequence[End], now: float) -> Memory:
    """Memory after placements have ended."""
    troubles: dict[StreamId, Trouble] = dict(memory.troubles)
    for end in ends:
        stream = end.placement.stream
        troubles[stream] = _trouble(troubles.get(stream, NO_TROUBLE), end, now)
    return replace(memory, troubles=troubles)


def moved(memory: Memory, situation: Situation, decided: Moves, now: float) -> Memory:
    """Memory after standbys were promoted or called off."""
    balks, handovers = dict(memory.balks), dict(memory.handovers)
    for call_off in decided.called_off:
        if call_off.failed:
            standby = call_off.standby
            end = End(standby, call_off.reason, started=False)
            balks[standby.stream] = _trouble(balks.get(standby.stream, NO_TROUBLE), end, now)
    for promotion in decided.promotions:
        balks.pop(promotion.standby.stream, None)
        old = promotion.old
        if old is not None and old.node in situation.draining:
            handovers[promotion.standby.token] = Handover(old.node, now)
    return replace(memory, balks=balks, handovers=handovers)


def redis_is_back(memory: Memory, now: float, lease_seconds: float) -> Memory:
    """Memory after Redis was away or has restarted: holders get a lease's time to register."""
    patient = max(memory.place_from, now + lease_seconds)
    return replace(memory, place_from=patient, give_up_from=patient)


def _give_up_from(memory: Memory, situation: Situation, now: float) -> float:
    """After a time in which nobody was asked, nodes get the time to answer."""
    if not situation.deaf:
        return memory.give_up_from
    return max(memory.give_up_from, now + HEARING_SECONDS)


def _missed(placement: Placement, before: Sighting | None, now: float, wall: float) -> Sighting:
    """What is known of a run that isn't seen now."""
    if before is not None:
        return before if before.missed_at is not None else replace(before, missed_at=now)
    # A new leader asks the wall clock how long the run has had to begin. If that clock has jumped,
    # the run is replaced too early or too late; lease and token see to it that it isn't doubled.
    age = min(max(0.0, wall - placement.granted_at), START_SECONDS)
    return Sighting(now - age, seen=False, missed_at=now)


def _balks(memory: Memory, situation: Situation) -> dict[StreamId, Trouble]:
    """What is known of moves that failed, as long as the stream is still to move."""
    kept: dict[StreamId, Trouble] = {}
    for stream, balk in memory.balks.items():
        placement = situation.placements.get(stream)
        if placement is None or stream not in situation.desired:
            continue
        if situation.deserted(placement) or placement.node in situation.draining:
            kept[stream] = balk
    return kept


def _handovers(memory: Memory, situation: Situation, now: float) -> dict[FencingToken, Handover]:
    """Promoted standbys that aren't seen on air yet, and had not too much time for it."""
    found: dict[FencingToken, Handover] = {}
    if not memory.fresh and not memory.handovers:
        return found
    for placement in situation.placements.values():
        token, status = placement.token, situation.carried(placement)
        handover = memory.handovers.get(token)
        if memory.fresh and status is not None and status.phase in CHANGING_OVER:
            handover = Handover(None, now)
        over = status is not None and status.phase is Phase.ON_AIR
        if handover is not None and not over and now - handover.since < HANDOVER_SECONDS:
            found[token] = handover
    return found


def _steady(situation: Situation, placement: Placement) -> bool:
    status = situation.carried(placement)
    if status is None or status.phase is not Phase.ON_AIR:
        return False
    return status.on_air_seconds >= STEADY_SECONDS


def _trouble(before: Trouble, end: End, now: float) -> Trouble:
    node = end.placement.node
    if end.wished:
        return Trouble(node=node)
    beyond = before.count - (PATIENT_LOSSES if end.reason in (LOST, CUT_OFF) else 1)
    wait = 0.0 if beyond < 0 else FIRST_WAIT * 2**beyond
    return Trouble(
        count=min(before.count + 1, 20),
        not_before=now + min(wait, LONGEST_WAIT),
        node=node,
        avoid=not end.started,
    )
