"""How the coordinator's pass grows with the fleet, and what a simulated day is like.

    python -m tests.benchmarks simulate
    python -m tests.benchmarks.simulate [pass STREAMS NODES | day STREAMS NODES HOURS]

`pass`: the real reconciler on a real Valkey and SQLite; nodes only beat. Milliseconds by the clock,
and of a core. `day`: `doppelcast simulate`, with a node lost each ten minutes and three outages of
Redis. The larger day takes a quarter of an hour, so it has to be asked for.
"""

import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.clock import SystemClock
from orchestrator.coordinator.act import Actor
from orchestrator.coordinator.ears import Ears
from orchestrator.coordinator.election import Election
from orchestrator.coordinator.observe import Observer
from orchestrator.coordinator.reconcile import Reconciler
from orchestrator.coordinator.run import collect_seldom
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase, StreamStatus, Want
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.simulate.faults import Weather
from orchestrator.simulate.figures import as_json, spread
from orchestrator.simulate.fleet import invented
from orchestrator.simulate.world import Size, simulated
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.leases import Leases
from orchestrator.wire.redis_client import connect
from tests.support.valkey import ValkeyProcess

PREFIX = "bench:"
LONG = 3600.0
"""Beats and leases are written once; they must not end before the measuring does."""
AT_A_TIME = 500
PASSES = 15
PAUSE = 0.1
"""Between passes while a node is about to be lost, as in the coordinator."""


def run() -> list[dict[str, object]]:
    """Passes of three fleets, and a short day."""
    sizes = ((30, 2), (1_000, 50), (10_000, 500))
    return [*(passes(*size) for size in sizes), day(1_000, 50, 6.0)]


def day(streams: int, nodes: int, hours: float) -> dict[str, object]:
    """A simulated day, or a part of one."""
    logging.disable(logging.ERROR)
    return {"what": "day", **as_json(simulated(Size(invented(streams), nodes), Weather(hours)))}


def passes(streams: int, nodes: int) -> dict[str, object]:
    """What a pass takes: with nothing to do, and while a node is lost."""
    logging.disable(logging.ERROR)
    collect_seldom()
    valkey = ValkeyProcess()
    valkey.start()
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{Path(folder, 'store.db')}")
        fleet = _Fleet(store, valkey, nodes)
        try:
            fleet.settle(streams)
            quiet = fleet.timed(PASSES)
            lost = fleet.lose_one()
            losing = fleet.timed(PASSES)
            fleet.end_leases(lost)
            replacing = fleet.timed(PASSES * 10, until=lost)
            assert fleet.carries(lost), "the streams of the lost node were not replaced"
        finally:
            fleet.close()
            store.close()
            valkey.kill()
    return {
        "what": "pass",
        "streams": streams,
        "nodes": nodes,
        "streams_lost": len(lost),
        "quiet": quiet,
        "a node is silent": losing,
        "its streams are replaced": replacing,
    }


@dataclass
class _Fleet:
    """Nodes that only beat, and the coordinator."""

    store: Store
    valkey: ValkeyProcess
    nodes: int
    carried: dict[NodeId, dict[StreamId, Placement]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.redis = connect(self.valkey.url)
        clock = SystemClock()
        self.board = Board(self.redis, PREFIX, beat_lives=LONG)
        self.leases = Leases(self.redis, PREFIX)
        self.ears = Ears(self.board, 4.0, clock)
        self.names = [NodeId(f"node-{number:03}") for number in range(self.nodes)]
        self.carried = {name: {} for name in self.names}
        self.slots = 0
        self.reconciler = Reconciler(
            Election(self.store.leadership, "bench"),
            Observer(self.store, self.redis, PREFIX, self.ears),
            Actor(self.store, self.board, self, clock),
            clock,
            4.0,
        )

    def close(self) -> None:
        self.ears.close()
        self.redis.close()

    def start(self, placement: Placement) -> None:
        self.carried[placement.node][placement.stream] = placement

    def nudge(self, stream: StreamId, token: FencingToken) -> None:
        """Nobody has to be reached."""

    def settle(self, streams: int) -> None:
        """Have everything on air."""
        self.slots = 2 * -(-streams // self.nodes)
        self.store.apply("bench", invented(streams), "bench", time.time())
        leader = Election(self.store.leadership, "before").leader(0.0)
        assert leader is not None
        desired = self.store.desired()
        for at in range(0, streams, AT_A_TIME):
            some = [
                (one, self.names[number % self.nodes])
                for number, one in enumerate(desired[at : at + AT_A_TIME], start=at)
            ]
            granted = self.store.placing.grant(leader, some, time.time())
            for (one, _), placement in zip(some, granted, strict=True):
                self.start(placement)
                want = Want(one.spec.stream, True, placement.token, placement.node, one.digest)
                self.board.publish([(one.spec, want)])
                holder = f"{placement.node}/{placement.token}"
                self.leases.acquire(placement.target, holder, placement.token, LONG)
        self.store.leadership.resign(leader.holder, leader.term)
        self.beat()
        self.reconciler.once()

    def beat(self) -> None:
        now = time.time()
        for name, placements in self.carried.items():
            statuses = tuple(
                StreamStatus(p.stream, p.token, Phase.ON_AIR, "digest", 1.0, on_air_seconds=now)
                for p in placements.values()
            )
            self.board.beat(
                NodeBeat(name, "boot", WorkerKind.STREAM, self.slots, streams=statuses, at=now)
            )

    def carries(self, streams: Collection[StreamId]) -> bool:
        """Whether all of them are somewhere."""
        return set(streams) <= {stream for mine in self.carried.values() for stream in mine}

    def timed(self, count: int, until: Collection[StreamId] | None = None) -> dict[str, object]:
        """So many passes at most; all beats are new at each third of them, as in a fleet."""
        walls, cores, commands = list[float](), list[float](), list[float]()
        for number in range(count):
            if number % 3 == 0:
                self.beat()
            before, wall, core = self._commands(), time.perf_counter(), time.process_time()
            self.reconciler.once()
            walls.append((time.perf_counter() - wall) * 1000)
            cores.append((time.process_time() - core) * 1000)
            commands.append(self._commands() - before - 1)
            if until is not None and self.carries(until):
                break
            time.sleep(0.0 if until is None else PAUSE)
        return {
            "ms": _spread(walls),
            "core_ms": _spread(cores),
            "redis_commands": _spread(commands),
        }

    def lose_one(self) -> dict[StreamId, Placement]:
        """The fullest node is silent; its leases live."""
        name = max(self.carried, key=lambda name: len(self.carried[name]))
        self.redis.delete(f"{PREFIX}beat:{name}")
        return self.carried.pop(name)

    def end_leases(self, lost: dict[StreamId, Placement]) -> None:
        self.redis.delete(*(f"{PREFIX}lease:{p.target}" for p in lost.values()))

    def _commands(self) -> int:
        return int(self.redis.info("stats")["total_commands_processed"])


def _spread(values: list[float]) -> dict[str, float]:
    found = spread(values)
    assert found is not None
    return {"p50": round(found.p50, 1), "p95": round(found.p95, 1), "most": round(found.most, 1)}


def main(words: list[str]) -> int:
    """One of them, or what `make bench` shows."""
    kinds: dict[str, Callable[..., dict[str, object]]] = {"pass": passes, "day": day}
    if not words:
        rows = run()
    else:
        numbers = [float(word) if "." in word else int(word) for word in words[1:]]
        rows = [kinds[words[0]](*numbers)]
    for row in rows:
        print(json.dumps(row), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
