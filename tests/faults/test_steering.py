"""What steers the fleet fails: no stream notices, and what is wanted is done afterwards."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.faults import rows_control, rows_wire
from tests.faults.outcome import Outcome
from tests.support import netns, wallclock
from tests.support.rig import Rig
from tests.support.rig_streams import key_of

CHANGED = "room-03"
DEAD_SECONDS = 6.0
"""Three times what a silent leader is given; one that hangs is given ten seconds."""


def nobody_noticed(found: Outcome) -> None:
    assert found.worst == 0.0, found.printed()
    assert found.extra.get("new_connections", 0) == 0, found.printed()
    assert (found.overlap_ms, found.late_messages) == (0, 0), found.printed()


def seconds(found: Outcome, name: str) -> float:
    value = found.extra[name]
    assert isinstance(value, float), found.printed()
    return value


def test_redis_dies_and_comes_back_empty(ready: Rig) -> None:
    found = rows_wire.redis_killed(ready, 6.0)
    nobody_noticed(found)
    assert seconds(found, "registered_after") <= 5.0, found.printed()


def test_redis_freezes(ready: Rig) -> None:
    nobody_noticed(rows_wire.redis_frozen(ready, 6.0))


@pytest.fixture(scope="module")
def trouble(fleet: Rig) -> Mapping[str, Outcome]:
    """The clips vanish; meanwhile the leader dies, and then the store is locked."""
    fleet.await_on_air(steady=2.5)
    with ThreadPoolExecutor(1) as threads:
        clips = threads.submit(rows_control.clips_gone, fleet, 15.0, [key_of(CHANGED)])
        leader = rows_control.leader_killed(fleet, CHANGED)
        fleet.await_on_air(steady=1.0)
        store = rows_control.store_locked(fleet, CHANGED, 6.0)
        return {"clips": clips.result(), "leader": leader, "store": store}


def test_the_leader_dies(trouble: Mapping[str, Outcome]) -> None:
    found = trouble["leader"]
    nobody_noticed(found)
    assert seconds(found, "leads_after") <= DEAD_SECONDS, found.printed()
    assert seconds(found, "change_applied_after") <= DEAD_SECONDS + 4.0, found.printed()


def test_the_store_is_locked(trouble: Mapping[str, Outcome]) -> None:
    found = trouble["store"]
    nobody_noticed(found)
    assert seconds(found, "change_applied_after") <= 10.0, found.printed()


def test_the_clips_vanish(trouble: Mapping[str, Outcome]) -> None:
    found = trouble["clips"]
    nobody_noticed(found)
    assert found.extra["named_after"] is not None, found.printed()
    assert found.extra["program_again_after"] is not None, found.printed()


def test_wall_clocks_jump(apart: dict[str, "Future[Outcome]"]) -> None:
    wallclock.require()
    found = apart["clock"].result(200)
    nobody_noticed(found)
    assert found.extra["placements_changed"] is False, found.printed()
    jumps = found.extra["clocks_of_nodes"]
    assert isinstance(jumps, list)
    assert jumps == pytest.approx([3600, -3600, 0], abs=4), "the clocks did not jump"


def test_a_node_out_of_reach_of_redis_stays_on_air_and_calls_nobody_again(
    apart: dict[str, "Future[Outcome]"],
) -> None:
    netns.require()
    found = apart["island"].result(200)
    assert found.worst == 0.0, found.printed()
    assert found.extra["tries_without_a_lease"] == 0, found.printed()
    assert found.extra["off_air_after_mending"] == 0.0, found.printed()
    assert (found.overlap_ms, found.late_messages) == (0, 0), found.printed()
