"""How the coordinator's memory goes on from pass to pass."""

from dataclasses import replace

from orchestrator.coordinator.diff import LOST, START_SECONDS, End
from orchestrator.coordinator.move import HANDOVER_SECONDS, CallOff, Moves, Promote
from orchestrator.coordinator.remember import LONGEST_WAIT, ended, moved, redis_is_back, seen
from orchestrator.coordinator.situation import Handover, Memory, Sighting, Situation, Trouble
from orchestrator.domain.node import NodeBeat, NodeOrder, WorkerKind
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.ids import FencingToken, NodeId
from tests.support.streams import a_desired, a_spec

SPEC = a_spec("a")
TOKEN = FencingToken(7)
PLACEMENT = Placement(
    SPEC.stream, SPEC.endpoint.target, NodeId("n1"), TOKEN, SPEC.link_digest, 1, granted_at=5000.0
)
STATUS = StreamStatus(SPEC.stream, TOKEN, Phase.ON_AIR, SPEC.digest, 0.0, on_air_seconds=61.0)
PLACED = Situation(desired={SPEC.stream: a_desired(SPEC)}, placements={SPEC.stream: PLACEMENT})
CARRIED = replace(
    PLACED, beats=(NodeBeat(NodeId("n1"), "boot", WorkerKind.STREAM, 10, streams=(STATUS,)),)
)


def test_a_run_that_is_carried_was_just_seen() -> None:
    assert seen(Memory(), CARRIED, 10.0, 5001.0).sightings == {TOKEN: Sighting(10.0, seen=True)}


def test_what_was_seen_keeps_its_time_when_it_vanishes() -> None:
    memory = seen(Memory(), CARRIED, 10.0, 5001.0)
    memory = seen(memory, PLACED, 12.0, 5003.0)
    missed = Sighting(10.0, seen=True, missed_at=12.0)
    assert memory.sightings == {TOKEN: missed}
    assert seen(memory, PLACED, 13.0, 5004.0).sightings == {TOKEN: missed}


def test_a_new_leader_asks_the_wall_clock_how_old_a_placement_is() -> None:
    assert seen(Memory(), PLACED, 100.0, 5004.0).sightings[TOKEN].since == 96.0


def test_a_jump_of_the_wall_clock_is_bounded() -> None:
    assert seen(Memory(), PLACED, 100.0, 1.0).sightings[TOKEN].since == 100.0
    assert seen(Memory(), PLACED, 100.0, 9e9).sightings[TOKEN].since == 100.0 - START_SECONDS


def test_ends_in_a_row_cost_a_wait_that_doubles() -> None:
    memory, waits = Memory(), []
    for _ in range(12):
        memory = ended(memory, (End(PLACEMENT, "gone"),), 0.0)
        waits.append(memory.troubles[SPEC.stream].not_before)
    assert waits[:4] == [0.0, 2.0, 4.0, 8.0]
    assert waits[-1] == LONGEST_WAIT


def test_a_lost_node_costs_its_streams_no_wait_until_it_looks_as_if_they_brought_it_down() -> None:
    memory, waits = Memory(), []
    for _ in range(7):
        memory = ended(memory, (End(PLACEMENT, LOST),), 0.0)
        waits.append(memory.troubles[SPEC.stream].not_before)
    assert waits == [0.0, 0.0, 0.0, 0.0, 2.0, 4.0, 8.0]


def test_a_wished_end_costs_nothing() -> None:
    memory = ended(Memory(), (End(PLACEMENT, "stopped", wished=True),), 50.0)
    assert memory.troubles[SPEC.stream] == Trouble(node=NodeId("n1"))


def test_a_minute_on_air_forgives() -> None:
    memory = ended(Memory(), (End(PLACEMENT, "gone"),), 0.0)
    assert seen(memory, CARRIED, 1.0, 5001.0).troubles == {}


