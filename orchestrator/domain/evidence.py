"""Records that leave a trace: what workers report, durably, for the recorder to store.

A report is idempotent by its `report` id: delivered twice it counts once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orchestrator.ids import FencingToken, NodeId, StreamId


class ReportKind(StrEnum):
    """What happened."""

    PHASE = "phase"
    """A stream changed its phase. facts: phase, reason."""
    TAKEN = "taken"
    """A clip was taken on air. facts: clip, line, kind, persona, start_ms, duration_ms; persona is
    whose turn it was, empty in the streamer's own hours."""
    RENDERED = "rendered"
    """A clip was rendered. facts: clip, kind, clip_seconds, wall_seconds, cpu_seconds, bytes."""
    ALARM = "alarm"
    """A stream needs a person. facts: alarm, or an empty one when it is over."""
    TRAFFIC = "traffic"
    """What a stream sent since the last such report. facts: seconds, bytes, frames."""
    WISH = "wish"
    """An admin told the worker something that is to become desired state. facts: wish, by."""


class NodeWish(StrEnum):
    """What an admin wishes of a worker, said to the worker itself."""

    DRAIN = "drain"
    UNDRAIN = "undrain"
    RESTART = "restart"
    """Of one stream; for the record only."""


@dataclass(frozen=True)
class Report:
    """One thing that happened. Worker → recorder, through the durable queue."""

    report: str
    kind: ReportKind
    node: NodeId
    at: float
    """Wall-clock seconds on the node."""
    stream: StreamId | None = None
    token: FencingToken | None = None
    facts: Mapping[str, str | int | float | None] = field(default_factory=dict)
