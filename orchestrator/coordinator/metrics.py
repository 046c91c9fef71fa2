"""What a coordinator shows to Prometheus: how its passes go, and, while it leads, the whole fleet.

The leader looks once a second at the situation that its pass has gathered anyway, and every few
seconds at the queues. What it shows of rooms and fleet is what it saw then; a standby shows none of
it. Whether rooms are on air is shown only while that is known: with Redis away it isn't, and then
the workers' own word counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle, islice

from redis import Redis

from orchestrator.clock import Clock
from orchestrator.coordinator.agreements import Agreements
from orchestrator.coordinator.diff import refused
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.schedule import open_at
from orchestrator.domain.stream import Phase
from orchestrator.errors import StoreUnavailable, WireUnreachable
from orchestrator.ids import NodeId, StreamId
from orchestrator.telemetry.exposition import Metrics, Observe, Tally
from orchestrator.telemetry.metrics import (
    COORDINATOR_FAILED_PASSES,
    COORDINATOR_LAST_PASS,
    COORDINATOR_LEADER,
    COORDINATOR_PASS_SECONDS,
    DRAIN_LEFT,
    DRAIN_SINCE,
    FLEET_NODES,
    FLEET_ON_AIR,
    FLEET_SLOTS,
    FLEET_SLOTS_FREE,
    FLEET_UNPLACED,
    FLEET_WANTED,
    QUEUE_MESSAGES,
    QUEUE_OLDEST,
    REDIS_REACHABLE,
    ROOM_HOLDERS,
    ROOM_OFF_AIR_SECONDS,
    ROOM_ON_AIR,
    ROOM_REFUSED,
    ROOM_WANTED,
    STORE_REACHABLE,
    Reading,
)
from orchestrator.wire.depths import Depth, depths
from orchestrator.wire.queues import RENDER_AHEAD, RENDER_NOW, REPORTS, node_queue

LOOK_SECONDS = 1.0
DEPTHS_SECONDS = 5.0
NODES_A_LOOK = 50
KNOWN_SECONDS = 15.0
"""What was seen longer ago isn't known any more."""
NODE_STATES = ("open", "draining", "aside", "cut_off")


@dataclass(frozen=True)
class Room:
    """A stream, wherever it runs."""

    stream: StreamId
    brand: str
    platform: str
    wanted: bool
    """Whether it shall be on air now: asked for, and its shop is open."""
    holders: int
    """Nodes that say that they have it on air."""
    placed: bool
    refused: bool

    @property
    def off_air(self) -> bool:
        """Whether it should be on air, and isn't."""
        return self.wanted and not self.holders

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.stream, self.brand, self.platform)


@dataclass(frozen=True)
class Drain:
    """A node that is being emptied."""

    left: int
    since: float
    """Wall-clock seconds."""


@dataclass(frozen=True)
class View:
    """What is shown of a situation."""

    rooms: tuple[Room, ...] = ()
    slots: int = 0
    free: int = 0
    nodes: Mapping[str, int] = field(default_factory=dict)
    drains: Mapping[NodeId, Drain] = field(default_factory=dict)


def viewed(situation: Situation, before: View, wall: float) -> View:
    """What is to be shown of it. `before`: remembers since when nodes drain. Pure."""
    return View(
        rooms=rooms(situation, wall),
        slots=sum(beat.slots for beat in situation.takers),
        free=max(0, situation.room),
        nodes=_nodes(situation),
        drains=_drains(situation, before, wall),
    )


def rooms(situation: Situation, wall: float) -> tuple[Room, ...]:
    """All rooms of the matrix that is in force."""
    holders: dict[StreamId, int] = {}
    for beat in situation.beats:
        for status in beat.streams:
            if status.phase is Phase.ON_AIR:
                holders[status.stream] = holders.get(status.stream, 0) + 1
    return tuple(
        Room(
            stream=stream,
            brand=desired.spec.brand_id,
            platform=desired.spec.platform,
            wanted=desired.wanted and open_at(desired.spec.turns, wall),
            holders=holders.get(stream, 0),
            placed=stream in situation.placements,
            refused=refused(situation, desired),
        )
        for stream, desired in situation.desired.items()
    )


