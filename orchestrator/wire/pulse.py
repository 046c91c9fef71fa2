"""Celery's consumer, made to note its connections and each turn of its loop, and to come back soon.

Loaded by name and only in workers: Celery's worker parts are heavy.
"""

from functools import partial
from typing import Any

from celery import bootsteps
from celery.worker import state
from celery.worker.consumer import Consumer
from typing_extensions import override

from orchestrator.wire.consuming import CONSUMING

TURN_SECONDS = 1.0
AGAIN_SECONDS = 2
"""Celery waits longer after each try, up to half a minute: so long no stream would begin here after
the broker is back."""


class SteadyConsumer(Consumer):  # type: ignore[misc]  # Celery ships no types
    """Tries to connect at a steady pace."""

    @override
    def ensure_connected(self, conn: Any) -> Any:
        """Connect, or try until it can be done."""
        conn.ensure_connection = partial(
            conn.ensure_connection,
            interval_start=AGAIN_SECONDS,
            interval_step=0,
            interval_max=AGAIN_SECONDS,
        )
        return super().ensure_connected(conn)


class Pulse(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery ships no types
    """Begun and ended with each connection of the consumer."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **more: Any) -> None:
        self._timer: Any = None
        super().__init__(consumer, **more)

    def start(self, consumer: Any) -> None:
        """The consumer has a connection."""
        CONSUMING.connects()
        self._timer = consumer.timer.call_repeatedly(TURN_SECONDS, _turn, (consumer,))

    def stop(self, _consumer: Any) -> None:
        """The consumer's connection is lost, or it ends."""
        CONSUMING.loses()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _turn(consumer: Any) -> None:
    CONSUMING.turns(room=len(state.reserved_requests) < consumer.pool.num_processes)
