"""Two coordinators on PostgreSQL: the leader is killed, and no stream notices."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.domain.stream import Phase
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from tests.support.coordinators import Coordinators
from tests.support.nodes import PlainNode
from tests.support.postgres import an_empty_database
from tests.support.processes import eventually
from tests.support.streams import a_spec
from tests.support.valkey import ValkeyProcess

PATIENCE = 20.0
LEADS_SECONDS = 3.0


@pytest.fixture
def settings(own_valkey: ValkeyProcess, tmp_path: Path, postgres_server: str) -> Iterator[Settings]:
    with an_empty_database(postgres_server) as url:
        values = {"home": tmp_path, "redis_url": own_valkey.url, "store_url": url}
        yield Settings.model_validate({**values, "lease_seconds": 1.5, "renew_seconds": 0.5})


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


def on_air(node: PlainNode) -> set[str]:
    return {s for s, status in list(node.runs.items()) if status.phase is Phase.ON_AIR}


def test_the_standby_leads_within_seconds_and_streams_stay(
    coordinators: Coordinators, store: Store, node: PlainNode
) -> None:
    # Given two coordinators and two streams on air
    first = coordinators.start()
    assert eventually(lambda: coordinators.leads(first), PATIENCE)
    second = coordinators.start()
    store.apply("m", [a_spec("a"), a_spec("b")], "test", time.time())
    assert eventually(lambda: on_air(node) == {"a", "b"}, PATIENCE)
    time.sleep(1.5)  # the standby has begun to watch
    # When the leader is killed
    first.kill()
    since = time.monotonic()
    # Then the other leads soon, a change applies, and what was on air was never begun again
    assert eventually(lambda: coordinators.leads(second), PATIENCE)
    assert time.monotonic() - since <= LEADS_SECONDS
    store.apply("n", [a_spec("a"), a_spec("b"), a_spec("c")], "test", time.time())
    assert eventually(lambda: on_air(node) == {"a", "b", "c"}, PATIENCE)
    assert len(node.history) == 3
