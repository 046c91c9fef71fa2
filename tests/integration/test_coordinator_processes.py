"""Two coordinator processes: the leader is killed, or frozen and thawed."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.domain.stream import Phase
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from tests.support.coordinators import Coordinators
from tests.support.nodes import PlainNode
from tests.support.streams import a_spec
from tests.support.valkey import ValkeyProcess

PATIENCE = 20.0


@pytest.fixture
def settings(own_valkey: ValkeyProcess, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, redis_url=own_valkey.url, lease_seconds=1.5, renew_seconds=0.5)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store.open(settings.store)
    yield store
    store.close()


@pytest.fixture
def coordinators(settings: Settings, store: Store) -> Iterator[Coordinators]:
    coordinators = Coordinators(settings, store)
    yield coordinators
    coordinators.close()


@pytest.fixture
def node(settings: Settings) -> Iterator[PlainNode]:
    node = PlainNode(settings, "n1").start()
    yield node
    node.dies()


def within(seconds: float, holds: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - began


def on_air(node: PlainNode) -> set[str]:
    return {s for s, status in list(node.runs.items()) if status.phase is Phase.ON_AIR}


def test_the_standby_leads_soon_after_the_leader_was_killed(
    coordinators: Coordinators, store: Store, node: PlainNode
) -> None:
    first = coordinators.start()
    within(PATIENCE, lambda: coordinators.leads(first))
    second = coordinators.start()
    store.apply("m", [a_spec("a")], "test", time.time())
    within(PATIENCE, lambda: on_air(node) == {"a"})
    time.sleep(1.5)  # the standby has begun to watch
    first.kill()
    took = within(PATIENCE, lambda: coordinators.leads(second))
    assert took < 3.0
    store.apply("m", [a_spec("a"), a_spec("b")], "test", time.time())
    within(PATIENCE, lambda: on_air(node) == {"a", "b"})
    assert len(node.history) == 2


def test_a_leader_that_was_frozen_finds_its_term_over(
    coordinators: Coordinators, store: Store, node: PlainNode
) -> None:
    first = coordinators.start()
    within(PATIENCE, lambda: coordinators.leads(first))
    second = coordinators.start()
    time.sleep(2.5)
    first.send_signal(signal.SIGSTOP)
    within(PATIENCE, lambda: coordinators.leads(second))
    term = coordinators.row().term
    first.send_signal(signal.SIGCONT)
    store.apply("m", [a_spec("a")], "test", time.time())
    within(PATIENCE, lambda: on_air(node) == {"a"})
    time.sleep(2.0)
    assert coordinators.leads(second)
    assert coordinators.row().term == term
    assert len(node.history) == 1


def test_a_coordinator_that_is_told_to_end_leaves_at_once_and_the_standby_need_not_wait(
    coordinators: Coordinators,
) -> None:
    first = coordinators.start()
    within(PATIENCE, lambda: coordinators.leads(first))
    second = coordinators.start()
    time.sleep(2.5)
    first.terminate()
    assert first.wait(5) == 0
    assert within(PATIENCE, lambda: coordinators.leads(second)) < 1.5
