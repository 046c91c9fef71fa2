"""What the coordinator knows at one moment: values only, gathered before anything is decided.

    desired, placements, standbys, observations, orders    from the store
    wall                                                   the time of day, for shops' hours
    beats, leases, wants, nexts                            from Redis
    heard                                                  from nodes that can't reach Redis

`Memory` holds what only passing time tells: since when a placement hasn't been seen, how often
streams or nodes have failed lately. It is kept on this process's monotonic clock and may be lost: a
new leader begins with an empty one, and is patient for a moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from orchestrator.domain.lease import LiveLease
from orchestrator.domain.node import NodeBeat, NodeOrder, WorkerKind
from orchestrator.domain.placement import DesiredStream, Observation, Placement
from orchestrator.domain.stream import StreamStatus, Want
from orchestrator.ids import FencingToken, NodeId, StreamId, TargetDigest


@dataclass(frozen=True)
class Heard:
    """What a node said when it was asked directly."""

    beat: NodeBeat
    asked_at: float
    """On this process's monotonic clock."""


@dataclass(frozen=True)
class Situation:
    """Desired and observed, side by side."""

    desired: Mapping[StreamId, DesiredStream] = field(default_factory=dict)
    placements: Mapping[StreamId, Placement] = field(default_factory=dict)
    """The open ones, one a stream."""
    standbys: Mapping[StreamId, Placement] = field(default_factory=dict)
    """The open ones that prepare to take over, at most one a stream."""
    observations: Mapping[StreamId, Observation] = field(default_factory=dict)
    failed_in: Mapping[StreamId, int] = field(default_factory=dict)
    """Streams whose last word is a failure: the matrix's revision under which they ran."""
    beats: tuple[NodeBeat, ...] = ()
    """Of stream workers. Of one that was asked directly, only what counts of its word."""
    heard: Mapping[NodeId, Heard] = field(default_factory=dict)
    """What those nodes said that had to be asked."""
    late: frozenset[NodeId] = frozenset()
    """Nodes whose last beat is old."""
    deaf: bool = False
    """Whether nobody could have been asked before now."""
    leases: Mapping[TargetDigest, LiveLease] = field(default_factory=dict)
    wants: Mapping[StreamId, Want] = field(default_factory=dict)
    nexts: Mapping[StreamId, Want] = field(default_factory=dict)
    """Who the board says prepares."""
    orders: Mapping[NodeId, NodeOrder] = field(default_factory=dict)
    wall: float = 0.0
    """Wall-clock seconds at the coordinator."""

    @cached_property
    def _beats(self) -> Mapping[NodeId, NodeBeat]:
        return {beat.node: beat for beat in self.beats}

    @cached_property
    def _statuses(self) -> Mapping[tuple[NodeId, FencingToken], StreamStatus]:
        return {(beat.node, s.token): s for beat in self.beats for s in beat.streams}

    @cached_property
    def _placed(self) -> Mapping[NodeId, Sequence[Placement]]:
        found: dict[NodeId, list[Placement]] = {}
        for placement in self.open_placements:
            found.setdefault(placement.node, []).append(placement)
        return found

    @cached_property
    def running(self) -> frozenset[StreamId]:
        """Streams that any node carries, under whichever token."""
        return frozenset(s.stream for s in self._statuses.values())

    @cached_property
    def taken(self) -> frozenset[TargetDigest]:
        """Targets that are placed, or held."""
        placed = {placement.target for placement in self.open_placements}
        return frozenset(placed | self.leases.keys())

    @cached_property
    def open_placements(self) -> tuple[Placement, ...]:
        """Placements and standbys."""
        return (*self.placements.values(), *self.standbys.values())

    @cached_property
    def draining(self) -> frozenset[NodeId]:
        """Nodes that live and are to be emptied: ordered so, or told to end.

        Not those that are cut off: they don't hear that they are replaced, so nothing is moved.
        """
        ordered = {node for node, order in self.orders.items() if order.drains}
        leaving = frozenset(b.node for b in self.beats if b.draining or b.node in ordered)
        return leaving - self.cut_off

    @cached_property
    def cut_off(self) -> frozenset[NodeId]:
        """Nodes that live, but can't reach Redis."""
        return frozenset(beat.node for beat in self.beats if beat.cut_off)

    @cached_property
    def takers(self) -> tuple[NodeBeat, ...]:
        """Nodes that streams may be placed on."""
        closed = self.draining | self.cut_off
        workers = (beat for beat in self.beats if beat.kind is WorkerKind.STREAM)
        return tuple(beat for beat in workers if beat.node not in closed)

    @cached_property
    def room(self) -> int:
        """Slots in which nothing is, on nodes that take streams."""
        slots = {beat.node: beat.slots for beat in self.takers}
        taken = {(p.node, p.stream) for p in self.open_placements}
        taken |= {(beat.node, status.stream) for beat in self.beats for status in beat.streams}
        return sum(slots.values()) - sum(node in slots for node, _ in taken)

    @cached_property
    def set_aside(self) -> frozenset[NodeId]:
        """Nodes where streams keep failing."""
        return frozenset(n for n, order in self.orders.items() if order.aside_at is not None)

    def placed_on(self, node: NodeId) -> Sequence[Placement]:
        """Placements and standbys there."""
        return self._placed.get(node, ())

    def beat_of(self, node: NodeId) -> NodeBeat | None:
        """A node's heartbeat, if it lives."""
        return self._beats.get(node)

    def carried(self, placement: Placement) -> StreamStatus | None:
        """What the placement's node says of its run, if it lives and has it."""
        return self._statuses.get((placement.node, placement.token))

    def deserted(self, placement: Placement) -> bool:
        """Whether its node does nothing for it, as far as anybody knows: the node is silent, or cut
        off from Redis while the run is off air, and then it can't connect."""
        if self.beat_of(placement.node) is None:
            return True
        return placement.node in self.cut_off and self.carried(placement) is None

    def leased(self, placement: Placement) -> bool:
        """Whether the placement's run holds the target's lease."""
        lease = self.leases.get(placement.target)
        return lease is not None and lease.token == placement.token


