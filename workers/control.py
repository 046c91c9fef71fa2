"""What admins tell running workers through Celery's own channel, and what workers answer.

    celery -A workers.control:stream_app inspect streams
    celery -A workers.control:stream_app control stream_restart suyun-douyin
    celery -A workers.control:stream_app control -d node-1@host drain
    celery -A workers.control:stream_app control -d node-1@host undrain

That channel forgets: who isn't connected right now never hears. So an order is written down first,
durably, as a report, and the recorder makes it desired state (orchestrator.store.reports); what
is said here is only that it is written down. A restart needs no desired state: the stream is
wanted, and when its run has ended the coordinator places it again.

Handlers run in the worker's main loop; they look and ask, and wait for nothing. Render workers know
the words too, and say that they carry no streams.
"""

from typing import Any
from uuid import uuid4

from celery.worker.control import control_command, inspect_command

from orchestrator.clock import SystemClock
from orchestrator.domain.evidence import NodeWish, Report, ReportKind
from orchestrator.ids import StreamId
from workers import tasks
from workers.app import stream_app
from workers.stream.station import Station

__all__ = ["stream_app"]
"""Named here, so that Celery's command line knows the words below."""

NO_STREAMS = {"error": "this worker carries no streams"}
RESTARTED = "restarted by an admin"


@inspect_command()  # type: ignore[untyped-decorator]  # Celery ships no types
def streams(state: Any) -> Any:
    """What this worker carries: stream, phase, title, what it plays, since when."""
    del state
    station = tasks.station()
    if station is None:
        return NO_STREAMS
    return [
        {
            "stream": status.stream,
            "phase": str(status.phase),
            "title": status.title,
            "playing": status.now_playing,
            "since": status.since,
            "restarts": status.restarts,
            "reason": status.reason,
            "alarm": status.alarm,
        }
        for status in sorted((run.status() for run in station.telemetry.runs), key=_name)
    ]


@control_command(  # type: ignore[untyped-decorator]
    args=[("stream", str)], signature="<stream>"
)
def stream_restart(state: Any, stream: str) -> Any:
    """End a stream's run here; the coordinator starts it anew."""
    del state
    station = tasks.station()
    if station is None:
        return NO_STREAMS
    runs = [run for run in station.telemetry.runs if run.stream == stream]
    if not runs:
        return {"error": f"{stream} isn't carried here"}
    _written(station, {"wish": str(NodeWish.RESTART)}, StreamId(stream))
    for run in runs:
        run.end(RESTARTED)
    return {"ok": f"{stream} ends here, and starts anew where there is room"}


@control_command()  # type: ignore[untyped-decorator]
def drain(state: Any) -> Any:
    """Have this node emptied, its streams moved to others one by one, until it is undrained."""
    return _wished(state, NodeWish.DRAIN, "its streams move to other nodes")


@control_command()  # type: ignore[untyped-decorator]
def undrain(state: Any) -> Any:
    """Take streams here again."""
    return _wished(state, NodeWish.UNDRAIN, "it takes streams again")


def _wished(state: Any, wish: NodeWish, so: str) -> dict[str, str]:
    del state
    station = tasks.station()
    if station is None:
        return NO_STREAMS
    _written(station, {"wish": str(wish)})
    return {"ok": f"written down: {so} as soon as the coordinator has read it"}


def _written(
    station: Station, facts: dict[str, str | int | float | None], stream: StreamId | None = None
) -> None:
    node = station.identity.node
    station.report(
        Report(
            report=f"wish/{node}/{uuid4().hex[:12]}",
            kind=ReportKind.WISH,
            node=node,
            at=SystemClock().wall(),
            stream=stream,
            facts={**facts, "by": "celery control"},
        )
    )


def _name(status: Any) -> str:
    return str(status.stream)
