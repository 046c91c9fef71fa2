"""How Celery is set up, for everybody who sends or takes tasks: one set of options, made here.

    coordinator ── stream.run(stream, token) ──► node.<node>        early ack, never again by itself
    stream      ── render.clip(recipe)       ──► render.now, render.ahead     late ack, idempotent

Redis can't acknowledge, so kombu hands out a message again that stays unacknowledged for the
visibility timeout. A stream lives for days: its message is acknowledged before it starts, and the
coordinator, not the broker, brings a lost one back. A render lasts seconds and is keyed by content:
it may be done twice.

A sender passes `broker.queue(name)`, not the name: queues that aren't declared are refused, because
a typo would make a queue that nobody reads.

Out of scope: results (workers report, see orchestrator.wire.reports), Redis Cluster, gossip.
"""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from celery import Celery

from orchestrator.domain.node import WorkerKind
from orchestrator.ids import NodeId
from orchestrator.settings import Settings
from orchestrator.wire.broker import VISIBILITY_SECONDS, broker, queue
from orchestrator.wire.consuming import CONSUMING
from orchestrator.wire.queues import RENDER_AHEAD, RENDER_NOW, node_queue

RENDER_SECONDS = 300
"""A render that takes longer is killed; far below half of the visibility timeout."""
SPARE_SLOTS = 4
"""Threads beyond the slots: a replaced stream still closes while its successor waits."""

_POOLS = {WorkerKind.STREAM: "workers.pool:StreamPool", WorkerKind.RENDER: "prefork"}
_APPS = {WorkerKind.STREAM: "workers.app:stream_app", WorkerKind.RENDER: "workers.app:render_app"}
_READ_FIRST = (RENDER_NOW, RENDER_AHEAD)
_ORDER = f"{__name__}:NowBeforeAhead"
"""By name: workers tell their options to whoever inspects them, and a class isn't JSON."""
_CONSUMER = "orchestrator.wire.pulse:SteadyConsumer"
_PULSE = "orchestrator.wire.pulse:Pulse"


class NowBeforeAhead:
    """kombu's queue order strategy: what is needed now is looked for first.

    kombu keeps a consumer's queues in a set, so with its own strategies the order differs from
    process to process. It asks right before it pops, so here is seen that it does
    (orchestrator.wire.consuming).
    """

    def __init__(self) -> None:
        self._queues: list[str] = []
        CONSUMING.tries()

    def update(self, queues: Iterable[str]) -> None:
        """These are the queues from now on."""
        self._queues = sorted(queues, key=_rank)

    def consume(self, count: int) -> list[str]:
        """The queues to look into, in that order."""
        queues = self._queues[:count]
        if queues:
            CONSUMING.looks(queues)
        return queues

    def rotate(self, last_used: str) -> str:
        """No turns are taken: what comes first always does."""
        return last_used


def _rank(name: str) -> tuple[int, str]:
    place = _READ_FIRST.index(name) if name in _READ_FIRST else len(_READ_FIRST)
    return place, name


def make_app(settings: Settings, kind: WorkerKind | None = None) -> Celery:
    """The Celery application of a worker, or with no kind, of somebody who only sends."""
    at = broker(settings.redis, settings.redis_prefix)
    app = Celery("doppelcast", set_as_current=False)
    app.conf.update(
        broker_url=at.url,
        broker_transport_options={**at.options, "queue_order_strategy": _ORDER},
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        visibility_timeout=VISIBILITY_SECONDS,
        task_serializer="json",
        result_serializer="json",
        event_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        task_ignore_result=True,
        task_create_missing_queues=False,
        task_default_queue=RENDER_AHEAD,
        task_queues=[queue(name) for name in queues_of(settings, kind)],
        task_send_sent_event=True,
    )
    if kind is not None:
        app.conf.update(**_worker_options(kind))
        app.steps["consumer"].add(_PULSE)
    return app


def worker_argv(kind: WorkerKind, settings: Settings) -> list[str]:
    """The command line of a worker on this machine; nothing secret in it, and no shell needed."""
    concurrency = settings.render_processes
    if kind is WorkerKind.STREAM:
        concurrency = settings.slots + SPARE_SLOTS
    return [
        *(sys.executable, "-m", "celery", "-A", _APPS[kind], "worker"),
        *("-n", f"{worker_name(kind, settings)}@%h"),
        *("-Q", ",".join(queues_of(settings, kind))),
        *("-c", str(concurrency)),
        *("-l", settings.log_level),
        # Gossip and mingling cost messages with the square of the fleet, and nobody reads them.
        *("-E", "--without-gossip", "--without-mingle"),
    ]


def worker_name(kind: WorkerKind, settings: Settings) -> str:
    """A worker's name in Celery and Flower: a node's stream worker bears the node's name."""
    return settings.node if kind is WorkerKind.STREAM else f"{settings.node}-render"


def queues_of(settings: Settings, kind: WorkerKind | None) -> Sequence[str]:
    """What a worker of that kind takes its tasks from."""
    if kind is WorkerKind.STREAM:
        return (node_queue(NodeId(settings.node)),)
    return _READ_FIRST


def _worker_options(kind: WorkerKind) -> dict[str, Any]:
    options: dict[str, Any] = {
        "include": ["workers.tasks", "workers.control"],
        "worker_pool": _POOLS[kind],
        "worker_consumer": _CONSUMER,
        "worker_disable_prefetch": True,
        "worker_prefetch_multiplier": 1,
        "worker_send_task_events": True,
        "worker_hijack_root_logger": False,
        "worker_proc_alive_timeout": 30,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_enable_soft_shutdown_on_idle": False,
        "task_track_started": True,
        "task_acks_late": kind is WorkerKind.RENDER,
    }
    if kind is WorkerKind.RENDER:
        # A lost child's render isn't handed out again: the stream that waits for the clip asks
        # again, and a recipe that kills its renderer must not go round for ever.
        options |= {"task_time_limit": RENDER_SECONDS, "task_reject_on_worker_lost": False}
    return options
