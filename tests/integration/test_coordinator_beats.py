"""A leader's beat: it goes on while a pass waits, and ends when passes do."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.clock import SystemClock
from orchestrator.coordinator import election as judge
from orchestrator.coordinator.election import BEAT_SECONDS, Beating, Election
from orchestrator.store.store import Store
from tests.support.processes import eventually


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    store.close()


@pytest.fixture
def leading(store: Store) -> Iterator[tuple[Election, Beating]]:
    election = Election(store.leadership, "first")
    assert election.leader(0.0) is not None
    beating = Beating(election, SystemClock())
    beating.start()
    yield election, beating
    beating.close()


def beats(store: Store) -> int:
    row = store.leadership.current()
    assert row is not None
    return row.beat


def test_the_leader_beats_while_a_pass_waits(
    store: Store, leading: tuple[Election, Beating], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "HUNG_SECONDS", 60.0)
    before = beats(store)
    assert eventually(lambda: beats(store) >= before + 2, 30)


def test_a_leader_whose_pass_hangs_beats_no_more_until_it_ends(
    store: Store, leading: tuple[Election, Beating], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "HUNG_SECONDS", 0.2)
    time.sleep(0.3)
    before = beats(store)
    time.sleep(2.5 * BEAT_SECONDS)
    assert beats(store) <= before + 1
    monkeypatch.setattr(judge, "HUNG_SECONDS", 60.0)
    leading[1].passed()
    assert eventually(lambda: beats(store) >= before + 2, 30)


def test_a_beat_after_the_end_of_the_term_changes_nothing_and_the_pass_finds_out(
    store: Store, leading: tuple[Election, Beating]
) -> None:
    election, _ = leading
    other = Election(store.leadership, "second")
    assert eventually(lambda: _takes(store, other), 30)
    time.sleep(2.5 * BEAT_SECONDS)
    row = store.leadership.current()
    assert row is not None
    assert row.holder == "second"
    assert election.leads
    assert election.leader(0.0) is None
    assert not election.leads


def _takes(store: Store, other: Election) -> bool:
    other.leader(0.0)
    return other.leader(judge.PATIENCE_SECONDS) is not None
