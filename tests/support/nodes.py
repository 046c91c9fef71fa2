"""A stream worker without streams: it takes tasks, holds leases, beats and reports, in a thread."""

import json
import threading
import uuid
from dataclasses import replace

from redis import Redis

from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.stream import Phase, StreamSpec, StreamStatus, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.settings import Settings
from orchestrator.wire.board import Board
from orchestrator.wire.broker import BROKER_ERRORS, broker, let_go, queue
from orchestrator.wire.leases import Leases
from orchestrator.wire.queues import node_queue
from orchestrator.wire.redis_client import connect
from orchestrator.wire.reports import Reporter

STEP_SECONDS = 0.05


class PlainNode:
    """Behaves on the wire as a stream worker does. `dies` is a SIGKILL: no goodbye at all."""

    def __init__(self, settings: Settings, node: str, slots: int = 10) -> None:
        self.node = NodeId(node)
        self.boot = uuid.uuid4().hex[:8]
        self.slots = slots
        self.refuses: set[StreamId] = set()
        self.drops: set[StreamId] = set()
        """Streams whose runs vanish without a word."""
        self.runs: dict[StreamId, StreamStatus] = {}
        self.history: list[tuple[StreamId, FencingToken]] = []
        self._settings = settings
        self._redis: Redis = connect(settings.redis)
        self._board = Board(self._redis, settings.redis_prefix, beat_lives=1.0)
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
        want, spec = self._board.want(stream), self._board.spec(stream)
        if want is None or spec is None or want.token != token or not want.wanted:
            return
        self.history.append((stream, token))
        self._begin(spec, want)

    def _begin(self, spec: StreamSpec, want: Want) -> None:
        if spec.stream in self.refuses:
            self._report(want.stream, want.token, Phase.FAILED, "the ingest refuses this key")
            return
        if spec.stream in self.drops:
            return
        status = StreamStatus(spec.stream, want.token, Phase.PREPARING, want.spec_digest, 0.0)
        self.runs[spec.stream] = status

    def _live(self) -> None:
        for stream, status in list(self.runs.items()):
            want, spec = self._board.want(stream), self._board.spec(stream)
            if want is None or spec is None:
                continue
            target = spec.endpoint.target
            holder = f"{self.node}/{self.boot}/{stream}/{status.token}"
            if want.token > status.token or not want.wanted:
                del self.runs[stream]
                self._leases.release(target, holder, status.token)
                self._report(stream, status.token, Phase.ENDED, "no longer wanted")
                continue
            verdict = self._leases.renew(target, holder, status.token, self._settings.lease_seconds)
            if verdict.granted and status.phase is not Phase.ON_AIR:
                self.runs[stream] = replace(status, phase=Phase.ON_AIR)
                self._report(stream, status.token, Phase.ON_AIR, "")
        beat = NodeBeat(self.node, self.boot, WorkerKind.STREAM, self.slots)
        self._board.beat(replace(beat, streams=tuple(self.runs.values())))

    def _report(self, stream: StreamId, token: FencingToken, phase: Phase, reason: str) -> None:
        facts = {"phase": phase.value, "reason": reason}
        name = uuid.uuid4().hex
        self._reporter.report(Report(name, ReportKind.PHASE, self.node, 1.0, stream, token, facts))
