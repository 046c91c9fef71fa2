"""The coordinator's process: pass after pass, until it is told to end.

It starts in any order with everything else, and outlives outages of Redis and of the store: each is
logged once, and tried again every second. Ending the coordinator ends no stream.

It lives as long as its passes end, however they end. It is ready when the last one ended well, and
store and Redis have answered, whether it leads or stands by.
"""

import gc
import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable

from orchestrator.clock import Clock, SystemClock
from orchestrator.coordinator.act import Actor
from orchestrator.coordinator.agreements import Agreements
from orchestrator.coordinator.ears import Ears
from orchestrator.coordinator.election import Beating, Election
from orchestrator.coordinator.metrics import PassFigures, Survey, Watch
from orchestrator.coordinator.observe import Observer
from orchestrator.coordinator.reconcile import PASS_SECONDS, Reconciler
from orchestrator.coordinator.tasks import StreamTasks
from orchestrator.coordinator.tomorrow import Tomorrow
from orchestrator.errors import BroadcastError, WireUnreachable
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.telemetry.exposition import Metrics
from orchestrator.telemetry.health import Health, Tick
from orchestrator.telemetry.logs import configure
from orchestrator.telemetry.probes import open_probes
from orchestrator.telemetry.signals import ended_by_signals
from orchestrator.wire.board import Board
from orchestrator.wire.certificate import redis_good_until, store_good_until
from orchestrator.wire.redis_client import connect, run_id

log = logging.getLogger(__name__)

PASS_LIMIT_SECONDS = 60.0
"""Beyond what a pass may wait for a store and a Redis that are away, together."""
ASK_SECONDS = 5.0
"""A standby that waits for Redis looks for the leader's beat a second later."""


def main(settings: Settings) -> int:
    """Run until TERM or Ctrl-C."""
    collect_seldom()
    configure(settings.log_level, as_json=settings.log_json)
    run(settings, ended_by_signals())
    return 0


def collect_seldom() -> None:
    """Look for circles of garbage less often.

    A pass of a large fleet makes and drops a hundred thousand objects, none of them in a circle:
    looking for circles as often as usual would cost more than the pass.
    """
    gc.set_threshold(100_000, 20, 20)


def run(settings: Settings, ending: threading.Event, clock: Clock | None = None) -> None:
    """Coordinate until the event is set."""
    clock = clock or SystemClock()
    health = Health(clock)
    tick = health.loop("passes", PASS_LIMIT_SECONDS)
    passes = _Passes(tick, clock)
    metrics = Metrics("coordinator", health, clock)
    passes.figures.shown(metrics)
    health.check("coordinator", passes.why_not)
    health.tell("role", passes.role)
    probes = open_probes(settings, health, {metrics.PATH: metrics.page})
    try:
        store = _opened(settings, ending, clock, tick)
        if store is not None:
            _coordinate(settings, store, (passes, metrics), ending, clock)
    finally:
        if probes is not None:
            probes.close()


def _coordinate(
    settings: Settings,
    store: Store,
    shown: tuple["_Passes", Metrics],
    ending: threading.Event,
    clock: Clock,
) -> None:
    passes, metrics = shown
    redis = connect(settings.redis, "doppelcast-coordinator")
    tasks = StreamTasks(settings)
    election = Election(store.leadership, _name())
    beating = Beating(election, clock)
    board = Board(redis, settings.redis_prefix)
    ears = Ears(board, settings.lease_seconds, clock)
    reconciler = Reconciler(
        election,
        Observer(store, redis, settings.redis_prefix, ears),
        Actor(store, board, tasks, clock),
        clock,
        settings.lease_seconds,
    )
    servers = {
        "redis": lambda: redis_good_until(settings.redis),
        "store": lambda: store_good_until(settings.store),
    }
    agreements = Agreements(store, clock, servers)
    watch = Watch(Survey(redis, settings.redis_prefix, clock), agreements)
    reconciler.on_look = watch.look
    tomorrow = Tomorrow(store, clock)
    reconciler.on_lead = tomorrow.see_to_it
    metrics.source(watch.readings)
    beating.start()
    try:
        while not ending.is_set():
            wait = passes.one(reconciler)
            beating.passed()
            passes.stood(election.leads, clock.monotonic(), lambda: run_id(redis))
            if not election.leads:
                watch.stand_by()
            clock.wait(wait, ending)
        _leave(reconciler)
    finally:
        beating.close()
        tomorrow.close()
        watch.close()
        ears.close()
        tasks.close()
        redis.close()
        store.close()


class _Passes:
    """How the passes go; told once when that changes."""

    def __init__(self, tick: Tick, clock: Clock) -> None:
        self._tick = tick
        self._clock = clock
        self.figures = PassFigures(clock)
        self._trouble = ""
        self._reason = "no pass has ended yet"
        self._leads = False
        self._asked_at: float | None = None
        self._redis = ""

    def why_not(self) -> str:
        """Why the last pass didn't end well; empty if it did."""
        return self._reason or self._redis

    def role(self) -> str:
        """Whether the last pass led."""
        return "leads" if self._leads else "stands by"

    def stood(self, leads: bool, now: float, ask_redis: Callable[[], object]) -> None:
        """What role the pass had. A standby asks Redis now and then: a leader needs it."""
        self._leads = self.figures.leads = leads
        if leads:
            self._redis = ""
        elif self._asked_at is None or now - self._asked_at >= ASK_SECONDS:
            self._asked_at = now
            try:
                ask_redis()
            except WireUnreachable as error:
                self._redis = str(error)
            else:
                self._redis = ""
            self.figures.asked_redis(not self._redis)

    def one(self, reconciler: Reconciler) -> float:
        """One pass, whatever happens in it; says in how many seconds the next one should follow."""
        wait = PASS_SECONDS
        begun = self._clock.monotonic()
        try:
            wait = reconciler.once()
        except BroadcastError as error:
            self._reason = str(error)
            self.figures.failed(error)
            self._tell(type(error).__name__)
        except Exception as error:  # the process's boundary: the next pass may go well
            self._reason = type(error).__name__
            self.figures.failed(error)
            log.exception("a pass failed", extra={"action": "reconcile"})
        else:
            self._reason = ""
            self.figures.ended_well(self._clock.monotonic() - begun)
            self._tell("")
        self._tick()
        return wait

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            facts = {"action": "reconcile", "error": trouble, "reason": self._reason}
            log.warning("a pass could not be finished", extra=facts)
        if self._trouble and not trouble:
            log.info("passes are finished again", extra={"action": "reconcile"})
        self._trouble = trouble


def _leave(reconciler: Reconciler) -> None:
    try:
        reconciler.leave()
    except BroadcastError as error:
        log.warning("could not resign", extra={"action": "election", "reason": str(error)})


def _opened(settings: Settings, ending: threading.Event, clock: Clock, tick: Tick) -> Store | None:
    """The store, as soon as it can be opened."""
    told = False
    while not ending.is_set():
        tick()
        try:
            return Store.open(settings.store)
        except BroadcastError as error:
            if error.permanent:
                raise
            if not told:
                facts = {"action": "store", "reason": str(error)}
                log.warning("the store can't be opened yet", extra=facts)
            told = True
        clock.wait(PASS_SECONDS, ending)
    return None


def _name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
