"""A node that is cut off from Redis alone, while another one is free and the endpoint takes all.

It answers when it is asked directly, so what it has on air stays there, once; what the endpoint
drops goes on at the other node, and doesn't come back here when the cable is mended.
"""

import time
from collections.abc import Iterator, Sequence

import pytest

from orchestrator.cli.nodes import NodeState
from orchestrator.cli.overview import overview
from tests.faults.outcome import off_air
from tests.faults.rows_wire import all_hold
from tests.support import netns
from tests.support.arrivals import NEVER, late_messages, overlap_ms
from tests.support.processes import eventually
from tests.support.rig import Rig, rig

ISLAND, MAINLAND = "node-1", "node-2"
ELSEWHERE_SECONDS = 7.0
GIVEN_UP_SECONDS = 10.0
SETTLE_SECONDS = 3.0
EAR = {"DOPPELCAST_METRICS_PORT": "0", "DOPPELCAST_METRICS_HOST": "0.0.0.0"}


@pytest.fixture(scope="module")
def island() -> Iterator[netns.Island]:
    netns.require()
    with netns.namespace() as made:
        yield made


@pytest.fixture(scope="module")
def fleet(island: netns.Island, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Four streams on the island, and an empty node on this side."""
    folder = tmp_path_factory.mktemp("cut-off")
    with rig(folder, streams=4, host=island.endpoint, redis_host=island.redis) as made:
        made.start_recorder()
        made.start_coordinator("c1")
        made.start_node(ISLAND, before=island.inside, env=EAR)
        made.apply()
        made.await_on_air()
        made.start_node(MAINLAND, env=EAR)
        made.await_on_air(steady=1.5)
        yield made


def test_what_is_on_air_stays_there_once_and_what_is_dropped_goes_elsewhere(
    fleet: Rig, island: netns.Island
) -> None:
    kept, dropped = fleet.keys[:2], fleet.keys[2:]
    began = time.monotonic()
    # When the node can't reach Redis for far longer than its beat and its leases live
    island.cut()
    assert eventually(lambda: _state(fleet) is NodeState.CUT_OFF, 30), fleet.complaint()
    time.sleep(max(0.0, began + 9.0 - time.monotonic()))
    # Then nothing has moved, and nobody was on air twice
    now, cut = time.monotonic(), fleet.judge.shores(began - 1.0)
    assert all(shore.changes(began) == 0 for shore in cut.values()), fleet.complaint()
    assert max(off_air(shore, began, now) for shore in cut.values()) == 0.0
    # When the endpoint drops two of them, then those go on at the other node, and only those
    at = fleet.judge.reset(dropped)
    back = eventually(lambda: _back(fleet, dropped, at) < NEVER, 60, 0.1)
    assert back, fleet.complaint(dropped)
    assert _back(fleet, dropped, at) - at <= ELSEWHERE_SECONDS, fleet.complaint(dropped)
    assert set(fleet.placed(MAINLAND)) == set(dropped)
    # When the cable is mended, then all is as it was left
    island.mend()
    mended = time.monotonic()
    all_hold(fleet)
    fleet.await_on_air()
    time.sleep(SETTLE_SECONDS)
    assert eventually(lambda: set(fleet.carried(ISLAND)) == set(kept), 30), fleet.complaint()
    assert eventually(lambda: _state(fleet) is NodeState.UP, 30), fleet.complaint()
    now, seen = time.monotonic(), fleet.judge.shores(began - 1.0)
    assert (overlap_ms(list(seen.values())), late_messages(list(seen.values()))) == (0, 0)
    assert max(off_air(seen[key], began, now) for key in kept) == 0.0
    assert max(off_air(seen[key], mended, now) for key in dropped) == 0.0


def test_a_new_leader_knows_it_too_and_a_node_that_freezes_then_is_lost(
    fleet: Rig, island: netns.Island
) -> None:
    fleet.await_on_air(steady=1.5)
    kept = fleet.placed(ISLAND)
    assert kept
    began = time.monotonic()
    # When the leader dies while the node is cut off
    island.cut()
    fleet.coordinators["c1"].kill()
    fleet.start_coordinator("c2")
    assert fleet.leader() == "c2"
    assert eventually(lambda: _state(fleet) is NodeState.CUT_OFF, 30), fleet.complaint()
    time.sleep(max(0.0, began + 9.0 - time.monotonic()))
    # Then what is on air there stays
    cut = fleet.judge.shores(began - 1.0)
    assert all(shore.changes(began) == 0 for shore in cut.values()), fleet.complaint()
    # When it freezes, with its ffmpegs, right after it has answered
    at = time.monotonic()
    fleet.nodes[ISLAND].group.freeze()
    # Then it is given up as soon as it can't write any more, and sends nothing when it thaws
    assert eventually(lambda: _back(fleet, kept, at) < NEVER, 60, 0.1), fleet.complaint(kept)
    assert _back(fleet, kept, at) - at <= GIVEN_UP_SECONDS, fleet.complaint(kept)
    fleet.nodes[ISLAND].group.thaw()
    time.sleep(SETTLE_SECONDS)
    island.mend()
    all_hold(fleet)
    fleet.await_on_air()
    assert set(fleet.placed(MAINLAND)) == set(fleet.keys)
    seen = list(fleet.judge.shores(began - 1.0).values())
    assert (overlap_ms(seen), late_messages(seen)) == (0, 0)


def _state(fleet: Rig) -> NodeState | None:
    """How `doppelcast status` shows the node behind the cable."""
    rows = overview(fleet.store, fleet.board, time.time()).nodes
    return next((row.state for row in rows if row.node == ISLAND), None)


def _back(fleet: Rig, keys: Sequence[str], at: float) -> float:
    shores = fleet.judge.shores(at - 1.0)
    return max(shores[key].back_after(at) for key in keys)
