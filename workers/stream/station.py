"""What all streams of a worker process share, and the threads that serve them.

    one thread a stream   run.py        plays; never waits for Redis while it is on air
    leases                keeper.py     renews
    telemetry             telemetry.py  beats, reads wants
    orders, monitor       outbox.py     render orders and Flower's status lines, to the broker
    specs                 outbox.py     specs that changed under their runs, from the board
    reports               wire.reports  to the recorder
    leaving               leaving.py    once the process was told to end
    probes                ear.py        what is carried, for a coordinator that Redis doesn't tell
                          metrics.py    what it counts, for Prometheus
    certificates          certificates.py  of the platforms' ingests, once an hour

Made once, in the process that runs the pool.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from celery import Celery
from pydantic import SecretStr

from orchestrator.clock import Clock
from orchestrator.domain.endpoint import Endpoint
from orchestrator.domain.evidence import Report
from orchestrator.domain.node import WorkerKind
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.settings import Settings
from orchestrator.wire.board import Board
from orchestrator.wire.broker import queue
from orchestrator.wire.leases import Leases
from orchestrator.wire.messages import RECIPE
from orchestrator.wire.queues import SENT_AT, TASK_RENDER, render_task_id
from orchestrator.wire.redis_client import connect
from orchestrator.wire.reports import Reporter
from workers.clips.store import ClipStore
from workers.health import WorkerHealth
from workers.media.ffmpeg import find_ffmpeg
from workers.stream import ear
from workers.stream.certificates import Certificates
from workers.stream.drained import Drained
from workers.stream.keeper import Keeper
from workers.stream.leaving import Leaving
from workers.stream.metrics import StationReadings
from workers.stream.orders import Order, Orders
from workers.stream.outbox import Outbox
from workers.stream.publisher import Publisher
from workers.stream.shelf import Shelf
from workers.stream.telemetry import Carried, Monitor, Telemetry
from workers.stream.turnstile import Turnstile

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identity:
    """Who this process is."""

    node: NodeId
    boot: str


class Station:
    """The shared parts of one stream worker process."""

    def __init__(self, settings: Settings, app: Celery, monitor: Monitor, clock: Clock) -> None:
        redis = connect(settings.redis, client_name=f"doppelcast-{settings.node}")
        prefix = settings.redis_prefix
        self.settings = settings
        self.clock = clock
        self.identity = Identity(NodeId(settings.node), uuid.uuid4().hex[:8])
        self.board = Board(redis, prefix)
        self.reporter = Reporter(settings.redis, prefix, settings.home / "spool" / settings.node)
        self.store = ClipStore(
            settings.media, settings.clip_store_bytes, clock, settings.clip_store_spare_bytes
        )
        self.shelf = Shelf(self.store)
        self.keeper = Keeper(
            Leases(redis, prefix), settings.lease_seconds, settings.renew_seconds, clock
        )
        self.turnstile = Turnstile(clock)
        self._outbox = Outbox("orders")
        self._specs = Outbox("specs")
        self.orders = Orders(self._sender(app), clock)
        self.telemetry = Telemetry(self.identity, settings, self.board, monitor, clock)
        self.leaving = Leaving(
            self.identity, self.telemetry, self.board, settings.grace_seconds, clock
        )
        self._ffmpeg = find_ffmpeg().path
        self._drained = Drained(self.identity, self.telemetry, self.board, clock)
        pages = {ear.PATH: lambda: ear.page(self.telemetry)}
        self.health = WorkerHealth(settings, WorkerKind.STREAM, clock, self._drained.reason, pages)
        self.telemetry.ear = ear.Ear(settings, self.health.port, clock).address
        self.health.metrics.source(StationReadings(self).now)
        certificates = Certificates(clock)
        self.telemetry.observers.append(lambda _: certificates.look(self._goes_to()))
        self.health.metrics.source(certificates.readings)
        self._redis = redis
        self._started = self._closed = False
        self._lock = threading.Lock()

    def _goes_to(self) -> list[tuple[str, str]]:
        figures = [run.standing.figures for run in self.telemetry.runs]
        return [(one.platform, one.address) for one in figures]

    def start(self) -> None:
        """Let the threads begin. Celery says "ready" again after each lost connection."""
        with self._lock:
            if self._started:
                return
            self._started = True
        self.keeper.on_turn = self.health.thread("leases")
        self._tick = self.health.thread("telemetry")
        self.telemetry.on_turn = self._turned
        for part in (self._outbox, self._specs, self.keeper, self.telemetry, self.reporter):
            part.start()
        log.info(
            "this node takes streams",
            extra={"action": "start", "node": self.identity.node, "boot": self.identity.boot},
        )

    def close(self) -> None:
        """Stop the threads, after the streams have ended. Does nothing the second time."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self.leaving.close()
        self.health.close()
        self.telemetry.close()
        self.keeper.close()
        self._outbox.close()
        self._specs.close()
        self.reporter.close()
        self._redis.close()

    def publisher(self, endpoint: Endpoint, key: SecretStr) -> Publisher:
        """A way to that endpoint, not connected yet."""
        return Publisher(endpoint, key, self._ffmpeg, self.clock)

    def elsewhere(self, call: Callable[[], None]) -> bool:
        """Have something done that no stream's thread and no heartbeat has the time for."""
        return self._specs.put(call)

    def report(self, report: Report) -> None:
        """Leave a trace of something that happened."""
        self.reporter.report(report)

    def carries(self, stream: StreamId, token: FencingToken) -> bool:
        """Whether that placement runs here already."""
        return self.telemetry.carries(stream, token)

    def carry(self, run: Carried) -> None:
        """A run begins."""
        self.telemetry.add(run)

    def drop(self, run: Carried) -> None:
        """A run has ended."""
        self.telemetry.remove(run)

    def _turned(self) -> None:
        self._tick()
        self._drained.look()

    def _sender(self, app: Celery) -> Callable[[Order], bool]:
        def later(order: Order) -> bool:
            return self._outbox.put(lambda: now(order))

        def now(order: Order) -> None:
            sent_at = self.clock.wall()
            try:
                app.send_task(
                    TASK_RENDER,
                    args=(RECIPE.dump_python(order.recipe, mode="json"),),
                    queue=queue(order.queue),
                    task_id=render_task_id(order.key, sent_at),
                    argsrepr=order.shown,
                    expires=order.lives,
                    headers={SENT_AT: sent_at},
                    retry=False,
                )
            except Exception:
                self.orders.forget(order.key)
                raise

        return later
