"""A real stream worker process, and what a coordinator does to it, by hand."""

import base64
import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from celery import Celery
from redis import Redis

from orchestrator.domain.endpoint import Endpoint, target_digest
from orchestrator.domain.line import Line, LineKind
from orchestrator.domain.node import Farewell, NodeBeat, WorkerKind
from orchestrator.domain.stream import StreamSpec, StreamStatus, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, ProductId, StreamId
from orchestrator.settings import Settings
from orchestrator.wire.board import Board
from orchestrator.wire.broker import queue
from orchestrator.wire.celery_app import make_app, worker_argv
from orchestrator.wire.queues import TASK_STREAM, node_queue, stream_task_id
from orchestrator.wire.redis_client import connect
from tests.support.processes import Group, eventually
from tests.support.streams import a_spec

ROOT = Path(__file__).parents[2]
KEY_NAME = "DOPPELCAST_TEST_KEY"
PASS_SECONDS = 0.5
PATIENCE = 60.0
"""A worker process has to start on a machine that is busy with others."""


def a_stream(name: str, url: str, key: str, lines: int = 4) -> StreamSpec:
    """A stream to that endpoint whose lines are short, so that a test sees many joins."""
    spec = a_spec(name)
    product = ProductId("quilt")
    script = [Line("hello/1", LineKind.OPENING, "大家好。")]
    script += [
        Line(f"quilt/{n}", LineKind.PRODUCT, "这床被子很轻。", product=product)
        for n in range(lines)
    ]
    script = [replace(line, text=line.text + "真的。" * at) for at, line in enumerate(script)]
    target = target_digest(spec.platform, url, key)
    return replace(
        spec,
        endpoint=Endpoint(url, f"env:{key_name(key)}", target),
        lines=tuple(script),
        pause_seconds=0.3,
    )


def key_name(key: str) -> str:
    """The variable under which a worker finds that key."""
    return f"{KEY_NAME}_{key.replace('-', '_').upper()}"


@dataclass
class Desk:
    """The coordinator's hands."""

    settings: Settings
    board: Board
    app: Celery
    redis: Redis

    @property
    def node(self) -> NodeId:
        return NodeId(self.settings.node)

    def place(self, spec: StreamSpec, token: int = 1, *, wanted: bool = True) -> str:
        """Grant a placement: pin spec and want up, send the task."""
        self.want(spec, token, wanted=wanted)
        return self.send(spec, token)

    def want(self, spec: StreamSpec, token: int, *, wanted: bool = True) -> None:
        """Pin up what is wanted."""
        want = Want(spec.stream, wanted, FencingToken(token), self.node, spec.digest)
        self.board.publish([(spec, want)])

    def stand_by(self, spec: StreamSpec, token: int) -> str:
        """Have this node prepare to take a stream over from another."""
        want = Want(spec.stream, True, FencingToken(token), self.node, spec.digest)
        self.board.publish_next([(spec, want)])
        return self.send(spec, token)

    def promote(self, spec: StreamSpec, token: int) -> None:
        """Give the air to the one that stands by here."""
        self.want(spec, token)
        self.board.withdraw_next([spec.stream])

    @contextmanager
    def answering(
        self, left: int, homeless: Mapping[StreamId, str] | None = None
    ) -> Iterator[None]:
        """Say for the length of a block how far this node is emptied, as a coordinator does with
        every pass: a worker that ends goes by an answer only for a few seconds."""
        beat = self.beat()
        assert beat is not None
        stuck = tuple((homeless or {}).items())
        said = Farewell(self.node, beat.boot, left=left, homeless=stuck)
        over = threading.Event()

        def repeat() -> None:
            while not over.wait(PASS_SECONDS):
                with suppress(WireUnreachable):
                    self.board.publish_farewells([said])

        self.board.publish_farewells([said])
        passes = threading.Thread(target=repeat, name="passes")
        passes.start()
        try:
            yield
        finally:
            over.set()
            passes.join()

    def send(self, spec: StreamSpec, token: int) -> str:
        """Send the task alone."""
        task_id = stream_task_id(spec.stream, FencingToken(token))
        self.app.send_task(
            TASK_STREAM,
            args=(spec.stream, token),
            queue=queue(node_queue(self.node)),
            task_id=task_id,
            expires=30,
        )
        return task_id

    def beat(self) -> NodeBeat | None:
        """What the worker says of itself."""
        return next((b for b in self.board.beats() if b.node == self.node), None)

    def status(self, spec: StreamSpec) -> StreamStatus | None:
        """What the worker says of a stream."""
        beat = self.beat()
        return next((s for s in beat.streams if s.stream == spec.stream), None) if beat else None

    def phase(self, spec: StreamSpec) -> str | None:
        """The phase in which the worker has a stream."""
        status = self.status(spec)
        return status.phase.value if status else None

    def reaches(self, spec: StreamSpec, phase: str | None, seconds: float = 30.0) -> bool:
        """Whether a stream gets there within that time; None: isn't carried any more."""
        return eventually(lambda: self.phase(spec) == phase, seconds)

    def reports(self) -> list[dict[str, Any]]:
        """What waits for the recorder, the newest first; what was sent twice counts once."""
        name = f"{self.settings.redis_prefix}reports"
        found = [_decoded(json.loads(str(raw))) for raw in self.redis.lrange(name, 0, -1)]
        once: dict[str, dict[str, Any]] = {}
        for report in reversed(found):
            once.setdefault(report["report"], report)
        return list(reversed(once.values()))

    def facts(self, phase: str) -> list[dict[str, Any]]:
        """The facts of the reports that a stream came to that phase."""
        found = [r["facts"] for r in self.reports() if r["kind"] == "phase"]
        return [facts for facts in found if facts["phase"] == phase]

    def ordered(self, queue_name: str) -> list[str]:
        """Tasks that wait in a queue, as people see them, in the order in which they'd be taken."""
        name = f"{self.settings.redis_prefix}{queue_name}"
        found = [json.loads(str(raw)) for raw in self.redis.lrange(name, 0, -1)]
        return [message["headers"]["argsrepr"] for message in reversed(found)]


