"""Says what this process carries, and hears what is wanted of it. One thread, for all streams.

Every `beat_seconds` a heartbeat goes to the board, and the wants of the streams that run here come
back. When a stream has moved (`soon`), the next beat doesn't wait that long. Then, and every
`LINE_SECONDS`, its line is shown to the monitor (Flower), which may lose it.
While Redis is away nothing changes: streams go on.

`observers` are called with every beat, sent or not: the hook for metrics.
"""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from orchestrator.clock import Clock
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.stream import Phase, StreamStatus, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.settings import Settings
from orchestrator.wire.board import Board
from workers.process.busyness import Busyness
from workers.stream.standing import Standing

log = logging.getLogger(__name__)

LINE_SECONDS = 10.0
GATHER_SECONDS = 0.1
"""How long a beat that is to come soon waits for more news: many streams may move at once."""


class Carried(Protocol):
    """A run, as telemetry sees it."""

    stream: StreamId
    token: FencingToken
    task_id: str
    begun_at: float
    """Wall-clock seconds."""

    @property
    def phase(self) -> Phase:
        """How far it is."""
        ...

    @property
    def standing(self) -> Standing:
        """What is known of it; from any thread, to be read only."""
        ...

    def status(self) -> StreamStatus:
        """Where it stands; from any thread."""
        ...

    def heed(self, want: Want) -> None:
        """What is wanted of it now."""
        ...

    def end(self, reason: str) -> None:
        """Ask it to end."""
        ...


class Who(Protocol):
    """Node and boot of this process."""

    @property
    def node(self) -> NodeId: ...

    @property
    def boot(self) -> str: ...


class Monitor(Protocol):
    """Where streams are shown to people."""

    def start(self) -> None: ...

    def close(self) -> None: ...

    def show(self, run: Carried) -> None:
        """Show where a run stands; may be lost."""
        ...


class Telemetry:
    """The voice and the ear of a stream worker."""

    def __init__(
        self, who: Who, settings: Settings, board: Board, monitor: Monitor, clock: Clock
    ) -> None:
        self._who = who
        self._settings = settings
        self._board = board
        self._monitor = monitor
        self._clock = clock
        self._runs: dict[tuple[StreamId, FencingToken], Carried] = {}
        self._ending = threading.Event()
        self._news = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)
        self._away = False
        self._shown: dict[tuple[StreamId, FencingToken], tuple[Phase, float]] = {}
        self._busyness = Busyness(clock)
        self._busy = 0.0
        self.draining = False
        self.ear: Callable[[], str] = lambda: ""
        """Where this worker can be asked directly; for the telemetry thread."""
        self._asked_at = ""
        self.observers: list[Callable[[NodeBeat], None]] = []
        self.on_turn: Callable[[], None] = lambda: None
        """Called after each beat, however it went: the thread lives."""

    def start(self) -> None:
        """Begin to beat."""
        self._monitor.start()
        self._thread.start()

    def close(self) -> None:
        """Say goodbye, so that nobody waits for this node's silence."""
        self._ending.set()
        self._news.set()
        if not self._thread.is_alive():
            return
        self._thread.join(5.0)
        self._monitor.close()
        try:
            self._board.goodbye(self._who.node)
        except WireUnreachable:
            log.info("no goodbye, Redis is away", extra={"action": "telemetry"})

    def soon(self) -> None:
        """There is news: beat in a moment. From any thread."""
        self._news.set()

    def add(self, run: Carried) -> None:
        """A run begins."""
        self._runs[run.stream, run.token] = run

    def remove(self, run: Carried) -> None:
        """A run has ended."""
        self._runs.pop((run.stream, run.token), None)
        self._shown.pop((run.stream, run.token), None)
        if self.draining:  # Celery shows the end of a task, but not in the middle of a shutdown
            self._monitor.show(run)

    def carries(self, stream: StreamId, token: FencingToken) -> bool:
        """Whether that placement runs here."""
        return (stream, token) in self._runs

    @property
    def busy(self) -> float:
        """Share of the machine's cores in use, as the last heartbeat said."""
        return self._busy

    @property
    def redis_answers(self) -> bool:
        """Whether the last heartbeat got through."""
        return not self._away

    @property
    def runs(self) -> tuple[Carried, ...]:
        """What runs here now."""
        return tuple(self._runs.values())

    def beat(self) -> None:
        """One pass: say, hear, show."""
        self._busy = round(self._busyness.look(), 3)
        self._asked_at = self.ear()
        runs = self.runs
        beat = self._beat_of(runs)
        for observer in self.observers:
            observer(beat)
        for run, status in zip(runs, beat.streams, strict=True):
            self._show(run, status.phase)
        self._exchange(beat, runs)

    def said(self) -> NodeBeat:
        """The heartbeat of this moment, for whoever asks directly; from any thread."""
        return self._beat_of(self.runs)

    def _beat_of(self, runs: tuple[Carried, ...]) -> NodeBeat:
        return NodeBeat(
            node=self._who.node,
            boot=self._who.boot,
            kind=WorkerKind.STREAM,
            slots=self._settings.slots,
            draining=self.draining,
            busy=self._busy,
            streams=tuple(run.status() for run in runs),
            at=self._clock.wall(),
            ear=self._asked_at,
        )

    def _exchange(self, beat: NodeBeat, runs: tuple[Carried, ...]) -> None:
        try:
            self._board.beat(beat)
            wants = self._board.wants([run.stream for run in runs])
        except WireUnreachable:
            if not self._away:
                log.warning("no heartbeat, Redis is away", extra={"action": "telemetry"})
            self._away = True
            return
        self._away = False
        for run in runs:
            want = wants.get(run.stream)
            if want is not None:
                run.heed(want)

    def _show(self, run: Carried, phase: Phase) -> None:
        """Show a run when it has moved, and now and then."""
        now = self._clock.monotonic()
        shown_phase, shown_at = self._shown.get((run.stream, run.token), (None, now))
        if phase is not shown_phase or now - shown_at >= LINE_SECONDS:
            self._shown[run.stream, run.token] = phase, now
            self._monitor.show(run)

    def _run(self) -> None:
        while not self._ending.is_set():
            begun = self._clock.monotonic()
            self._news.clear()
            try:
                self.beat()
            except Exception:  # the thread's boundary: a node that doesn't beat loses its streams
                log.exception("a heartbeat failed", extra={"action": "telemetry"})
            self.on_turn()
            spent = self._clock.monotonic() - begun
            left = max(0.0, self._settings.beat_seconds - spent)
            if self._clock.wait(left, until=self._news):
                self._clock.wait(GATHER_SECONDS, until=self._ending)
