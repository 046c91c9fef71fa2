"""Every revision of the schema goes down and up again with a store's life in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.ids import NodeId
from orchestrator.store.database import Database
from orchestrator.store.store import Store
from tests.support.streams import a_spec

NODE, OTHER = NodeId("node-1"), NodeId("node-2")
A, B = a_spec("shop-a"), a_spec("shop-b")


@contextmanager
def alembic() -> Iterator[Config]:
    with as_file(files("orchestrator.store").joinpath("migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder))
        yield config


def revisions() -> list[str]:
    """Oldest first."""
    with alembic() as config:
        scripts = ScriptDirectory.from_config(config).walk_revisions()
        return [script.revision for script in scripts][::-1]


def moved(url: str, verb: str, revision: str) -> None:
    database = Database(url)
    try:
        with alembic() as config, database.writing() as connection:
            config.attributes["connection"] = connection
            getattr(command, verb)(config, revision)
    finally:
        database.close()


def tables(url: str) -> set[str]:
    database = Database(url)
    with database.reading() as connection:
        found = set(inspect(connection).get_table_names())
    database.close()
    return found


@pytest.mark.parametrize("revision", revisions()[:-1])
def test_a_store_survives_an_older_schema_and_a_newer_one(store_url: str, revision: str) -> None:
    # Given a store with two streams, one of which moves, a drained node and evidence
    store = Store.open(store_url)
    leader = store.leadership.take(None, "c-1")
    store.apply("one", (A, B), "lin", 10.0)
    a, b = store.desired()
    store.placing.grant(leader, ((a, NODE), (b, NODE)), 11.0)
    store.placing.grant(leader, ((a, OTHER),), 12.0, standby=True)
    store.nodes.drain(NODE, "lin", 13.0)
    report = Report("r/1", ReportKind.PHASE, NODE, 14.0, A.stream, None, {"phase": "on_air"})
    store.reporting.record((report,))
    store.close()
    # When it goes back that far, and forth again
    moved(store_url, "downgrade", revision)
    store = Store.open(store_url)
    # Then what is desired, who has it, who leads and what happened are as they were
    assert [d.spec for d in store.desired()] == [A, B]
    assert [(p.stream, p.node) for p in store.placements() if not p.standby] == [
        ("shop-a", NODE),
        ("shop-b", NODE),
    ]
    assert store.leadership.current() is not None
    assert [r.report for r in store.reporting.latest(ReportKind.PHASE, 9)] == ["r/1"]
    # ... and it is written to as before
    store.stop((A.stream,))
    store.placing.grant(leader, (), 15.0)
    assert not store.known().desired[A.stream].wanted
    store.close()


def test_what_the_first_revision_made_goes_without_a_trace(store_url: str) -> None:
    Store.open(store_url).close()
    moved(store_url, "downgrade", "base")
    assert tables(store_url) == {"alembic_version"}
    store = Store.open(store_url)
    assert store.desired() == ()
    store.close()