def body_of(message: str) -> list[Any]:
    """A task message's arguments, keyword arguments and the rest."""
    text = base64.b64decode(json.loads(message)["body"]).decode()
    found: list[Any] = json.loads(text)
    return found


def _decoded(message: Mapping[str, str]) -> dict[str, Any]:
    text = base64.b64decode(message["body"]).decode()
    found: dict[str, Any] = json.loads(text)
    return found


def some_settings(home: Path, redis_url: str, prefix: str, **more: object) -> Settings:
    """Settings of a small fleet in one folder."""
    values = {"home": home, "redis_url": redis_url, "redis_prefix": prefix, "slots": 8, **more}
    return Settings.model_validate(values)


def environment(settings: Settings, keys: Mapping[str, str]) -> dict[str, str]:
    """The environment that gives a worker process these settings and keys."""
    return {
        "DOPPELCAST_HOME": str(settings.home),
        "DOPPELCAST_REDIS_URL": settings.redis,
        "DOPPELCAST_REDIS_PREFIX": settings.redis_prefix,
        "DOPPELCAST_NODE": settings.node,
        "DOPPELCAST_SLOTS": str(settings.slots),
        "DOPPELCAST_GRACE_SECONDS": str(settings.grace_seconds),
        "DOPPELCAST_AHEAD_SECONDS": str(settings.ahead_seconds),
        "DOPPELCAST_LEASE_SECONDS": str(settings.lease_seconds),
        "DOPPELCAST_RENEW_SECONDS": str(settings.renew_seconds),
        "DOPPELCAST_CLIP_STORE_SPARE_BYTES": str(settings.clip_store_spare_bytes),
        **{key_name(key): key for key in keys},
    }


@contextmanager
def desk(settings: Settings) -> Iterator[Desk]:
    """A coordinator's hands without a worker."""
    redis = connect(settings.redis)
    app = make_app(settings)
    try:
        yield Desk(settings, Board(redis, settings.redis_prefix), app, redis)
    finally:
        app.close()
        redis.close()


@contextmanager
def stream_worker(
    settings: Settings,
    keys: tuple[str, ...],
    log: Path,
    *,
    awaited: bool = True,
    env: Mapping[str, str] | None = None,
) -> Iterator[Group]:
    """A worker process, ready to take streams."""
    env = {**environment(settings, dict.fromkeys(keys, "")), **(env or {})}
    argv = worker_argv(WorkerKind.STREAM, settings)
    group = Group(argv, stderr=log, env=env, cwd=ROOT)
    board = Board(connect(settings.redis), settings.redis_prefix)
    try:
        if awaited:
            node = settings.node
            ready = eventually(lambda: node in (b.node for b in board.beats()), PATIENCE)
            assert ready, log.read_text()
        yield group
    finally:
        group.kill()


@contextmanager
def render_worker(settings: Settings, log: Path) -> Iterator[Group]:
    """A render worker process with its children."""
    env = environment(settings, {}) | {"DOPPELCAST_RENDER_PROCESSES": "2"}
    group = Group(worker_argv(WorkerKind.RENDER, settings), stderr=log, env=env, cwd=ROOT)
    try:
        yield group
    finally:
        group.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            group.process.wait(15)
        group.kill()
