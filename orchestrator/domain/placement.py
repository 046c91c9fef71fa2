"""What is desired of a stream, where it was placed, and what was last heard of it.

A placement is open from its grant until it is known that nothing runs under its token any more.
A stream has at most one open placement, and so has a target; while it moves to another node it has
a standby beside it, which prepares, waits, and becomes the placement when the other is given up.
"""

from dataclasses import dataclass

from orchestrator.domain.stream import Phase, StreamSpec
from orchestrator.ids import FencingToken, NodeId, StreamId, TargetDigest


@dataclass(frozen=True)
class DesiredStream:
    """A stream of the matrix that is in force, and whether it shall be on air."""

    spec: StreamSpec
    wanted: bool
    revision: int
    """Of the matrix applied last; applying it again gives a failed stream another chance."""
    digest: str
    """The spec's digest, kept beside it because it is compared every second."""


@dataclass(frozen=True)
class Placement:
    """A node's right to carry a stream."""

    stream: StreamId
    target: TargetDigest
    node: NodeId
    token: FencingToken
    link_digest: str
    """What its connection is made of; all else of a stream changes in place."""
    revision: int
    granted_at: float
    """Wall-clock seconds at the coordinator."""
    ended_at: float | None = None
    reason: str = ""
    """Why it ended, in words."""
    standby: bool = False
    """Whether it prepares to take over from the stream's other open placement."""

    @property
    def open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True)
class Observation:
    """What was last reported of a stream."""

    stream: StreamId
    phase: Phase
    reason: str
    token: FencingToken
    node: NodeId
    at: float
    """Wall-clock seconds where it was observed."""
    permanent: bool = False
    """Failed in a way that trying again can't mend."""
