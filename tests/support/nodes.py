"""A stream worker without streams: it takes tasks, holds leases, beats and reports, in a thread.

It takes streams over as a stream worker does: prepares, waits until it is promoted, asks for the
lease until the one before has given it back. `airings` says when each stream was on air here.
"""

import json
import threading
import time
import uuid
from dataclasses import dataclass, replace

from redis import Redis

from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.schedule import CLOSED
from orchestrator.domain.stream import Phase, StreamSpec, StreamStatus, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.broker import BROKER_ERRORS, broker, let_go, queue
from orchestrator.wire.leases import Leases
from orchestrator.wire.queues import node_queue
from orchestrator.wire.redis_client import connect
from orchestrator.wire.reports import Reporter
from tests.support.processes import eventually
from tests.support.streams import a_spec

STEP_SECONDS = 0.05
BEAT_OF_LEASE = 2 / 3
"""Who waits for a node's end has short leases; one who doesn't, beats that a busy machine keeps."""
PATIENCE = 20.0
NOT_WANTED = "no longer wanted"


@dataclass
class Airing:
    """A stretch of time for which a stream was on air, on the monotonic clock."""

    stream: StreamId
    token: FencingToken
    begun: float
    ended: float | None = None


class PlainNode:
    """Behaves on the wire as a stream worker does. `dies` is a SIGKILL: no goodbye at all."""

    def __init__(self, settings: Settings, node: str, slots: int = 10) -> None:
        self.node = NodeId(node)
        self.boot = uuid.uuid4().hex[:8]
        self.slots = slots
        self.refuses: set[StreamId] = set()
        self.drops: set[StreamId] = set()
        """Streams whose runs vanish without a word."""
        self.never_ready: set[StreamId] = set()
        """Streams that prepare here for ever."""
        self.breaks = False
        """Whether every run ends with an error of our own."""
        self.draining = False
        self.busy = 0.0
        self.airings: list[Airing] = []
        self.runs: dict[StreamId, StreamStatus] = {}
        self.history: list[tuple[StreamId, FencingToken]] = []
        self._closing: set[StreamId] = set()
        self._vanishing: set[StreamId] = set()
        self._settings = settings
        self._redis: Redis = connect(settings.redis)
        beat_lives = settings.lease_seconds * BEAT_OF_LEASE
        self._board = Board(self._redis, settings.redis_prefix, beat_lives)
        self._leases = Leases(self._redis, settings.redis_prefix)
        self._reporter = Reporter(
            settings.redis, settings.redis_prefix, settings.home / "spool" / node
        )
        self._broker = broker(settings.redis, settings.redis_prefix, 2.0)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=node)

    def start(self) -> "PlainNode":
        self._thread.start()
        return self

    def dies(self) -> None:
        self._ending.set()
        self._thread.join()
        self._reporter.close()
        self._redis.close()

    def _run(self) -> None:
        connection = self._broker.connection()
        tasks = None
        while not self._ending.wait(STEP_SECONDS):
            try:
                if tasks is None:
                    tasks = queue(node_queue(self.node))(connection.channel())
                self._take(tasks)
                self._live()
            except (WireUnreachable, *BROKER_ERRORS):
                let_go(connection)
                connection = self._broker.connection()
                tasks = None
        let_go(connection)

    def _take(self, tasks: object) -> None:
        message = tasks.get(no_ack=True)  # type: ignore[attr-defined]  # kombu's queue
        if message is None:
            return
        stream, token = json.loads(message.body)[0]
        wants = [self._board.next(stream), self._board.want(stream)]
        spec = self._board.spec(stream)
        want = next((w for w in wants if w is not None and w.token == token and w.wanted), None)
        if spec is None or want is None:
            return
        self.history.append((stream, token))
        self._begin(spec, want)

    def _begin(self, spec: StreamSpec, want: Want) -> None:
        if spec.stream in self.refuses:
            self._report(want.stream, want.token, Phase.FAILED, "the ingest refuses this key")
            return
        if self.breaks:
            self._report(want.stream, want.token, Phase.FAILED, "internal error: OSError")
        if spec.stream in self.drops or self.breaks:
            return
        status = StreamStatus(spec.stream, want.token, Phase.PREPARING, want.spec_digest, 0.0)
        self.runs[spec.stream] = status

    def _live(self) -> None:
        self._vanish()
        for status in list(self.runs.values()):
            upcoming = self._board.next(status.stream)
            want, spec = self._board.want(status.stream), self._board.spec(status.stream)
            if spec is None:
                continue
            if want is not None and want.token == status.token and want.wanted:
                self._renew(self._heard(status, want), spec)
            elif upcoming is not None and upcoming.token == status.token:
                self._prepare(self._heard(status, upcoming))
            elif want is not None:
                self._leave(status, spec)
            if status.stream in self._closing:
                self._closing.discard(status.stream)
                self._leave(status, spec, CLOSED)
        if self._board.is_asked_to_leave(self.node, self.boot):
            self.draining = True
        beat = NodeBeat(self.node, self.boot, WorkerKind.STREAM, self.slots, self.draining)
        runs = tuple(self.runs.values())
        self._board.beat(replace(beat, busy=self.busy, streams=runs, at=time.time()))

    def _vanish(self) -> None:
        for stream in list(self._vanishing):
            self._vanishing.discard(stream)
            self.runs.pop(stream, None)

    def closes(self, stream: StreamId) -> None:
        """The shop closes: its run says goodbye and is over."""
        self._closing.add(stream)

    def vanishes(self, stream: StreamId) -> None:
        """Its run's thread dies, without a word."""
        self._vanishing.add(stream)

    def _heard(self, status: StreamStatus, want: Want) -> StreamStatus:
        """The run goes on with the spec that the board names."""
        heard = replace(status, spec_digest=want.spec_digest)
        self.runs[status.stream] = heard
        return heard

    def _prepare(self, status: StreamStatus) -> None:
        if status.stream not in self.never_ready and status.phase is Phase.PREPARING:
            self._move(status, Phase.READY, "waits to take over")

    def _renew(self, status: StreamStatus, spec: StreamSpec) -> None:
        target, holder = spec.endpoint.target, self._holder(status)
        lease = self._leases.renew(target, holder, status.token, self._settings.lease_seconds)
        if lease.granted and status.phase is not Phase.ON_AIR:
            self.airings.append(Airing(status.stream, status.token, time.monotonic()))
            self._move(status, Phase.ON_AIR, "")

    def _leave(self, status: StreamStatus, spec: StreamSpec, why: str = NOT_WANTED) -> None:
        self.runs.pop(status.stream, None)
        for airing in self.airings:
            if airing.token == status.token:
                airing.ended = time.monotonic()
        self._leases.release(spec.endpoint.target, self._holder(status), status.token)
        self._report(status.stream, status.token, Phase.ENDED, why)

    def _move(self, status: StreamStatus, phase: Phase, reason: str) -> None:
        self.runs[status.stream] = replace(status, phase=phase)
        self._report(status.stream, status.token, phase, reason)

    def _holder(self, status: StreamStatus) -> str:
        return f"{self.node}/{self.boot}/{status.stream}/{status.token}"

    def _report(self, stream: StreamId, token: FencingToken, phase: Phase, reason: str) -> None:
        facts = {"phase": phase.value, "reason": reason, "permanent": "internal" not in reason}
        name = uuid.uuid4().hex
        report = Report(name, ReportKind.PHASE, self.node, time.time(), stream, token, facts)
        self._reporter.report(report)


def on_air(*nodes: PlainNode) -> set[StreamId]:
    """What is on air on any of them."""
    statuses = [status for node in nodes for status in list(node.runs.values())]
    return {status.stream for status in statuses if status.phase is Phase.ON_AIR}


def put_on_air(store: Store, node: PlainNode, *names: str) -> None:
    """These streams and no others are wanted, and that node carries them."""
    store.apply("matrix", [a_spec(name) for name in names], "test", time.time())
    assert eventually(lambda: len(on_air(node)) == len(names), PATIENCE)
