"""Two coordinators on PostgreSQL: the leader is killed, and no stream notices."""

import time
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from orchestrator.settings import Settings
from orchestrator.store.store import Store
from tests.support.coordinators import Coordinators
from tests.support.nodes import PlainNode, on_air
from tests.support.postgres import an_empty_database
from tests.support.processes import eventually
from tests.support.streams import a_spec

PATIENCE = 20.0
LEADS_SECONDS = 3.0


@pytest.fixture
def settings(settings: Settings, postgres_server: str) -> Iterator[Settings]:
    with an_empty_database(postgres_server) as url:
        yield settings.model_copy(update={"store_url": SecretStr(url)})


@pytest.fixture
def node(nodes: Callable[..., PlainNode]) -> PlainNode:
    return nodes("n1")


def test_the_standby_leads_within_seconds_and_streams_stay(
    coordinators: Coordinators, store: Store, node: PlainNode
) -> None:
    # Given two coordinators and two streams on air
    first = coordinators.start()
    assert eventually(lambda: coordinators.leads(first), PATIENCE)
    second = coordinators.start()
    store.apply("m", [a_spec("a"), a_spec("b")], "test", time.time())
    assert eventually(lambda: on_air(node) == {"a", "b"}, PATIENCE)
    assert eventually(lambda: coordinators.watches(second), PATIENCE)
    # When the leader is killed
    first.kill()
    since = time.monotonic()
    # Then the other leads soon, a change applies, and what was on air was never begun again
    assert eventually(lambda: coordinators.leads(second), PATIENCE)
    assert time.monotonic() - since <= LEADS_SECONDS
    store.apply("n", [a_spec("a"), a_spec("b"), a_spec("c")], "test", time.time())
    assert eventually(lambda: on_air(node) == {"a", "b", "c"}, PATIENCE)
    assert len(node.history) == 3
