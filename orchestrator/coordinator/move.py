"""How streams leave a node without leaving the air. Pure.

A stream that is to leave its node gets a standby on another one, which prepares and pauses at its
first packet. When it says that it is ready, it is promoted: the old placement ends with that, the
old run sees itself replaced and closes, the new one connects. Nothing of the old run is touched
before; a standby that isn't ready in time, or whose node is lost, is called off, and another node
is tried.

Streams leave a node that is drained by order, that was told to end, or that is silent; and one that
is cut off from Redis, as far as they are off air there (the rest would not hear of it). Of a node
that drains, two prepare at a time and one changes over at a time. A silent node is taken to be lost
only when the leases of its streams have run out; preparing until then saves that much time, and if
it speaks again nothing has happened.

A standby whose stream has lost its placement meanwhile is promoted at once, ready or not. A stream
whose shop is closed goes nowhere.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.coordinator.diff import (
    NO_TROUBLE,
    START_SECONDS,
    End,
    Place,
    is_pinned,
    refused,
    why_unwanted,
)
from orchestrator.coordinator.hours import opens
from orchestrator.coordinator.place import Assigned
from orchestrator.coordinator.situation import Memory, Situation
from orchestrator.domain.node import Farewell
from orchestrator.domain.placement import DesiredStream, Placement
from orchestrator.domain.schedule import CLOSED
from orchestrator.domain.stream import Phase
from orchestrator.ids import NodeId, StreamId

MOST_PREPARING = 2
"""Of one node's streams at a time: one changes over while the next one prepares."""
READY_SECONDS = 30.0
"""A standby that has begun and isn't ready by then isn't going to be."""
HANDOVER_SECONDS = 5.0
"""The next stream follows after that long even if the last one isn't seen on air yet."""


@dataclass(frozen=True)
class Promote:
    """Let a standby take over."""

    standby: Placement
    old: Placement | None
    """None: it has ended already."""
    reason: str
    """Why the old one ends."""


@dataclass(frozen=True)
class CallOff:
    """End a standby; the stream stays where it is."""

    standby: Placement
    reason: str
    failed: bool = False
    """Whether another node is to be tried."""


@dataclass(frozen=True)
class Moves:
    """What is to be done about streams that have a standby, or need one."""

    promotions: tuple[Promote, ...] = ()
    called_off: tuple[CallOff, ...] = ()
    wishes: tuple[Place, ...] = ()
    pins: tuple[tuple[DesiredStream, Placement], ...] = ()
    """Standbys that the board has lost, or names an older spec of."""
    leftovers: tuple[StreamId, ...] = ()
    """Streams of which the board says that somebody prepares, though nobody does."""

    @property
    def nothing_changes(self) -> bool:
        """Whether all that prepares may go on as it is."""
        return not (self.promotions or self.called_off or self.pins or self.leftovers)


def moves(situation: Situation, memory: Memory, ends: Sequence[End], now: float) -> Moves:
    """What is to be done now, given the placements that are found to be over."""
    over = {end.placement.stream: end for end in ends}
    called_off, staying = [], []
    for standby in sorted(situation.standbys.values(), key=lambda standby: standby.token):
        call_off = _called_off(situation, memory, standby, over, now)
        if call_off is None:
            staying.append(standby)
        else:
            called_off.append(call_off)
    return Moves(
        promotions=(
            *_inherits(situation, staying, over),
            *_handovers(situation, memory, staying, over),
        ),
        called_off=tuple(called_off),
        wishes=_wishes(situation, memory, over, now),
        pins=tuple(_unpinned(situation, staying)),
        leftovers=tuple(sorted(situation.nexts.keys() - situation.standbys.keys())),
    )


def leaves(situation: Situation, memory: Memory, placement: Placement, now: float) -> bool:
    """Whether the stream is to go elsewhere."""
    if placement.node in situation.draining:
        return True
    return now >= memory.give_up_from and situation.deserted(placement)


def within_bounds(
    assigned: Assigned, situation: Situation
) -> tuple[tuple[DesiredStream, NodeId], ...]:
    """Of the streams that have found a node, those that may prepare now."""
    preparing = Counter(_source(situation, stream) for stream in situation.standbys)
    chosen = []
    for desired, node in assigned.assignments:
        source = _source(situation, desired.spec.stream)
        if source not in situation.draining or preparing[source] < MOST_PREPARING:
            preparing[source] += 1
            chosen.append((desired, node))
    return tuple(chosen)


def farewells(situation: Situation, stuck: Sequence[DesiredStream]) -> tuple[Farewell, ...]:
    """How far each node is that drains; `stuck` are the streams for which there is no room."""
    nowhere = {desired.spec.stream for desired in stuck}
    why = why_stuck(situation)
    found = []
    for beat in situation.beats:
        if beat.node in situation.draining:
            here = sorted(p.stream for p in situation.placed_on(beat.node) if not p.standby)
            order = situation.orders.get(beat.node)
            farewell = Farewell(
                node=beat.node,
                boot=beat.boot,
                by_order=order is not None and order.drains,
                left=len(here),
                homeless=tuple((stream, why) for stream in here if stream in nowhere),
            )
            found.append(farewell)
    return tuple(found)


