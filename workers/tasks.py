"""The two tasks. Thin: decode, call a function, report.

    stream.run(stream, token)    carries a stream for as long as it is wanted; hours or days
    render.clip(recipe)          makes a clip, unless it is there

Celery's signals begin and end what a worker process has besides its tasks. A signal handler for
shutdown runs in the middle of anything, so it only starts a thread that sees to the rest.
"""

import atexit
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from celery import signals

from orchestrator.clock import SystemClock
from orchestrator.domain.clip import ClipRecipe, clip_key
from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.node import WorkerKind
from orchestrator.errors import BroadcastError
from orchestrator.ids import ClipKey, FencingToken, NodeId, StreamId
from orchestrator.settings import settings
from orchestrator.telemetry.logs import configure
from orchestrator.telemetry.signals import out_of_handler
from orchestrator.wire.messages import RECIPE
from orchestrator.wire.queues import TASK_RENDER, TASK_STREAM
from orchestrator.wire.reports import Reporter
from workers.app import render_app, stream_app
from workers.clips.store import ClipStore
from workers.health import WorkerHealth
from workers.media.ffmpeg import find_ffmpeg
from workers.pool import StreamPool, own_stop
from workers.stream.monitor import FlowerRows
from workers.stream.run import StreamRun
from workers.stream.station import Station
from workers.tally import RENDERS, told

log = logging.getLogger(__name__)

SAID_OTHERWISE = ("celery.worker.strategy", "celery.app.trace")
"""Loggers of Celery that tell at length what our own lines tell."""

MEASURED = ("clip_seconds", "wall_seconds", "cpu_seconds", "bytes")

_station: Station | None = None
_bench_health: WorkerHealth | None = None
"""A render worker's; in its main process."""


@stream_app.task(  # type: ignore[untyped-decorator]  # Celery ships no types
    name=TASK_STREAM, bind=True, max_retries=0, throws=(BroadcastError,)
)
def run_stream(task: Any, stream: str, token: int) -> str:
    """Carry one placement of a stream to its end; the last line is the result."""
    if _station is None:
        raise RuntimeError("this process is no stream worker")
    placement = StreamId(stream), FencingToken(token)
    if _station.carries(*placement):
        return "runs here already"
    return StreamRun(_station, *placement, own_stop(), task.request.id).carry()


@render_app.task(  # type: ignore[untyped-decorator]  # Celery ships no types
    name=TASK_RENDER, throws=(BroadcastError,), Request="workers.tally:CountedRequest"
)
def render(recipe: dict[str, Any]) -> str:
    """Make a clip, unless it is there; what was done is the result, in words that are counted."""
    wanted = RECIPE.validate_python(recipe)
    made, key = make_clip(_bench(), wanted)
    return told(made, str(wanted.kind), key)


@dataclass(frozen=True)
class Bench:
    """What a render process has at hand."""

    store: ClipStore
    reporter: Reporter
    ffmpeg: str


def make_clip(bench: Bench, recipe: ClipRecipe) -> tuple[bool, ClipKey]:
    """See that a clip is in the store, and report it if it had to be made; says whether it had."""
    from workers.render.clip import Rendered, render_clip  # heavy; in render processes only

    key = clip_key(recipe)
    made: list[Rendered] = []

    def make(into: Path) -> None:
        made.append(render_clip(recipe, settings().media / "assets", into, bench.ffmpeg))

    facts: dict[str, str | int | float | None] = {"clip": key, "kind": str(recipe.kind)}
    try:
        bench.store.put(key, make)
    except BroadcastError as error:
        log.warning("a clip can't be made", extra={"action": "render", **facts, "why": str(error)})
        raise
    for clip in made:
        facts |= {name: getattr(clip, name) for name in MEASURED}
        log.info("a clip is made", extra={"action": "render", **facts})
        bench.reporter.report(rendered(facts))
    return bool(made), key


def rendered(facts: Mapping[str, str | int | float | None]) -> Report:
    """The report that a clip was made."""
    return Report(
        report=f"rendered/{facts['clip']}/{uuid4().hex[:8]}",
        kind=ReportKind.RENDERED,
        node=NodeId(settings().node),
        at=SystemClock().wall(),
        facts=facts,
    )


@cache
def _bench() -> Bench:
    """Made in each child of the pool when it gets its first task; forks share nothing of it."""
    config = settings()
    # One folder for all: each process has files of its own there, and takes over a dead one's.
    spool = config.home / "spool" / f"{config.node}-render"
    return Bench(
        store=ClipStore(
            config.media, config.clip_store_bytes, SystemClock(), config.clip_store_spare_bytes
        ),
        reporter=Reporter(config.redis, config.redis_prefix, spool),
        ffmpeg=find_ffmpeg().path,
    )


@signals.worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def _clear_bench(**_: object) -> None:
    if _bench.cache_info().currsize:
        _bench().reporter.close()


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def _log_our_way(**_: object) -> None:
    configure(settings().log_level, as_json=settings().log_json)
    for name in SAID_OTHERWISE:
        logging.getLogger(name).setLevel(logging.WARNING)


def station() -> Station | None:
    """What this process's streams share; None if it carries no streams."""
    return _station


@signals.worker_init.connect  # type: ignore[untyped-decorator]
def _build(sender: Any, **_: object) -> None:
    global _station, _bench_health  # noqa: PLW0603 - one a process, and tasks are module-level
    try:
        if sender.app is not stream_app:
            _bench_health = WorkerHealth(settings(), WorkerKind.RENDER, SystemClock())
            RENDERS.shown(settings(), _bench_health.metrics)
            return
        monitor = FlowerRows(stream_app, sender.hostname)
        _station = Station(settings(), stream_app, monitor, SystemClock())
        StreamPool.before_stop = _station.leaving.wait
        _station.leaving.give_up = _give_up
        atexit.register(_station.close)  # a cold shutdown doesn't come by `_end`
    except BroadcastError as error:
        # Celery logs what handlers raise, and goes on; a worker that can't work must end.
        raise SystemExit(str(error)) from error


def _give_up() -> None:
    """End the process where Celery can't."""
    if _station is not None:
        _station.close()
    logging.shutdown()
    os._exit(os.EX_OK)


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def _begin(**_: object) -> None:
    if _station is not None:
        _station.start()


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _leave_the_air(how: str, **_: object) -> None:
    if _bench_health is not None:
        _bench_health.ends()
    if _station is not None:
        out_of_handler(_station.leaving.told, how)


@signals.worker_shutdown.connect  # type: ignore[untyped-decorator]
def _end(**_: object) -> None:
    if _bench_health is not None:
        _bench_health.close()
    if _station is not None:
        _station.close()