def test_what_is_no_longer_desired_is_forgotten() -> None:
    memory = ended(Memory(), (End(PLACEMENT, "gone"),), 0.0)
    assert seen(memory, Situation(), 1.0, 5001.0) == Memory(fresh=False)


def test_after_an_outage_holders_get_a_leases_time() -> None:
    memory = redis_is_back(Memory(), 100.0, 6.0)
    assert (memory.place_from, memory.give_up_from) == (106.0, 106.0)


STANDBY = replace(PLACEMENT, node=NodeId("n2"), token=FencingToken(9), standby=True)
DRAINED = {NodeId("n1"): NodeOrder(NodeId("n1"), drained_at=1.0)}
MOVING = replace(CARRIED, standbys={SPEC.stream: STANDBY}, orders=DRAINED)
PROMOTED = Moves(promotions=(Promote(STANDBY, PLACEMENT, "moved"),))


def changed_over(phase: Phase) -> Situation:
    """The standby has become the placement, and its run has come that far."""
    status = replace(STATUS, token=STANDBY.token, phase=phase)
    beats = (NodeBeat(NodeId("n2"), "boot", WorkerKind.STREAM, 10, streams=(status,)),)
    now = replace(STANDBY, standby=False)
    return replace(PLACED, placements={SPEC.stream: now}, beats=beats)


def test_a_standby_is_known_since_it_was_first_looked_at() -> None:
    memory = seen(Memory(), MOVING, 10.0, 5001.0)
    assert seen(memory, MOVING, 12.0, 9e9).standing_by == {STANDBY.token: 10.0}
    assert seen(memory, CARRIED, 12.0, 5003.0).standing_by == {}


def test_a_promotion_is_under_way_until_the_stream_is_seen_on_air_or_had_time_for_it() -> None:
    memory = moved(seen(Memory(), MOVING, 10.0, 5001.0), MOVING, PROMOTED, 10.0)
    assert memory.handovers == {STANDBY.token: Handover(NodeId("n1"), 10.0)}
    ready = changed_over(Phase.READY)
    assert seen(memory, ready, 11.0, 5002.0).handovers == memory.handovers
    assert seen(memory, changed_over(Phase.ON_AIR), 11.0, 5002.0).handovers == {}
    assert seen(memory, ready, 10.0 + HANDOVER_SECONDS, 5006.0).handovers == {}


def test_a_new_leader_sees_that_a_promotion_is_under_way() -> None:
    first = seen(Memory(), changed_over(Phase.CONNECTING), 10.0, 5001.0)
    assert first.handovers == {STANDBY.token: Handover(None, 10.0)}
    # One that has looked before knows of its own promotions, and that this isn't one.
    assert seen(replace(first, handovers={}), changed_over(Phase.CONNECTING), 11.0, 0.0) == replace(
        first, handovers={}, sightings={STANDBY.token: Sighting(11.0, seen=True)}
    )


def test_a_move_that_failed_avoids_the_node_and_then_waits() -> None:
    failed = Moves(called_off=(CallOff(STANDBY, "n2 was not ready in time", failed=True),))
    memory = moved(Memory(), MOVING, failed, 10.0)
    once = memory.balks[SPEC.stream]
    assert (once.node, once.avoid, once.not_before) == (NodeId("n2"), True, 10.0)
    memory = moved(memory, MOVING, failed, 10.0)
    assert memory.balks[SPEC.stream].not_before == 12.0
    # It is forgotten when the stream has moved, or stays.
    assert moved(memory, MOVING, PROMOTED, 11.0).balks == {}
    assert seen(memory, CARRIED, 11.0, 5001.0).balks == {}
    assert seen(memory, MOVING, 11.0, 5001.0).balks == memory.balks


def test_a_move_that_was_called_off_for_good_is_no_failure() -> None:
    wished = Moves(called_off=(CallOff(STANDBY, "the stream stays on n1"),))
    assert moved(Memory(), MOVING, wished, 10.0).balks == {}