def why_stuck(situation: Situation) -> str:
    """Why a stream can't leave its node, in words."""
    others = [beat.node for beat in situation.takers]
    if not others:
        return "there is no other node that takes streams"
    if not set(others) - situation.set_aside:
        return "streams keep failing on all other nodes, so they are set aside"
    return "no other node has a free slot"


def _source(situation: Situation, stream: StreamId) -> NodeId | None:
    placement = situation.placements.get(stream)
    return None if placement is None else placement.node


def _called_off(
    situation: Situation,
    memory: Memory,
    standby: Placement,
    over: Mapping[StreamId, End],
    now: float,
) -> CallOff | None:
    stream, source = standby.stream, situation.placements.get(standby.stream)
    desired = situation.desired.get(stream)
    unwanted = why_unwanted(desired, standby)
    if unwanted is not None or desired is None:
        return CallOff(standby, unwanted or "")
    if not opens(situation, desired):
        return CallOff(standby, CLOSED)
    broken = _broken(situation, memory, standby, now)
    if source is None or stream in over:
        if refused(situation, desired):
            return CallOff(standby, situation.observations[stream].reason)
    elif source.node not in situation.draining and not situation.deserted(source):
        return CallOff(standby, f"the stream stays on {source.node}")
    else:
        broken = broken or _useless(situation, memory, standby, now)
    return None if broken is None else CallOff(standby, broken, failed=True)


def _broken(situation: Situation, memory: Memory, standby: Placement, now: float) -> str | None:
    """Why a standby can't take over any more."""
    if situation.beat_of(standby.node) is None:
        return f"{standby.node} is lost" if now >= memory.give_up_from else None
    if standby.node in situation.cut_off:
        return f"{standby.node} can't reach Redis"
    sighting = memory.sightings.get(standby.token)
    if sighting is not None and sighting.seen and situation.carried(standby) is None:
        return f"the run on {standby.node} has ended"
    return None


def _useless(situation: Situation, memory: Memory, standby: Placement, now: float) -> str | None:
    """Why the stream should rather go elsewhere, as long as it is on air where it was."""
    if standby.node in situation.draining:
        return f"{standby.node} is being emptied, too"
    if standby.node in situation.set_aside:
        return f"{standby.node} was set aside"
    status = situation.carried(standby)
    waited = now - memory.standing_by.get(standby.token, now)
    if status is None:
        return f"{standby.node} did not begin it" if waited >= START_SECONDS else None
    late = status.phase is not Phase.READY and waited >= READY_SECONDS
    return f"{standby.node} was not ready in time" if late else None


def _inherits(
    situation: Situation, standbys: Sequence[Placement], over: Mapping[StreamId, End]
) -> list[Promote]:
    """Standbys whose streams have lost their placements."""
    found = []
    for standby in standbys:
        old, end = situation.placements.get(standby.stream), over.get(standby.stream)
        if old is None or end is not None:
            reason = "the placement has ended" if end is None else end.reason
            found.append(Promote(standby, old, reason))
    return found


def _handovers(
    situation: Situation,
    memory: Memory,
    standbys: Sequence[Placement],
    over: Mapping[StreamId, End],
) -> list[Promote]:
    """Standbys that are ready, one of each node that drains, unless one changes over there now."""
    busy = {handover.source for handover in memory.handovers.values()}
    found: list[Promote] = []
    if None in busy:
        return found
    for standby in standbys:
        old, status = situation.placements.get(standby.stream), situation.carried(standby)
        if old is None or standby.stream in over or status is None:
            continue
        # A node that beats late may not hear that it is replaced.
        hears = old.node in situation.draining and old.node not in situation.late
        free = hears and old.node not in busy
        if free and status.phase is Phase.READY:
            busy.add(old.node)
            found.append(Promote(standby, old, f"moved to {standby.node}"))
    return found


def _wishes(
    situation: Situation,
    memory: Memory,
    over: Mapping[StreamId, End],
    now: float,
) -> tuple[Place, ...]:
    """Streams that need a standby."""
    if now < memory.place_from:
        return ()
    found = []
    leaving = [p for p in situation.placements.values() if leaves(situation, memory, p, now)]
    for placement in sorted(leaving, key=lambda placement: placement.stream):
        stream = placement.stream
        balk = memory.balks.get(stream, NO_TROUBLE)
        desired = situation.desired.get(stream)
        if desired is None or stream in over or stream in situation.standbys:
            continue
        if why_unwanted(desired, placement) is not None or not opens(situation, desired):
            continue
        if now >= balk.not_before:
            found.append(Place(desired, avoid=balk.node if balk.avoid else None, moves=True))
    return tuple(found)


def _unpinned(
    situation: Situation, standbys: Sequence[Placement]
) -> list[tuple[DesiredStream, Placement]]:
    found = []
    for standby in standbys:
        want = situation.nexts.get(standby.stream)
        desired = situation.desired.get(standby.stream)
        if desired is not None and not is_pinned(want, desired, standby):
            found.append((desired, standby))
    return found