def _nodes(situation: Situation) -> Mapping[str, int]:
    counts = dict.fromkeys(NODE_STATES, 0)
    for beat in situation.beats:
        if beat.cut_off:
            counts["cut_off"] += 1
        elif beat.node in situation.draining:
            counts["draining"] += 1
        elif beat.node in situation.set_aside:
            counts["aside"] += 1
        else:
            counts["open"] += 1
    return counts


def _drains(situation: Situation, before: View, wall: float) -> Mapping[NodeId, Drain]:
    found = {}
    for node in situation.draining:
        beat, order, known = (
            situation.beat_of(node),
            situation.orders.get(node),
            before.drains.get(node),
        )
        ordered_at = None if order is None else order.drained_at
        since = known.since if known else wall
        left = 0 if beat is None else len(beat.streams)
        found[node] = Drain(left, since if ordered_at is None else ordered_at)
    return found


class PassFigures:
    """How this coordinator's passes go. Its loop notes; the probes' thread reads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._well_at = 0.0
        self._failed = Tally(COORDINATOR_FAILED_PASSES)
        self._observe: Observe | None = None
        self._redis: bool | None = None
        self._store: bool | None = None
        self.leads = False

    def shown(self, metrics: Metrics) -> None:
        """Show them there."""
        self._observe = metrics.histogram(COORDINATOR_PASS_SECONDS)
        metrics.source(self.readings)

    def ended_well(self, seconds: float) -> None:
        """A pass took that long."""
        self._well_at = self._clock.wall()
        self._store = True
        if self.leads:
            self._redis = True
            if self._observe is not None:
                self._observe(seconds)

    def failed(self, error: Exception) -> None:
        """A pass couldn't be finished."""
        self._failed.add(type(error).__name__)
        if isinstance(error, WireUnreachable):
            self._redis = False
        elif isinstance(error, StoreUnavailable):
            self._store = False

    def asked_redis(self, answers: bool) -> None:
        """A standby has asked Redis."""
        self._redis = answers

    def readings(self) -> Iterable[Reading]:
        """What is shown of them."""
        yield Reading(COORDINATOR_LEADER, float(self.leads))
        yield from self._failed.readings()
        yield Reading(COORDINATOR_LAST_PASS, self._well_at)
        if self._redis is not None:
            yield Reading(REDIS_REACHABLE, float(self._redis))
        if self._store is not None:
            yield Reading(STORE_REACHABLE, float(self._store))


