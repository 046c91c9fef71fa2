"""Whether a worker process lives and is ready, on its metrics port, and the metrics beside it.

    stream   lives while its leases are renewed and its heartbeat goes round. Its consumer may hang:
             a new process would take all its streams off air
    render   lives while its consumer's loop turns, or tries to connect

Both are ready while they really take tasks from their queues and aren't being emptied. All of this
is the main process's; the children of the pool let go of the port.
"""

from collections.abc import Callable, Mapping

from orchestrator.clock import Clock
from orchestrator.domain.node import WorkerKind
from orchestrator.settings import Settings
from orchestrator.telemetry.exposition import Metrics
from orchestrator.telemetry.health import Health
from orchestrator.telemetry.metrics import WORKER_CONSUMING, Reading
from orchestrator.telemetry.probes import Page, Probes, open_probes
from orchestrator.wire.celery_app import queues_of
from orchestrator.wire.consuming import CONSUMING

THREAD_SECONDS = 30.0
"""For a round of renewals, and for a heartbeat: each waits a second or two for Redis at most."""
CONSUMER_SECONDS = 120.0
"""Celery's consumer waits half a minute for an answer, and again until it tries the next time."""
CONSUMER = "consumer"
TOLD_TO_END = "told to end"


class WorkerHealth:
    """The health of this worker process, shown from now on."""

    def __init__(
        self,
        settings: Settings,
        kind: WorkerKind,
        clock: Clock,
        leaving: Callable[[], str] = lambda: "",
        pages: Mapping[str, Page] | None = None,
    ) -> None:
        """`leaving` says why the worker takes nothing new; empty if it does. `pages` are shown on
        the port, too."""
        self.health = Health(clock)
        self._told_to_end = False
        self._leaving = leaving
        queues = queues_of(settings, kind)
        self.health.check("queues", lambda: CONSUMING.why_not(queues))
        self.health.check("draining", lambda: TOLD_TO_END if self._told_to_end else leaving())
        if kind is WorkerKind.RENDER:
            CONSUMING.on_turn = self.health.loop(CONSUMER, CONSUMER_SECONDS)
        self.metrics = Metrics(f"{kind}-worker", self.health, clock)
        about = (settings.node, str(kind))
        self.metrics.source(
            lambda: (Reading(WORKER_CONSUMING, float(not CONSUMING.why_not(queues)), about),)
        )
        shown = {self.metrics.PATH: self.metrics.page, **(pages or {})}
        self._probes: Probes | None = open_probes(settings, self.health, shown)

    @property
    def port(self) -> int | None:
        """Where it is shown."""
        return None if self._probes is None else self._probes.port

    def draining(self) -> bool:
        """Whether it takes nothing new, because it is being emptied or ends."""
        return self._told_to_end or bool(self._leaving())

    def thread(self, name: str) -> Callable[[], None]:
        """A thread that must go round from now on; gives what it is to call at each turn."""
        return self.health.loop(name, THREAD_SECONDS)

    def ends(self) -> None:
        """This process is told to end; its consumer stops, and nothing is wrong with that."""
        self._told_to_end = True
        self.health.release(CONSUMER)

    def close(self) -> None:
        """Show nothing any more."""
        if self._probes is not None:
            self._probes.close()
            self._probes = None
