"""`doppelcast leave` as a pod's hook uses it: a coordinator, plain nodes, a real broker."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.cli.leave import left
from orchestrator.clock import SystemClock
from orchestrator.coordinator.run import run as coordinate
from orchestrator.domain.stream import Phase
from orchestrator.errors import WireUnreachable
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from tests.support.nodes import PlainNode
from tests.support.processes import eventually
from tests.support.streams import a_spec
from tests.support.valkey import ValkeyProcess

PATIENCE = 20.0
Start = Callable[..., PlainNode]


@pytest.fixture
def fleet(
    own_valkey: ValkeyProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Settings of a node in a fleet that has a coordinator."""
    for name in [name for name in os.environ if name.startswith("DOPPELCAST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DOPPELCAST_HOME", str(tmp_path))
    monkeypatch.setenv("DOPPELCAST_REDIS_URL", own_valkey.url)
    monkeypatch.setenv("DOPPELCAST_NODE", "stream-1")
    current = Settings(lease_seconds=1.5, renew_seconds=0.5)
    ending = threading.Event()
    thread = threading.Thread(target=coordinate, args=(current, ending))
    thread.start()
    yield current
    ending.set()
    thread.join()


@pytest.fixture
def start(fleet: Settings) -> Iterator[Start]:
    started: list[PlainNode] = []

    def begin(name: str) -> PlainNode:
        started.append(PlainNode(fleet, name).start())
        return started[-1]

    yield begin
    for node in started:
        node.dies()


def put_on_air(fleet: Settings, node: PlainNode, *names: str) -> None:
    store = Store.open(fleet.store)
    store.apply("matrix", [a_spec(name) for name in names], "test", time.time())
    store.close()
    assert eventually(lambda: on_air(node) == len(names), PATIENCE)


def on_air(node: PlainNode) -> int:
    return sum(status.phase is Phase.ON_AIR for status in list(node.runs.values()))


def test_a_worker_gives_its_streams_away_and_its_successor_takes_streams_again(
    fleet: Settings, start: Start
) -> None:
    first = start("stream-1")
    put_on_air(fleet, first, "a", "b")
    second = start("stream-2")
    told: list[str] = []
    assert left(fleet, PATIENCE, SystemClock(), told.append)
    assert not first.runs
    assert eventually(lambda: on_air(second) == 2, PATIENCE)
    assert told[-1] == "stream-1 carries nothing any more."
    first.dies()
    again = start("stream-1")
    second.draining = True
    assert eventually(lambda: on_air(again) == 2, PATIENCE), "nothing is to be taken back"


def test_streams_with_nowhere_to_go_stay_on_air_until_the_time_is_over(
    fleet: Settings, start: Start
) -> None:
    alone = start("stream-1")
    put_on_air(fleet, alone, "a")
    told: list[str] = []
    assert not left(fleet, 2.0, SystemClock(), told.append)
    assert "there is no other node that takes streams" in told[-1]
    assert on_air(alone) == 1


def test_where_no_worker_beats_there_is_nothing_to_leave(fleet: Settings) -> None:
    told: list[str] = []
    assert left(fleet, 5.0, SystemClock(), told.append)
    assert told == ["No stream worker beats as stream-1; there is nothing to leave."]


def test_without_redis_nobody_can_be_asked(fleet: Settings, own_valkey: ValkeyProcess) -> None:
    own_valkey.kill()
    with pytest.raises(WireUnreachable):
        left(fleet, 5.0, SystemClock(), lambda _: None)
