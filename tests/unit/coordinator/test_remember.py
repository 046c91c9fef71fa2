"""How the coordinator's memory goes on from pass to pass."""

from dataclasses import replace

from orchestrator.coordinator.diff import START_SECONDS, End
from orchestrator.coordinator.remember import LONGEST_WAIT, ended, redis_is_back, seen
from orchestrator.coordinator.situation import Memory, Sighting, Situation, Trouble
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.ids import FencingToken, NodeId
from tests.support.streams import a_desired, a_spec

SPEC = a_spec("a")
TOKEN = FencingToken(7)
PLACEMENT = Placement(
    SPEC.stream, SPEC.endpoint.target, NodeId("n1"), TOKEN, SPEC.digest, 1, granted_at=5000.0
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
    assert seen(memory, PLACED, 12.0, 5003.0).sightings == {TOKEN: Sighting(10.0, seen=True)}


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


def test_a_wished_end_costs_nothing() -> None:
    memory = ended(Memory(), (End(PLACEMENT, "stopped", wished=True),), 50.0)
    assert memory.troubles[SPEC.stream] == Trouble(node=NodeId("n1"))


def test_a_minute_on_air_forgives() -> None:
    memory = ended(Memory(), (End(PLACEMENT, "gone"),), 0.0)
    assert seen(memory, CARRIED, 1.0, 5001.0).troubles == {}


def test_what_is_no_longer_desired_is_forgotten() -> None:
    memory = ended(Memory(), (End(PLACEMENT, "gone"),), 0.0)
    assert seen(memory, Situation(), 1.0, 5001.0) == Memory()


def test_after_an_outage_holders_get_a_leases_time() -> None:
    memory = redis_is_back(Memory(), 100.0, 6.0)
    assert (memory.place_from, memory.give_up_from) == (106.0, 106.0)
