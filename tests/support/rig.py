"""A whole fleet of separate processes, to be hurt from outside, before an endpoint that judges.

    with rig(tmp_path, streams=20) as fleet:
        fleet.start_recorder(); fleet.start_coordinator("c1"); fleet.start_node("node-1")
        fleet.apply()
        fleet.await_on_air()
        fleet.node("node-1").kill()

Every part is a process group of its own. Nodes share the clips and nothing else: each has a home of
its own, with its spool. What is measured is measured at the judge (tests.support.judge).
"""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from redis import Redis

from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.stream import Phase, StreamSpec, StreamStatus
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.celery_app import worker_argv
from orchestrator.wire.redis_client import connect
from tests.support.judge import Judge, all_live, judge
from tests.support.processes import Group, eventually
from tests.support.rig_streams import key_of, rig_streams, stock_all
from tests.support.stream_worker import key_name
from tests.support.valkey import ValkeyProcess

ROOT = Path(__file__).parents[2]
CLI = (sys.executable, "-m", "orchestrator.cli")
PATIENCE = 60.0
STEADY_SECONDS = 2.5
"""On air for that long, a connection counts as taken."""


@dataclass(frozen=True)
class Node:
    """A stream worker's process tree."""

    name: str
    group: Group
    log: Path

    @property
    def worker(self) -> psutil.Process:
        """Celery's process."""
        return psutil.Process(self.group.pid)

    def kill(self) -> float:
        """SIGKILL to the worker alone: its children must go by themselves. Says when."""
        at = time.monotonic()
        self.group.process.kill()
        self.group.process.wait(10)
        return at

    def ffmpegs(self) -> dict[str, int]:
        """The pids of its publishing ffmpegs, by stream key."""
        found: dict[str, int] = {}
        with suppress(psutil.Error):
            for child in self.worker.children(recursive=True):
                with suppress(psutil.Error):
                    target = next((p for p in child.cmdline() if p.startswith("rtmp")), None)
                    if target is not None and child.status() != psutil.STATUS_ZOMBIE:
                        found[target.rsplit("/", 1)[-1]] = child.pid
        return found


@dataclass
class Rig:
    """The fleet and its surroundings."""

    folder: Path
    settings: Settings
    valkey: ValkeyProcess
    judge: Judge
    store: Store
    redis: Redis
    board: Board
    specs: tuple[StreamSpec, ...]
    nodes: dict[str, Node] = field(default_factory=dict)
    coordinators: dict[str, Group] = field(default_factory=dict)
    recorder: Group | None = None
    environment: dict[str, str] = field(default_factory=dict)
    _groups: list[Group] = field(default_factory=list)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all streams."""
        return tuple(key_of(spec.stream) for spec in self.specs)

    def start_node(
        self,
        name: str,
        *,
        before: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        awaited: bool = True,
        home: Path | None = None,
    ) -> Node:
        """A stream worker, and wait until it beats. `before`: what runs it, such as `ip netns`."""
        home = home or self.folder / name
        settings = self.settings.model_copy(update={"home": home, "node": name})
        log = self.folder / f"{name}-{len(self._groups)}.log"
        mine = {"DOPPELCAST_HOME": str(home), "DOPPELCAST_NODE": name, **(env or {})}
        argv = [*before, *worker_argv(WorkerKind.STREAM, settings)]
        group = self._start(argv, log, mine)
        node = self.nodes[name] = Node(name, group, log)
        if awaited:
            self.await_node(node)
        return node

    def await_node(self, node: Node) -> None:
        """Until that process of that name beats."""
        boots = {beat.boot for beat in self.board.beats() if beat.node == node.name}
        since = time.monotonic()

        def beats() -> bool:
            found = self.beat(node.name)
            # A killed predecessor's last beat stays on the board for a while.
            return found is not None and (found.boot not in boots or time.monotonic() - since > 6.0)

        assert eventually(beats, PATIENCE), node.log.read_text(errors="replace")[-4000:]

    def start_coordinator(self, name: str, env: Mapping[str, str] | None = None) -> Group:
        """A coordinator; the first one leads."""
        log = self.folder / f"{name}-{len(self._groups)}.log"
        group = self.coordinators[name] = self._start([*CLI, "coordinator"], log, env or {})
        return group

    def start_recorder(self, env: Mapping[str, str] | None = None) -> Group:
        """What writes reports into the store."""
        self.recorder = self._start([*CLI, "recorder"], self.folder / "recorder.log", env or {})
        return self.recorder

    def leads(self, group: Group) -> bool:
        """Whether that coordinator leads."""
        row = self.store.leadership.current()
        return row is not None and f"-{group.pid}-" in row.holder

    def leader(self) -> str:
        """The name of the coordinator that leads; waited for."""

        found: list[str] = []

        def leading() -> bool:
            found[:] = [n for n, g in self.coordinators.items() if g.running and self.leads(g)]
            return bool(found)

        assert eventually(leading, PATIENCE), "nobody leads"
        return found[0]

    def apply(self, specs: Sequence[StreamSpec] | None = None) -> None:
        """Make these streams the desired ones, or all."""
        document = f"# rig {uuid.uuid4().hex}\n"
        self.store.apply(document, specs or self.specs, by="rig", now=time.time())

    def cli(self, *arguments: str, seconds: float = 120.0) -> "subprocess.CompletedProcess[str]":
        """A command, as an admin gives it."""
        return subprocess.run(
            [*CLI, *arguments],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            cwd=ROOT,
            env={**os.environ, **self.environment, "COLUMNS": "200"},
        )

    def beats(self) -> dict[str, NodeBeat]:
        """What the living nodes say, by name."""
        return {beat.node: beat for beat in self.board.beats()}

    def beat(self, node: str) -> NodeBeat | None:
        """What a node says."""
        return self.beats().get(node)

    def statuses(self) -> dict[str, tuple[str, StreamStatus]]:
        """Node and status of each stream that is carried; the newest token's."""
        found: dict[str, tuple[str, StreamStatus]] = {}
        for name, beat in self.beats().items():
            for status in beat.streams:
                known = found.get(status.stream)
                if known is None or known[1].token < status.token:
                    found[status.stream] = (name, status)
        return found

    def carried(self, node: str) -> tuple[str, ...]:
        """Keys of the streams that a node has on air."""
        beat = self.beat(node)
        streams = () if beat is None else beat.streams
        return tuple(key_of(s.stream) for s in streams if s.phase is Phase.ON_AIR)

    def placed(self, node: str) -> tuple[str, ...]:
        """Keys of the streams that are placed on a node, whatever it says just now."""
        placements = self.store.placements()
        return tuple(key_of(p.stream) for p in placements if p.node == node and not p.standby)

    def ffmpegs(self) -> dict[str, int]:
        """The publishing ffmpegs of all nodes, by key."""
        return {key: pid for node in self.nodes.values() for key, pid in node.ffmpegs().items()}

    def await_on_air(
        self, keys: Sequence[str] | None = None, seconds: float = PATIENCE, steady: float = 0.0
    ) -> None:
        """Until the judge has media of all of these, and their nodes say so; then that long on."""
        wanted = self.keys if keys is None else keys

        def there() -> bool:
            said = {key_of(n) for n, (_, s) in self.statuses().items() if s.phase is Phase.ON_AIR}
            return said >= set(wanted) and all_live(self.judge, wanted, time.monotonic())

        assert eventually(there, seconds, 0.2), self.complaint(wanted)
        if steady:
            self.steady(wanted, steady)

    def steady(self, keys: Sequence[str] | None = None, seconds: float = STEADY_SECONDS) -> None:
        """Until each has been on one connection for that long."""
        wanted = self.keys if keys is None else keys
        since: dict[str, tuple[int, float]] = {}

        def there() -> bool:
            now, latest = time.monotonic(), self.judge.latest()
            for key in wanted:
                at, number = latest.get(key, (0.0, 0))
                if since.get(key, (-1, 0.0))[0] != number or now - at > 1.0:
                    since[key] = (number, now)
            return all(now - since[key][1] >= seconds for key in wanted)

        assert eventually(there, PATIENCE, 0.2), self.complaint(wanted)

    def complaint(self, keys: Sequence[str] = ()) -> str:
        """What a failed test wants to know."""
        now, latest = time.monotonic(), self.judge.latest()
        silent = [k for k in keys if k not in latest or now - latest[k][0] > 1.0]
        said = {name: f"{node} {s.phase} {s.reason}" for name, (node, s) in self.statuses().items()}
        logs = [node.log for node in self.nodes.values()]
        logs += sorted(self.folder.glob("c*-*.log"))
        tails = [f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in logs]
        return "\n".join([f"silent: {silent}", str(said), *tails])

    def _start(self, argv: Sequence[str], log: Path, env: Mapping[str, str]) -> Group:
        group = Group(argv, stderr=log, env={**self.environment, **env}, cwd=ROOT, all_output=True)
        self._groups.append(group)
        return group

    def close(self) -> None:
        """End everything, whatever state it is in."""
        for group in self._groups:
            group.thaw()
            group.kill()


