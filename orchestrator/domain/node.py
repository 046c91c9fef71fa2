"""A node: a worker process that offers slots. What it says of itself in each heartbeat."""

from dataclasses import dataclass, replace
from enum import StrEnum

from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.ids import NodeId, StreamId


class WorkerKind(StrEnum):
    """What a worker does."""

    STREAM = "stream"
    RENDER = "render"


@dataclass(frozen=True)
class NodeBeat:
    """A node's heartbeat. Stream worker → coordinator, once a second, kept on the board."""

    node: NodeId
    boot: str
    """New for each start of the process."""
    kind: WorkerKind
    slots: int
    draining: bool = False
    """Whether it was told to end (TERM), and its streams are to go elsewhere first."""
    busy: float = 0.0
    """Share of the machine's cores in use, 0 to 1, over the last seconds."""
    streams: tuple[StreamStatus, ...] = ()
    at: float = 0.0
    """Wall-clock seconds on the node; for people only."""
    ear: str = ""
    """Where it can be asked for this directly, without Redis; empty: nowhere."""
    cut_off: bool = False
    """Whether it was asked, because it can't reach Redis. Said by the coordinator."""

    @property
    def free(self) -> int:
        """Slots that nothing runs in."""
        return max(0, self.slots - len(self.streams))


def cut_off_from_redis(beat: NodeBeat) -> NodeBeat:
    """What counts of a node's word while it can't reach Redis: what is on air there.

    All else it carries can't connect, and finds itself replaced when Redis is there again.
    """
    on_air = tuple(status for status in beat.streams if status.phase is Phase.ON_AIR)
    return replace(beat, streams=on_air, cut_off=True)


@dataclass(frozen=True)
class NodeOrder:
    """What was decided about a node, as long as it is in force. Kept in the store."""

    node: NodeId
    drained_at: float | None = None
    """Wall-clock seconds at which somebody asked to empty it. None: nobody has."""
    drained_by: str = ""
    aside_at: float | None = None
    """Wall-clock seconds at which it was set aside because streams keep failing there."""
    aside_reason: str = ""

    @property
    def drains(self) -> bool:
        """Whether its streams are to go elsewhere, and none may come."""
        return self.drained_at is not None


@dataclass(frozen=True)
class Farewell:
    """How far a node is emptied. Coordinator → node, kept on the board while it drains."""

    node: NodeId
    boot: str
    """Of the heartbeat that was answered; an order from the store is answered to any."""
    by_order: bool = False
    """Whether an admin asked for it, and the node stays up, rather than its own TERM."""
    left: int = 0
    """Streams that still are to move."""
    homeless: tuple[tuple[StreamId, str], ...] = ()
    """Streams that can't move, each with the reason."""
