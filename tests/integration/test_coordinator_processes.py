"""Two coordinator processes: the leader is killed, or frozen and thawed."""

import signal
import time
from collections.abc import Callable

import pytest

from orchestrator.settings import Settings
from orchestrator.store.store import Store
from tests.support.coordinators import Coordinators, freeze_between_writes
from tests.support.nodes import PlainNode, on_air
from tests.support.processes import within
from tests.support.streams import a_spec

PATIENCE = 20.0


@pytest.fixture
def node(nodes: Callable[..., PlainNode]) -> PlainNode:
    return nodes("n1")


def test_the_standby_leads_soon_after_the_leader_was_killed(
    coordinators: Coordinators, store: Store, node: PlainNode
) -> None:
    first = coordinators.start()
    within(PATIENCE, lambda: coordinators.leads(first))
    second = coordinators.start()
    store.apply("m", [a_spec("a")], "test", time.time())
    within(PATIENCE, lambda: on_air(node) == {"a"})
    within(PATIENCE, lambda: coordinators.watches(second))
    first.kill()
    took = within(PATIENCE, lambda: coordinators.leads(second))
    assert took < 3.0
    store.apply("m", [a_spec("a"), a_spec("b")], "test", time.time())
    within(PATIENCE, lambda: on_air(node) == {"a", "b"})
    assert len(node.history) == 2


def test_a_leader_that_was_frozen_finds_its_term_over(
    coordinators: Coordinators, store: Store, settings: Settings, node: PlainNode
) -> None:
    first = coordinators.start()
    within(PATIENCE, lambda: coordinators.leads(first))
    second = coordinators.start()
    within(PATIENCE, lambda: coordinators.watches(second))
    freeze_between_writes(first, settings.store)
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
    within(PATIENCE, lambda: coordinators.watches(second))
    first.terminate()
    assert first.wait(PATIENCE) == 0
    assert within(PATIENCE, lambda: coordinators.leads(second)) < 1.5
