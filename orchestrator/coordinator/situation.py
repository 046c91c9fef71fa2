"""What the coordinator knows at one moment: values only, gathered before anything is decided.

    desired, placements, observations    from the store
    beats, leases, wants                 from Redis

`Memory` holds what only passing time tells: since when a placement hasn't been seen, how often a
stream has failed lately. It is kept on this process's monotonic clock and may be lost: a new
leader begins with an empty one, and is patient for a moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from orchestrator.domain.lease import LiveLease
from orchestrator.domain.node import NodeBeat
from orchestrator.domain.placement import DesiredStream, Observation, Placement
from orchestrator.domain.stream import StreamStatus, Want
from orchestrator.ids import FencingToken, NodeId, StreamId, TargetDigest


@dataclass(frozen=True)
class Situation:
    """Desired and observed, side by side."""

    desired: Mapping[StreamId, DesiredStream] = field(default_factory=dict)
    placements: Mapping[StreamId, Placement] = field(default_factory=dict)
    """The open ones."""
    observations: Mapping[StreamId, Observation] = field(default_factory=dict)
    failed_in: Mapping[StreamId, int] = field(default_factory=dict)
    """Streams whose last word is a failure: the matrix's revision under which they ran."""
    beats: tuple[NodeBeat, ...] = ()
    """Of stream workers."""
    leases: Mapping[TargetDigest, LiveLease] = field(default_factory=dict)
    wants: Mapping[StreamId, Want] = field(default_factory=dict)

    @cached_property
    def _beats(self) -> Mapping[NodeId, NodeBeat]:
        return {beat.node: beat for beat in self.beats}

    @cached_property
    def _statuses(self) -> Mapping[tuple[NodeId, FencingToken], StreamStatus]:
        return {(beat.node, s.token): s for beat in self.beats for s in beat.streams}

    @cached_property
    def running(self) -> frozenset[StreamId]:
        """Streams that any node carries, under whichever token."""
        return frozenset(s.stream for s in self._statuses.values())

    @cached_property
    def taken(self) -> frozenset[TargetDigest]:
        """Targets that are placed, or held."""
        placed = {placement.target for placement in self.placements.values()}
        return frozenset(placed | self.leases.keys())

    def beat_of(self, node: NodeId) -> NodeBeat | None:
        """A node's heartbeat, if it lives."""
        return self._beats.get(node)

    def carried(self, placement: Placement) -> StreamStatus | None:
        """What the placement's node says of its run, if it lives and has it."""
        return self._statuses.get((placement.node, placement.token))

    def leased(self, placement: Placement) -> bool:
        """Whether the placement's run holds the target's lease."""
        lease = self.leases.get(placement.target)
        return lease is not None and lease.token == placement.token


@dataclass(frozen=True)
class Sighting:
    """When a placement's run was last seen, or first looked for."""

    since: float
    seen: bool


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
class Memory:
    """What only passing time tells. Times are monotonic."""

    place_from: float = 0.0
    """Nothing is placed before: Redis was away, and holders must register again first."""
    give_up_from: float = 0.0
    """No node is given up before: it may beat again any moment."""
    sightings: Mapping[FencingToken, Sighting] = field(default_factory=dict)
    troubles: Mapping[StreamId, Trouble] = field(default_factory=dict)
