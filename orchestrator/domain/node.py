"""A node: a worker process that offers slots. What it says of itself in each heartbeat."""

from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.stream import StreamStatus
from orchestrator.ids import NodeId


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
    streams: tuple[StreamStatus, ...] = ()
    at: float = 0.0
    """Wall-clock seconds on the node; for people only."""

    @property
    def free(self) -> int:
        """Slots that nothing runs in."""
        return max(0, self.slots - len(self.streams))
