"""The store, one suite on SQLite and PostgreSQL."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.node import NodeOrder
from orchestrator.domain.placement import Observation
from orchestrator.domain.stream import Phase
from orchestrator.errors import (
    ConfigurationError,
    NotLeader,
    RecordNotFound,
    StaleToken,
    StoreUnavailable,
    WriteConflict,
)
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.store.leadership import Leader
from orchestrator.store.store import Store
from tests.support.streams import a_spec

NODE, OTHER = NodeId("node-1"), NodeId("node-2")
A, B, C = a_spec("shop-a"), a_spec("shop-b"), a_spec("shop-c")


def test_applying_a_matrix_says_what_changed(store: Store) -> None:
    first = store.apply("one", (A, B), "lin", 10.0)
    assert (first.revision, first.added) == (1, ("shop-a", "shop-b"))
    changed = a_spec("shop-b", text="另一句话。")
    second = store.apply("two", (changed, C), "lin", 20.0)
    assert second.revision == 2
    assert (second.added, second.changed, second.removed) == (("shop-c",), ("shop-b",), ("shop-a",))
    assert [d.spec for d in store.desired()] == [changed, C]
    latest = store.matrices.latest()
    assert latest is not None
    assert (latest.document, latest.applied_by, latest.applied_at) == ("two", "lin", 20.0)


def test_applying_the_same_again_changes_nothing_but_the_revision(store: Store) -> None:
    store.apply("one", (A, B), "lin", 10.0)
    again = store.apply("one", (A, B), "lin", 11.0)
    assert (again.added, again.changed, again.removed) == ((), (), ())
    assert again.unchanged == ("shop-a", "shop-b")
    assert {d.revision for d in store.desired()} == {2}


def test_a_spec_comes_back_as_it_was(store: Store) -> None:
    store.apply("one", (A,), "lin", 10.0)
    desired = store.desired()[0]
    assert desired.spec == A
    assert desired.digest == desired.spec.digest == A.digest


def test_streams_are_stopped_and_started_by_name_or_all(store: Store) -> None:
    store.apply("one", (A, B), "lin", 10.0)
    assert store.stop((A.stream,)) == ("shop-a",)
    assert [d.wanted for d in store.desired()] == [False, True]
    assert store.stop() == ("shop-b",)
    assert store.start() == ("shop-a", "shop-b")
    with pytest.raises(RecordNotFound, match="shop-x"):
        store.stop((StreamId("shop-x"),))


def test_tokens_grow_over_all_targets(store: Store, leader: Leader) -> None:
    store.apply("one", (A, B), "lin", 10.0)
    a, b = store.desired()
    first, second = store.placing.grant(leader, ((a, NODE), (b, NODE)), 11.0)
    store.placing.end(leader, ((first, "lost"),), 12.0)
    (third,) = store.placing.grant(leader, ((a, NODE),), 13.0)
    assert first.token < second.token < third.token
    assert [p.token for p in store.placements()] == [third.token, second.token]
    history = store.placing.of(A.stream)
    assert [(p.token, p.open, p.reason) for p in history] == [
        (first.token, False, "lost"),
        (third.token, True, ""),
    ]


def test_a_stream_has_one_open_placement(store: Store, leader: Leader) -> None:
    store.apply("one", (A,), "lin", 10.0)
    desired = store.desired()[0]
    store.placing.grant(leader, ((desired, NODE),), 11.0)
    with pytest.raises(WriteConflict):
        store.placing.grant(leader, ((desired, NodeId("node-2")),), 12.0)
    assert len(store.placements()) == 1


def test_two_streams_on_one_target_are_not_placed_together(store: Store, leader: Leader) -> None:
    store.apply("one", (a_spec("x", key="same"), a_spec("y", key="same")), "lin", 10.0)
    x, y = store.desired()
    store.placing.grant(leader, ((x, NODE),), 11.0)
    with pytest.raises(WriteConflict):
        store.placing.grant(leader, ((y, NODE),), 12.0)


def test_a_standby_prepares_beside_the_placement_and_takes_over(
    store: Store, leader: Leader
) -> None:
    store.apply("one", (A, B), "lin", 10.0)
    desired = store.desired()[0]
    (old,) = store.placing.grant(leader, ((desired, NODE),), 11.0)
    (standby,) = store.placing.grant(leader, ((desired, OTHER),), 12.0, standby=True)
    assert standby.standby
    assert standby.token > old.token
    assert store.placements() == (old, standby)
    with pytest.raises(WriteConflict):
        store.placing.grant(leader, ((desired, NodeId("node-3")),), 13.0, standby=True)
    store.placing.promote(leader, ((standby, old, "moved to node-2"),), 14.0)
    (now,) = store.placements()
    assert now == replace(standby, standby=False)
    before = store.placing.of(A.stream)[0]
    assert (before.ended_at, before.reason) == (14.0, "moved to node-2")


def test_a_standby_inherits_from_a_placement_that_has_ended(store: Store, leader: Leader) -> None:
    store.apply("one", (A,), "lin", 10.0)
    desired = store.desired()[0]
    (old,) = store.placing.grant(leader, ((desired, NODE),), 11.0)
    (standby,) = store.placing.grant(leader, ((desired, OTHER),), 12.0, standby=True)
    store.placing.end(leader, ((old, "lost"),), 13.0)
    store.placing.promote(leader, ((standby, None, ""),), 14.0)
    assert store.placements() == (replace(standby, standby=False),)


def test_a_standby_that_has_ended_takes_nothing_over(store: Store, leader: Leader) -> None:
    store.apply("one", (A,), "lin", 10.0)
    desired = store.desired()[0]
    (old,) = store.placing.grant(leader, ((desired, NODE),), 11.0)
    (standby,) = store.placing.grant(leader, ((desired, OTHER),), 12.0, standby=True)
    store.placing.end(leader, ((standby, "not ready"),), 13.0)
    with pytest.raises(WriteConflict):
        store.placing.promote(leader, ((standby, old, "moved"),), 14.0)
    assert store.placements() == (old,)
    store.placing.grant(leader, ((desired, OTHER),), 15.0, standby=True)


def test_only_the_leader_promotes_and_judges_nodes(store: Store, leader: Leader) -> None:
    store.apply("one", (A,), "lin", 10.0)
    desired = store.desired()[0]
    (old,) = store.placing.grant(leader, ((desired, NODE),), 11.0)
    (standby,) = store.placing.grant(leader, ((desired, OTHER),), 12.0, standby=True)
    store.leadership.take(store.leadership.current(), "c-2")
    with pytest.raises(NotLeader):
        store.placing.promote(leader, ((standby, old, "moved"),), 13.0)
    with pytest.raises(NotLeader):
        store.nodes.set_aside(leader, NODE, "why", 13.0)
    with pytest.raises(NotLeader):
        store.nodes.lift(leader, NODE)
    assert store.placements() == (old, standby)


def test_a_node_is_drained_until_somebody_takes_that_back(store: Store) -> None:
    assert store.nodes.all() == ()
    assert store.nodes.drain(NODE, "lin", 10.0)
    assert not store.nodes.drain(NODE, "wang", 11.0)
    (order,) = store.nodes.all()
    assert order == NodeOrder(NODE, drained_at=10.0, drained_by="lin")
    assert store.nodes.undrain(NODE)
    assert not store.nodes.undrain(NODE)
    assert store.nodes.all() == ()


def test_a_node_is_set_aside_for_a_while(store: Store, leader: Leader) -> None:
    store.nodes.set_aside(leader, NODE, "failed 3 times", 10.0)
    assert store.nodes.all() == (NodeOrder(NODE, aside_at=10.0, aside_reason="failed 3 times"),)
    store.nodes.drain(NODE, "lin", 11.0)
    store.nodes.lift(leader, NODE)
    assert store.nodes.all() == (NodeOrder(NODE, drained_at=11.0, drained_by="lin"),)
    store.nodes.set_aside(leader, NODE, "again", 12.0)
    assert store.nodes.undrain(NODE)
    assert store.nodes.all() == ()
    store.nodes.lift(leader, NodeId("unheard-of"))
    assert store.nodes.all() == ()


def test_what_a_standby_says_is_kept_but_is_not_where_the_stream_stands(
    store: Store, leader: Leader
) -> None:
    store.apply("one", (A,), "lin", 10.0)
    desired = store.desired()[0]
    (old,) = store.placing.grant(leader, ((desired, NODE),), 11.0)
    (standby,) = store.placing.grant(leader, ((desired, OTHER),), 12.0, standby=True)

    def say(token: FencingToken, phase: str) -> None:
        told = Report(f"{token}/{phase}", ReportKind.PHASE, NODE, 20.0, A.stream, token)
        store.reporting.record((replace(told, facts={"phase": phase}),))

    say(old.token, "on_air")
    say(standby.token, "ready")
    assert [o.phase for o in store.observations()] == [Phase.ON_AIR]
    assert len(store.reporting.latest(ReportKind.PHASE)) == 2
    store.placing.promote(leader, ((standby, old, "moved"),), 21.0)
    say(standby.token, "connecting")
    say(old.token, "ended")
    assert [o.phase for o in store.observations()] == [Phase.CONNECTING]


def test_a_leader_whose_term_is_over_writes_nothing(store: Store, leader: Leader) -> None:
    store.apply("one", (A,), "lin", 10.0)
    desired = store.desired()[0]
    (placement,) = store.placing.grant(leader, ((desired, NODE),), 11.0)
    seen = store.leadership.current()
    assert seen is not None
    new = store.leadership.take(seen, "c-2")
    assert new.term == leader.term + 1
    with pytest.raises(NotLeader):
        store.placing.end(leader, ((placement, "gone"),), 12.0)
    with pytest.raises(NotLeader):
        store.leadership.beat(leader.holder, leader.term)
    assert store.placements() == (placement,)
    store.placing.end(new, ((placement, "gone"),), 12.0)


def test_a_beating_leader_is_not_replaced(store: Store, leader: Leader) -> None:
    seen = store.leadership.current()
    store.leadership.beat(leader.holder, leader.term)
    with pytest.raises(WriteConflict):
        store.leadership.take(seen, "c-2")


def test_of_two_that_begin_the_first_term_one_wins(store: Store) -> None:
    store.leadership.take(None, "c-1")
    with pytest.raises(WriteConflict):
        store.leadership.take(None, "c-2")


def test_a_leader_that_resigns_leaves_an_empty_chair(store: Store, leader: Leader) -> None:
    store.leadership.resign(leader.holder, leader.term)
    now = store.leadership.current()
    assert now is not None
    assert now.holder == ""
    assert store.leadership.take(now, "c-2").term == 2


def observation(token: int, at: float, phase: Phase = Phase.ON_AIR) -> Observation:
    return Observation(A.stream, phase, "", FencingToken(token), NODE, at)


def test_an_older_token_does_not_change_what_was_observed(store: Store) -> None:
    store.observing.observe(observation(33, 1.0, Phase.PREPARING))
    store.observing.observe(observation(33, 2.0))
    store.observing.observe(observation(34, 1.5, Phase.PREPARING))
    with pytest.raises(StaleToken):
        store.observing.observe(observation(33, 9.0, Phase.ENDED))
    with pytest.raises(StaleToken):
        store.observing.observe(observation(34, 1.0, Phase.ENDED))
    assert store.observations() == (observation(34, 1.5, Phase.PREPARING),)


def report(name: str, at: float = 1.0, **facts: str | int) -> Report:
    return Report(name, ReportKind.PHASE, NODE, at, A.stream, FencingToken(1), facts)


def test_a_report_counts_once_however_often_it_comes(store: Store) -> None:
    one, two = report("r1", phase="preparing"), report("r2", 2.0, phase="failed", permanent=1)
    assert store.reporting.record((one, one)) == 1
    assert store.reporting.record((one, two)) == 1
    assert store.reporting.latest(ReportKind.PHASE) == (two, one)
    (seen,) = store.observations()
    assert (seen.phase, seen.permanent) == (Phase.FAILED, True)


def test_reports_of_unknown_phases_are_kept_all_the_same(store: Store) -> None:
    assert store.reporting.record((report("r1", phase="levitating"),)) == 1
    assert store.observations() == ()


OPEN_AND_CLOSE = (
    "import sys; from orchestrator.store.store import Store; Store.open(sys.argv[1]).close()"
)


def test_processes_may_open_a_new_store_at_once(store_url: str) -> None:
    argv = [sys.executable, "-c", OPEN_AND_CLOSE, store_url]
    processes = [subprocess.Popen(argv, stderr=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate()[1].decode() for process in processes] == [""] * 4


def test_threads_may_open_a_new_store_at_once(store_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(Store.open, [store_url] * 4))
    for store in stores:
        assert store.desired() == ()
        store.close()


def test_a_locked_store_is_unavailable_not_broken(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "store.db"
    store = Store.open(f"sqlite:///{path}")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="locked"):
        store.stop()
    blocker.execute("ROLLBACK")
    blocker.close()
    assert store.stop() == ()
    store.close()


def test_a_store_that_cannot_be_reached_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        Store.open("postgresql://nobody@127.0.0.1:1/none")


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense"])
def test_an_unknown_kind_of_store_is_refused_with_what_is_allowed(url: str) -> None:
    with pytest.raises(ConfigurationError, match="sqlite:///PATH"):
        Store.open(url)


def test_the_migrations_make_exactly_the_tables_in_the_code(store_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from orchestrator.store.database import Database
    from orchestrator.store.migrate import migrate
    from orchestrator.store.tables import metadata

    database = Database(store_url)
    migrate(database)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_the_schema_goes_down_and_up_again_with_what_is_in_it(store_url: str) -> None:
    # Given a store with a stream that moves, and a node that is drained
    store = Store.open(store_url)
    leader = store.leadership.take(None, "c-1")
    store.apply("one", (A, B), "lin", 10.0)
    a, b = store.desired()
    old, other = store.placing.grant(leader, ((a, NODE), (b, NODE)), 11.0)
    store.placing.grant(leader, ((a, OTHER),), 12.0, standby=True)
    store.nodes.drain(NODE, "lin", 13.0)
    store.close()
    # When it goes back by one version, and forth again
    _alembic(store_url, "downgrade", "0001")
    assert "standby" not in _columns(store_url, "placements")
    store = Store.open(store_url)
    # Then the streams are where they were, and what the old version didn't know is gone
    assert store.placements() == (old, other)
    assert store.nodes.all() == ()
    assert {d.spec.stream for d in store.desired()} == {"shop-a", "shop-b"}
    with pytest.raises(WriteConflict):
        store.placing.grant(leader, ((a, OTHER),), 14.0)
    store.placing.grant(leader, ((a, OTHER),), 15.0, standby=True)
    store.close()


def test_what_is_on_air_stays_there_when_placements_learn_of_connections(store_url: str) -> None:
    # Given a store of a version that compared whole specs, with a stream as it was placed
    store = Store.open(store_url)
    leader = store.leadership.take(None, "c-1")
    store.apply("one", (A, B), "lin", 10.0)
    store.placing.grant(leader, [(d, NODE) for d in store.desired()], 11.0)
    store.close()
    _alembic(store_url, "downgrade", "0002")
    _say(store_url, f"UPDATE placements SET spec_digest = '{A.digest}' WHERE stream = 'shop-a'")
    # When it is brought up to date
    store = Store.open(store_url)
    # Then that stream's connection is known, and another one's, which was changed, isn't
    a, b = store.placements()
    assert a.link_digest == A.link_digest
    assert b.stream == B.stream
    store.close()


def _say(url: str, statement: str) -> None:
    from sqlalchemy import text

    from orchestrator.store.database import Database

    database = Database(url)
    with database.writing() as connection:
        connection.execute(text(statement))
    database.close()


def _alembic(url: str, verb: str, revision: str) -> None:
    from importlib.resources import as_file, files

    from alembic import command
    from alembic.config import Config

    from orchestrator.store.database import Database

    database = Database(url)
    with as_file(files("orchestrator.store").joinpath("migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder))
        with database.writing() as connection:
            config.attributes["connection"] = connection
            getattr(command, verb)(config, revision)
    database.close()


def _columns(url: str, table: str) -> set[str]:
    from sqlalchemy import inspect

    from orchestrator.store.database import Database

    database = Database(url)
    with database.reading() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns(table)}
    database.close()
    return columns
