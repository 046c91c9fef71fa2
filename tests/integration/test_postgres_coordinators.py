"""Two coordinators on PostgreSQL: the leader is killed or frozen, and no stream notices."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from orchestrator.settings import Settings
from orchestrator.store.database import Database
from orchestrator.store.leadership import fence
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


def test_a_leader_that_is_frozen_in_the_midst_of_a_write_keeps_nobody_from_leading(
    coordinators: Coordinators, store: Store, settings: Settings, node: PlainNode
) -> None:
    # Given a leader, a standby, and what a leader that is frozen there has begun and never ends
    first = coordinators.start()
    assert eventually(lambda: coordinators.leads(first), PATIENCE)
    second = coordinators.start()
    assert eventually(lambda: coordinators.watches(second), PATIENCE)
    database = Database(settings.store)
    first.send_signal(signal.SIGSTOP)
    leader = coordinators.row()
    with closing(database), database.engine.connect() as connection:
        fence(connection, leader.holder, leader.term)
        # Then the other leads all the same, and a change applies
        assert eventually(lambda: coordinators.leads(second), PATIENCE)
        store.apply("m", [a_spec("a")], "test", time.time())
        assert eventually(lambda: on_air(node) == {"a"}, PATIENCE)
        # And what was begun can't be ended any more
        with pytest.raises(DBAPIError):
            connection.commit()
    assert coordinators.row().term == leader.term + 1