class Survey:
    """What the leader has seen. Its pass looks; the probes' thread reads."""

    def __init__(self, redis: Redis, prefix: str, clock: Clock) -> None:
        self._redis, self._prefix, self._clock = redis, prefix, clock
        self._view: View | None = None
        self._seen_at = 0.0
        self._off_air: dict[StreamId, float] = {}
        self._depths: Mapping[str, Depth] = {}
        self._depths_at: float | None = None
        self._turn = 0

    def look(self, situation: Situation) -> None:
        """The leader's pass has gathered this."""
        now = self._clock.monotonic()
        before = self._view
        if before is not None and now - self._seen_at < LOOK_SECONDS:
            return
        passed = 0.0 if before is None else min(now - self._seen_at, KNOWN_SECONDS)
        view = viewed(situation, before or View(), self._clock.wall())
        self._off_air = {
            room.stream: self._off_air.get(room.stream, 0.0) + passed * room.off_air
            for room in view.rooms
        }
        self._view, self._seen_at = view, now
        self._look_into_queues([node_queue(beat.node) for beat in situation.beats], now)

    def stand_by(self) -> None:
        """Another coordinator leads, and shows the fleet."""
        self._view, self._off_air, self._depths = None, {}, {}

    def readings(self) -> Iterable[Reading]:
        """What is shown of rooms, fleet and queues."""
        view = self._view
        if view is None:
            return
        known = self._clock.monotonic() - self._seen_at < KNOWN_SECONDS
        for room in view.rooms:
            yield from _of_a_room(room, self._off_air.get(room.stream, 0.0), known)
        if known:
            yield from _of_the_fleet(view)
            yield from self._of_queues()

    def _look_into_queues(self, of_nodes: Sequence[str], now: float) -> None:
        if self._depths_at is not None and now - self._depths_at < DEPTHS_SECONDS:
            return
        self._depths_at = now
        # Nodes take turns: a look at a large fleet costs a pass no more than one at a small one.
        turns = islice(cycle(of_nodes), self._turn, self._turn + min(len(of_nodes), NODES_A_LOOK))
        queues = (RENDER_NOW, RENDER_AHEAD, REPORTS, *turns)
        self._turn = (self._turn + NODES_A_LOOK) % max(1, len(of_nodes))
        there = {*queues, *of_nodes}
        with suppress(WireUnreachable):  # the pass itself finds out
            seen = depths(self._redis, self._prefix, queues)
            self._depths = {q: d for q, d in (*self._depths.items(), *seen.items()) if q in there}

    def _of_queues(self) -> Iterator[Reading]:
        wall = self._clock.wall()
        for queue, depth in self._depths.items():
            yield Reading(QUEUE_MESSAGES, float(depth.messages), (queue,))
            if depth.oldest_at is not None:
                yield Reading(QUEUE_OLDEST, max(0.0, wall - depth.oldest_at), (queue,))
            elif not depth.messages:
                yield Reading(QUEUE_OLDEST, 0.0, (queue,))


class Watch:
    """All that the leader shows of the fleet, for as long as it leads."""

    def __init__(self, survey: Survey, agreements: Agreements) -> None:
        self._survey = survey
        self._agreements = agreements

    def look(self, situation: Situation) -> None:
        """The leader's pass has gathered this."""
        self._survey.look(situation)
        self._agreements.look()

    def stand_by(self) -> None:
        """Another coordinator leads, and shows the fleet."""
        self._survey.stand_by()
        self._agreements.stand_by()

    def readings(self) -> Iterable[Reading]:
        """What is shown."""
        yield from self._survey.readings()
        yield from self._agreements.readings()

    def close(self) -> None:
        """Look no more."""
        self._agreements.close()


def _of_a_room(room: Room, off_air: float, known: bool) -> Iterator[Reading]:
    yield Reading(ROOM_WANTED, float(room.wanted), room.labels)
    yield Reading(ROOM_OFF_AIR_SECONDS, off_air, room.labels)
    yield Reading(ROOM_REFUSED, float(room.refused), room.labels)
    if known:
        yield Reading(ROOM_ON_AIR, float(room.holders > 0), room.labels)
        yield Reading(ROOM_HOLDERS, float(room.holders), room.labels)


def _of_the_fleet(view: View) -> Iterator[Reading]:
    wanted = [room for room in view.rooms if room.wanted]
    yield Reading(FLEET_WANTED, float(len(wanted)))
    yield Reading(FLEET_ON_AIR, float(sum(room.holders > 0 for room in wanted)))
    yield Reading(FLEET_UNPLACED, float(sum(not room.placed for room in wanted)))
    yield Reading(FLEET_SLOTS, float(view.slots))
    yield Reading(FLEET_SLOTS_FREE, float(view.free))
    for state, count in view.nodes.items():
        yield Reading(FLEET_NODES, float(count), (state,))
    for node, drain in view.drains.items():
        yield Reading(DRAIN_LEFT, float(drain.left), (node,))
        yield Reading(DRAIN_SINCE, drain.since, (node,))
