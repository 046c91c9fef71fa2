"""What tests of a fleet's control side start from: a broker of their own, a store, plain nodes.

A test that needs something else of these (another store, a node's name) says so in its own file.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator import settings as configuration
from orchestrator.coordinator.run import run as coordinate
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect
from tests.support.coordinators import LEASE_SECONDS, RENEW_SECONDS, Coordinators, running
from tests.support.nodes import PlainNode
from tests.support.valkey import ValkeyProcess


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is configured by whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("DOPPELCAST_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(plain_environment: None, own_valkey: ValkeyProcess, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        redis_url=own_valkey.url,
        lease_seconds=LEASE_SECONDS,
        renew_seconds=RENEW_SECONDS,
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store.open(settings.store)
    yield store
    store.close()


@pytest.fixture
def board(settings: Settings) -> Iterator[Board]:
    redis = connect(settings.redis)
    yield Board(redis, settings.redis_prefix)
    redis.close()


@pytest.fixture
def coordinators(settings: Settings, store: Store) -> Iterator[Coordinators]:
    """Processes, to be started."""
    coordinators = Coordinators(settings, store)
    yield coordinators
    coordinators.close()


@pytest.fixture
def nodes(settings: Settings) -> Iterator[Callable[..., PlainNode]]:
    """Starts one by its name."""
    started: list[PlainNode] = []

    def start(name: str, slots: int = 10) -> PlainNode:
        started.append(PlainNode(settings, name, slots).start())
        return started[-1]

    yield start
    for node in started:
        node.dies()


@pytest.fixture
def fleet(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A fleet with a coordinator, which commands of this process and its children find as well."""
    monkeypatch.setenv("DOPPELCAST_HOME", str(settings.home))
    monkeypatch.setenv("DOPPELCAST_REDIS_URL", settings.redis)
    configuration.settings.cache_clear()
    with running(coordinate, settings):
        yield settings
    configuration.settings.cache_clear()
