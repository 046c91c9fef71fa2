"""Fencing tokens never go back, not even those of a store that was restored from an old backup."""

from pathlib import Path

from orchestrator.ids import NodeId
from orchestrator.store.leadership import Leader
from orchestrator.store.placements import FIRST_SECOND
from orchestrator.store.store import Store
from tests.support.postgres import an_empty_database
from tests.support.streams import a_spec

NODE = NodeId("node-1")
NOW = FIRST_SECOND + 1000.0


def granted(store: Store, leader: Leader, now: float) -> int:
    [desired] = store.desired()
    [placement] = store.placing.grant(leader, ((desired, NODE),), now)
    store.placing.end(leader, ((placement, "test"),), now)
    return placement.token


def test_tokens_grow_within_a_moment_and_when_the_clock_goes_back(
    store: Store, leader: Leader
) -> None:
    store.apply("one", (a_spec("a"),), "lin", NOW)
    tokens = [granted(store, leader, at) for at in (NOW, NOW, NOW + 1, NOW - 3600)]
    assert tokens == sorted(set(tokens))


def test_a_store_that_begins_from_a_backup_draws_nothing_that_was_drawn_since(
    store: Store, leader: Leader, server: str | None, tmp_path: Path
) -> None:
    # Given a store that has granted many placements since its backup, several a second
    store.apply("one", (a_spec("a"),), "lin", NOW)
    drawn = [granted(store, leader, NOW + number / 10) for number in range(40)]
    # When one that knows nothing of them takes its place
    if server is None:
        _begins_above(f"sqlite:///{tmp_path}/backup.db", max(drawn), NOW + 5)
        return
    with an_empty_database(server) as url:
        _begins_above(url, max(drawn), NOW + 5)


def _begins_above(url: str, token: int, now: float) -> None:
    backup = Store.open(url)
    backup.apply("one", (a_spec("a"),), "lin", NOW - 100)
    leader = backup.leadership.take(None, "c-2")
    granted(backup, leader, NOW - 100)
    assert granted(backup, leader, now) > token
    backup.close()
