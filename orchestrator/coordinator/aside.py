"""Which nodes are set aside: streams keep failing there, and it isn't the streams' fault. Pure.

Held against a node is a run that it never began, one that vanished, and an error of our own; not
what a platform did, nor what the matrix says. Runs that vanish together count once: their process
has died. Three in five minutes, of two streams at least, set a node aside for five minutes: nothing
is placed there, what runs there stays. That the whole node is lost counts less, for it may be the
network's fault or somebody's who restarts it: five are needed then. A stream that fails wherever it
goes proves nothing against a node, and the last node is never set aside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from orchestrator.coordinator.diff import GONE, LOST, NOT_BEGUN, End
from orchestrator.coordinator.situation import Blame, Memory, Situation
from orchestrator.domain.stream import Phase
from orchestrator.ids import NodeId, StreamId

WINDOW_SECONDS = 300.0
ASIDE_SECONDS = 300.0
ENOUGH_ENDS = 3
ENOUGH_WITH_LOSSES = 5
ENOUGH_STREAMS = 2
TOGETHER_SECONDS = 5.0
NAMED = 3
INTERNAL = "internal error"
"""How a run begins its last word when an error of our own ended it."""


def blamed(memory: Memory, situation: Situation, ends: Sequence[End], now: float) -> Memory:
    """Memory after placements have ended: what is held against which node."""
    kept = [blame for blame in memory.blames if now - blame.at < WINDOW_SECONDS]
    for end in ends:
        if not end.wished and _its_fault(end, memory) and _stays(end, situation):
            _hold_against(kept, end, now)
    return replace(memory, blames=tuple(kept))


def _hold_against(blames: list[Blame], end: End, now: float) -> None:
    node, streams = end.placement.node, frozenset({end.placement.stream})
    crash, lost = end.reason in (GONE, LOST), end.reason == LOST
    for at, blame in enumerate(blames):
        together = blame.crash and now - blame.at < TOGETHER_SECONDS
        if crash and together and blame.node == node:
            blames[at] = replace(blame, streams=blame.streams | streams)
            return
    blames.append(Blame(now, node, streams, crash, lost))


def remembered(memory: Memory, situation: Situation, now: float, wall: float) -> Memory:
    """Memory after a look at the orders: until when nodes are aside, and no longer than that.

    A new leader asks the wall clock how long that has been. If the clock has jumped, a node comes
    back too early or too late; no stream depends on that.
    """
    until: dict[NodeId, float] = {}
    for node, order in situation.orders.items():
        if order.aside_at is not None:
            age = min(max(0.0, wall - order.aside_at), ASIDE_SECONDS)
            until[node] = memory.aside_until.get(node, now + ASIDE_SECONDS - age)
    # Who was set aside begins anew, be it that its time is over or that somebody has lifted it.
    forgiven = memory.aside_until.keys() - until.keys()
    blames = tuple(blame for blame in memory.blames if blame.node not in forgiven)
    return replace(memory, aside_until=until, blames=blames)


def to_set_aside(memory: Memory, situation: Situation) -> Mapping[NodeId, str]:
    """Nodes that are to be set aside now, each with the reason in words."""
    hopeless = _failing_everywhere(memory, situation)
    others = {beat.node for beat in situation.takers} - situation.set_aside
    found: dict[NodeId, str] = {}
    for node in sorted(others):
        held = [b for b in memory.blames if b.node == node and b.streams - hopeless]
        streams = sorted({s for blame in held for s in blame.streams - hopeless})
        if len(streams) >= ENOUGH_STREAMS and _too_many(held) and others - found.keys() - {node}:
            minutes = round(WINDOW_SECONDS / 60)
            found[node] = (
                f"failed {len(held)} times within {minutes} minutes, with {_some(streams)}"
            )
    return found


def _too_many(held: Sequence[Blame]) -> bool:
    alone = sum(not blame.lost for blame in held)
    return alone >= ENOUGH_ENDS or len(held) >= ENOUGH_WITH_LOSSES


def to_lift(memory: Memory, now: float) -> tuple[NodeId, ...]:
    """Nodes that have been aside for long enough."""
    return tuple(sorted(node for node, until in memory.aside_until.items() if now >= until))


def _its_fault(end: End, memory: Memory) -> bool:
    if end.reason == NOT_BEGUN:
        # What was sent before Redis was away may never have come.
        sighting = memory.sightings.get(end.placement.token)
        return sighting is None or sighting.since >= memory.place_from
    return end.reason in (GONE, LOST) or end.reason.startswith(INTERNAL)


def _stays(end: End, situation: Situation) -> bool:
    """Runs on a node that is told to end may end in many ways."""
    return end.placement.node not in situation.draining


def _some(streams: Sequence[StreamId]) -> str:
    shown = ", ".join(streams[:NAMED])
    return shown if len(streams) <= NAMED else f"{shown} and {len(streams) - NAMED} more"


def _failing_everywhere(memory: Memory, situation: Situation) -> frozenset[StreamId]:
    """Streams that have failed on several nodes, and are on air on none."""
    nodes: dict[StreamId, set[NodeId]] = {}
    for blame in memory.blames:
        for stream in blame.streams:
            nodes.setdefault(stream, set()).add(blame.node)
    if not nodes:
        return frozenset()
    on_air = {s.stream for b in situation.beats for s in b.streams if s.phase is Phase.ON_AIR}
    return frozenset(s for s, where in nodes.items() if len(where) > 1 and s not in on_air)
