"""What comes of render orders, counted in a render worker's main process.

Clips are made in children that are forked; a port, and what is counted, is the main process's. So a
child tells in its result what it did, and Celery's own request, which sees the result in the main
process, is made to count it. Celery makes requests by name and hands nothing in.
"""

from collections.abc import Iterable
from typing import Any

from celery.worker.request import Request
from typing_extensions import override

from orchestrator.settings import Settings
from orchestrator.telemetry.exposition import Metrics, Observe, Tally
from orchestrator.telemetry.metrics import (
    REDIS_REACHABLE,
    RENDER_CLIPS,
    RENDER_PROCESSES,
    RENDER_SECONDS,
    REPORTS_SPOOL,
    Reading,
)
from orchestrator.wire.consuming import CONSUMING
from orchestrator.wire.spool import size

MADE, THERE, FAILED, EXPIRED = "made", "there", "failed", "expired"
_OUTCOMES = {"task-failed": FAILED, "task-revoked": EXPIRED}


def told(made: bool, kind: str, key: str) -> str:
    """A render's result: `made line 3f…` or `there line 3f…`."""
    return f"{MADE if made else THERE} {kind} {key}"


class Renders:
    """The orders that this process's children have done."""

    def __init__(self) -> None:
        self._node = ""
        self._clips = Tally(RENDER_CLIPS)
        self._observe: Observe | None = None

    def shown(self, settings: Settings, metrics: Metrics) -> None:
        """Show them there, from now on."""
        self._node = settings.node
        self._observe = metrics.histogram(RENDER_SECONDS)
        about = Reading(RENDER_PROCESSES, float(settings.render_processes), (settings.node,))
        spool = settings.home / "spool" / f"{settings.node}-render"

        def readings() -> Iterable[Reading]:
            yield about
            yield Reading(REDIS_REACHABLE, float(CONSUMING.connected))
            yield Reading(REPORTS_SPOOL, float(size(spool)), (settings.node,))
            yield from self._clips.readings()

        metrics.source(readings)

    def done(self, queue: str, result: str, seconds: float) -> None:
        """A child has done an order, and said that."""
        outcome, _, rest = result.strip("'").partition(" ")
        self._clips.add(self._node, queue, outcome if outcome in (MADE, THERE) else FAILED)
        if outcome == MADE and self._observe is not None:
            self._observe(seconds, self._node, queue, rest.partition(" ")[0])

    def lost(self, queue: str, outcome: str) -> None:
        """Nothing came of an order."""
        self._clips.add(self._node, queue, outcome)


RENDERS = Renders()


class CountedRequest(Request):  # type: ignore[misc]  # Celery ships no types
    """Celery's, which counts before it tells."""

    @override
    def send_event(self, type: str, **fields: Any) -> None:
        """Tell whoever watches, after it was counted."""
        queue = str((self.delivery_info or {}).get("routing_key") or "")
        if type == "task-succeeded":
            RENDERS.done(queue, str(fields.get("result")), float(fields.get("runtime") or 0.0))
        elif type in _OUTCOMES:
            RENDERS.lost(queue, _OUTCOMES[type])
        super().send_event(type, **fields)
