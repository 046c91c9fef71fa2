"""`doppelcast leave` as a pod's hook uses it: a coordinator, plain nodes, a real broker."""

from collections.abc import Callable

import pytest

from orchestrator.cli.leave import left
from orchestrator.clock import SystemClock
from orchestrator.errors import WireUnreachable
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from tests.support.nodes import PlainNode, on_air, put_on_air
from tests.support.processes import eventually
from tests.support.valkey import ValkeyProcess

PATIENCE = 20.0
Start = Callable[..., PlainNode]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of a machine whose stream worker is called like that."""
    return settings.model_copy(update={"node": "stream-1"})


def test_a_worker_gives_its_streams_away_and_its_successor_takes_streams_again(
    fleet: Settings, nodes: Start, store: Store
) -> None:
    first = nodes("stream-1")
    put_on_air(store, first, "a", "b")
    second = nodes("stream-2")
    told: list[str] = []
    assert left(fleet, PATIENCE, SystemClock(), told.append)
    assert not first.runs
    assert eventually(lambda: len(on_air(second)) == 2, PATIENCE)
    assert told[-1] == "stream-1 carries nothing any more."
    first.dies()
    again = nodes("stream-1")
    second.draining = True
    assert eventually(lambda: len(on_air(again)) == 2, PATIENCE), "nothing is to be taken back"


def test_streams_with_nowhere_to_go_stay_on_air_until_the_time_is_over(
    fleet: Settings, nodes: Start, store: Store
) -> None:
    alone = nodes("stream-1")
    put_on_air(store, alone, "a")
    told: list[str] = []
    assert not left(fleet, 2.0, SystemClock(), told.append)
    assert "there is no other node that takes streams" in told[-1]
    assert len(on_air(alone)) == 1


def test_where_no_worker_beats_there_is_nothing_to_leave(fleet: Settings) -> None:
    told: list[str] = []
    assert left(fleet, 5.0, SystemClock(), told.append)
    assert told == ["No stream worker beats as stream-1; there is nothing to leave."]


def test_without_redis_nobody_can_be_asked(fleet: Settings, own_valkey: ValkeyProcess) -> None:
    own_valkey.kill()
    with pytest.raises(WireUnreachable):
        left(fleet, 5.0, SystemClock(), lambda _: None)
