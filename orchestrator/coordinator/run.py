"""The coordinator's process: a pass a second, until it is told to end.

It starts in any order with everything else, and outlives outages of Redis and of the store: each is
logged once, and tried again every second. Ending the coordinator ends no stream.
"""

import logging
import os
import socket
import threading
import uuid

from orchestrator.clock import Clock, SystemClock
from orchestrator.coordinator.act import Actor
from orchestrator.coordinator.election import Election
from orchestrator.coordinator.observe import Observer
from orchestrator.coordinator.reconcile import PASS_SECONDS, Reconciler
from orchestrator.coordinator.tasks import StreamTasks
from orchestrator.errors import BroadcastError
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.telemetry.logs import configure
from orchestrator.telemetry.signals import ended_by_signals
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect

log = logging.getLogger(__name__)


def main(settings: Settings) -> int:
    """Run until TERM or Ctrl-C."""
    configure(settings.log_level, as_json=settings.log_json)
    run(settings, ended_by_signals())
    return 0


def run(settings: Settings, ending: threading.Event, clock: Clock | None = None) -> None:
    """Coordinate until the event is set."""
    clock = clock or SystemClock()
    store = _opened(settings, ending, clock)
    if store is None:
        return
    redis = connect(settings.redis, "doppelcast-coordinator")
    tasks = StreamTasks(settings)
    reconciler = Reconciler(
        Election(store.leadership, _name()),
        Observer(store, redis, settings.redis_prefix),
        Actor(store, Board(redis, settings.redis_prefix), tasks, clock),
        clock,
        settings.lease_seconds,
    )
    try:
        _pass_by_pass(reconciler, ending, clock)
    finally:
        tasks.close()
        redis.close()
        store.close()


def _pass_by_pass(reconciler: Reconciler, ending: threading.Event, clock: Clock) -> None:
    trouble = ""
    while not ending.is_set():
        wait = PASS_SECONDS
        try:
            wait = reconciler.once()
        except BroadcastError as error:
            if trouble != type(error).__name__:
                facts = {"action": "reconcile", "error": type(error).__name__}
                log.warning("a pass could not be finished", extra=facts | {"reason": str(error)})
            trouble = type(error).__name__
        except Exception:  # the process's boundary: the next pass may go well
            log.exception("a pass failed", extra={"action": "reconcile"})
        else:
            if trouble:
                log.info("passes are finished again", extra={"action": "reconcile"})
            trouble = ""
        clock.wait(wait, ending)
    try:
        reconciler.leave()
    except BroadcastError as error:
        log.warning("could not resign", extra={"action": "election", "reason": str(error)})


def _opened(settings: Settings, ending: threading.Event, clock: Clock) -> Store | None:
    """The store, as soon as it can be opened."""
    told = False
    while not ending.is_set():
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