@contextmanager
def rig(
    folder: Path,
    *,
    streams: int = 20,
    slots: int = 25,
    host: str = "127.0.0.1",
    redis_host: str = "127.0.0.1",
    media: Path | None = None,
    store_url: str | None = None,
    valkey: ValkeyProcess | None = None,
) -> Iterator[Rig]:
    """Everything but the fleet's own processes, which are started by whoever uses it.

    `valkey`: a server of another kind, not started yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    valkey = valkey or ValkeyProcess(redis_host)
    valkey.start()
    values: dict[str, object] = {"home": folder / "home", "slots": slots, "store_url": store_url}
    values |= {"redis_url": valkey.url, "media_dir": media or folder / "media"}
    values["redis_allow_plain"] = True
    settings = Settings.model_validate({k: v for k, v in values.items() if v is not None})
    settings.home.mkdir(parents=True, exist_ok=True)
    store = Store.open(settings.store)
    redis = connect(settings.redis)
    try:
        with judge(host) as shop:
            specs = rig_streams(shop.url, streams)
            stock_all(settings.media, specs)
            shop.declare([key_of(spec.stream) for spec in specs])
            board = Board(redis, settings.redis_prefix)
            made = Rig(folder, settings, valkey, shop, store, redis, board, specs)
            made.environment.update(_environment(settings, made.keys))
            try:
                yield made
            finally:
                made.close()
    finally:
        redis.close()
        store.close()
        valkey.close()


def _environment(settings: Settings, keys: Sequence[str]) -> dict[str, str]:
    return {
        "DOPPELCAST_HOME": str(settings.home),
        "DOPPELCAST_REDIS_URL": settings.redis,
        "DOPPELCAST_REDIS_ALLOW_PLAIN": "true",
        "DOPPELCAST_STORE_URL": settings.store,
        "DOPPELCAST_MEDIA_DIR": str(settings.media),
        "DOPPELCAST_SLOTS": str(settings.slots),
        "PYTHONUNBUFFERED": "1",
        **{key_name(key): key for key in keys},
    }


def strike(pid: int, number: signal.Signals) -> float:
    """Send a signal; says when."""
    at = time.monotonic()
    os.kill(pid, number)
    return at


Strike = Callable[[str], float]
"""Hurts one stream, by its key; says when, on the monotonic clock."""