@dataclass(frozen=True)
class Sighting:
    """When a placement's run was last seen, or first looked for."""

    since: float
    seen: bool
    missed_at: float | None = None
    """When it was looked for and not seen first, since then."""


@dataclass(frozen=True)
class Trouble:
    """How a stream's last placements went."""

    count: int = 0
    """Ends in a row that nobody wanted."""
    not_before: float = 0.0
    node: NodeId | None = None
    """Where the last placement was."""
    avoid: bool = False
    """Whether that node should rather not be taken again."""


@dataclass(frozen=True)
class Handover:
    """A standby that was given the air, until it is seen there."""

    source: NodeId | None
    """The node that it takes over from. None: another leader began this."""
    since: float


@dataclass(frozen=True)
class Blame:
    """Something that went wrong on a node, and was neither a stream's fault nor a platform's."""

    at: float
    node: NodeId
    streams: frozenset[StreamId]
    crash: bool = False
    """Whether runs vanished; those that do so together did it for one reason."""
    lost: bool = False
    """Whether the node vanished with them."""


@dataclass(frozen=True)
class Memory:
    """What only passing time tells. Times are monotonic."""

    fresh: bool = True
    """Whether this leader hasn't looked yet."""
    place_from: float = 0.0
    """Nothing is placed before: Redis was away, and holders must register again first."""
    give_up_from: float = 0.0
    """No node is given up before: it may beat again any moment."""
    sightings: Mapping[FencingToken, Sighting] = field(default_factory=dict)
    troubles: Mapping[StreamId, Trouble] = field(default_factory=dict)
    balks: Mapping[StreamId, Trouble] = field(default_factory=dict)
    """How the last tries to move a stream went."""
    standing_by: Mapping[FencingToken, float] = field(default_factory=dict)
    """Since when each standby is known."""
    handovers: Mapping[FencingToken, Handover] = field(default_factory=dict)
    overstaying: Mapping[FencingToken, float] = field(default_factory=dict)
    """Since when each placement is open though its shop is closed."""
    blames: tuple[Blame, ...] = ()
    aside_until: Mapping[NodeId, float] = field(default_factory=dict)
