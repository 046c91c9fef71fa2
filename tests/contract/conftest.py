"""The store on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.store.leadership import Leader
from orchestrator.store.store import Store
from tests.support.postgres import an_empty_database


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> str | None:
    """PostgreSQL's address, or None for SQLite, which has no server."""
    if request.param == "sqlite":
        return None
    return str(request.getfixturevalue("postgres_server"))


@pytest.fixture
def store_url(server: str | None, tmp_path: Path) -> Iterator[str]:
    if server is None:
        yield f"sqlite:///{tmp_path / 'deep' / 'store.db'}"
        return
    with an_empty_database(server) as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = Store.open(store_url)
    yield store
    store.close()


@pytest.fixture
def leader(store: Store) -> Leader:
    return store.leadership.take(None, "c-1")
