"""The store tells what has changed, and nothing else has to be read."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event

from orchestrator.domain.placement import Observation
from orchestrator.domain.stream import Phase
from orchestrator.ids import NodeId, StreamId
from orchestrator.simulate.fleet import invented
from orchestrator.store.leadership import Leader
from orchestrator.store.news import Known, News
from orchestrator.store.store import Store

SPECS = tuple(invented(4))
HERE = NodeId("node-1")


@pytest.fixture
def asked(store: Store) -> Iterator[list[str]]:
    """Every question to the store, as it is asked."""
    found: list[str] = []

    def note(*facts: object) -> None:
        found.append(str(facts[2]))

    engine = store._database.engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def test_what_is_known_is_what_is_there_whatever_changes(store: Store, leader: Leader) -> None:
    def agrees() -> None:
        known = store.known()
        assert known == _anew(store)
        assert tuple(known.desired[s] for s in sorted(known.desired)) == store.desired()

    agrees()
    store.apply("one", SPECS[:3], "me", 1.0)
    agrees()
    first, second, _ = store.desired()
    placement, other = store.placing.grant(leader, [(first, HERE), (second, HERE)], 2.0)
    agrees()
    (standby,) = store.placing.grant(leader, [(first, NodeId("node-2"))], 3.0, standby=True)
    agrees()
    store.placing.promote(leader, [(standby, placement, "moved")], 4.0)
    agrees()
    store.placing.end(leader, [(other, "over")], 5.0)
    word = Observation(other.stream, Phase.ENDED, "over", other.token, HERE, 5.0)
    store.observing.note_as_leader(leader, [word])
    agrees()
    store.stop([StreamId(second.spec.stream)])
    agrees()
    store.apply("two", SPECS[1:], "me", 6.0)
    agrees()


def test_a_look_at_what_is_known_already_asks_one_question(store: Store, asked: list[str]) -> None:
    store.apply("one", SPECS, "me", 1.0)
    before = store.known()
    asked.clear()
    assert store.known() is before
    assert len([question for question in asked if question.startswith("SELECT")]) == 1


def test_after_a_change_only_what_has_changed_is_read(
    store: Store, leader: Leader, asked: list[str]
) -> None:
    store.apply("one", SPECS, "me", 1.0)
    before = store.known()
    store.placing.grant(leader, [(before.desired[SPECS[0].stream], HERE)], 2.0)
    asked.clear()
    after = store.known()
    assert after.desired is before.desired
    assert len([question for question in asked if question.startswith("SELECT")]) == 4


def _anew(store: Store) -> Known:
    return News(store._database).look()
