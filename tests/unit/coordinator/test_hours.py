"""What follows from a shop's hours, decided from values alone."""

from dataclasses import replace

import pytest

from orchestrator.coordinator.diff import GONE_SECONDS, End, Pin, Place, Stop, actions
from orchestrator.coordinator.hours import BELIEVED_SECONDS, LEAD_SECONDS, OVERSTAY_SECONDS
from orchestrator.coordinator.remember import ended, seen
from orchestrator.coordinator.situation import Memory, Sighting, Situation
from orchestrator.domain.lease import LiveLease
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import Observation, Placement
from orchestrator.domain.schedule import CLOSED, Turn
from orchestrator.domain.stream import Phase, StreamStatus, Want
from orchestrator.ids import FencingToken, NodeId
from tests.support.streams import a_desired, a_spec

NOW = 1000.0
MORNING, EVENING = 50_000.0, 70_000.0
CLOSES = 60_000.0
BARE = a_spec("a")
TURNS = (Turn(MORNING, CLOSES, BARE.persona_id), Turn(EVENING, 80_000.0, BARE.persona_id))
SPEC = replace(BARE, turns=TURNS)
DESIRED = a_desired(SPEC)
NODE, TOKEN, TARGET = NodeId("n1"), FencingToken(7), SPEC.endpoint.target
PLACEMENT = Placement(SPEC.stream, TARGET, NODE, TOKEN, SPEC.link_digest, 1, 0.0)
IDLE = NodeBeat(NODE, "boot", WorkerKind.STREAM, 10)
STATUS = StreamStatus(SPEC.stream, TOKEN, Phase.ON_AIR, SPEC.digest, 0.0)
UNPLACED = Situation(desired={SPEC.stream: DESIRED}, beats=(IDLE,))
RUNNING = Situation(
    desired={SPEC.stream: DESIRED},
    placements={SPEC.stream: PLACEMENT},
    beats=(replace(IDLE, streams=(STATUS,)),),
    leases={TARGET: LiveLease(TARGET, "n1/x", TOKEN)},
    wants={SPEC.stream: Want(SPEC.stream, True, TOKEN, NODE, SPEC.digest)},
    wall=MORNING,
)
OVER = replace(RUNNING, beats=(IDLE,), leases={})


def at(wall: float, situation: Situation = UNPLACED) -> Situation:
    return replace(situation, wall=wall)


def said(reason: str, when: float) -> dict[str, Observation]:
    return {SPEC.stream: Observation(SPEC.stream, Phase.ENDED, reason, TOKEN, NODE, when)}


def todo(situation: Situation, memory: Memory | None = None) -> tuple[object, ...]:
    remembered = seen(memory or Memory(), situation, NOW, situation.wall)
    return actions(situation, remembered, NOW)


@pytest.mark.parametrize(
    ("wall", "placed"),
    [
        (MORNING - LEAD_SECONDS - 1, False),
        (MORNING - LEAD_SECONDS, True),
        (MORNING, True),
        (CLOSES - 1, True),
        (CLOSES, False),
        (EVENING - LEAD_SECONDS, True),
        (80_000.0, False),
    ],
)
def test_a_stream_is_placed_a_little_before_its_shop_opens_and_until_it_closes(
    wall: float, placed: bool
) -> None:
    assert todo(at(wall)) == ((Place(DESIRED),) if placed else ())


def test_a_shop_without_a_plan_is_always_open() -> None:
    situation = Situation(desired={SPEC.stream: a_desired(BARE)}, beats=(IDLE,))
    assert todo(situation) == (Place(a_desired(BARE)),)


def test_a_run_that_ends_because_its_shop_closes_has_done_nothing_wrong() -> None:
    # Given a run whose node's clock is half a second ahead of ours
    situation = at(CLOSES - 0.4, replace(OVER, observations=said(CLOSED, CLOSES)))
    (end,) = todo(situation, Memory(sightings={TOKEN: Sighting(NOW - 0.3, seen=True)}))
    assert end == End(PLACEMENT, CLOSED, wished=True)
    # Then it isn't placed again in what is left by our clock
    assert isinstance(end, End)
    memory = ended(Memory(), (end,), NOW)
    unplaced = replace(situation, placements={})
    assert todo(unplaced, memory) == ()
    assert todo(at(CLOSES + 5, unplaced), memory) == ()
    # And before the next opening it is placed at once, where it was
    wish = Place(DESIRED, prefer=NODE)
    assert todo(at(EVENING - LEAD_SECONDS, unplaced), memory) == (wish,)


def test_a_new_plan_that_opens_the_shop_again_is_followed() -> None:
    longer = a_desired(replace(SPEC, turns=(Turn(MORNING, EVENING, BARE.persona_id),)))
    situation = replace(UNPLACED, desired={SPEC.stream: longer}, observations=said(CLOSED, CLOSES))
    assert todo(at(CLOSES + 1, situation)) == ()
    assert todo(at(CLOSES + BELIEVED_SECONDS, situation)) == (Place(longer),)


def test_whatever_ends_a_run_in_a_closed_shop_is_no_trouble() -> None:
    vanished = Memory(sightings={TOKEN: Sighting(NOW - GONE_SECONDS, seen=True)})
    situation = at(CLOSES + 1, OVER)
    assert todo(situation, vanished) == (End(PLACEMENT, CLOSED, wished=True),)
    lost = replace(situation, beats=())
    assert todo(lost, vanished) == (End(PLACEMENT, CLOSED, wished=True),)


def test_a_run_has_time_for_its_goodbye_and_is_stopped_then() -> None:
    closing = at(CLOSES, RUNNING)
    memory = seen(Memory(), closing, NOW, CLOSES)
    assert actions(closing, memory, NOW + OVERSTAY_SECONDS - 1) == ()
    assert actions(closing, memory, NOW + OVERSTAY_SECONDS) == (Stop(PLACEMENT, CLOSED),)


def test_a_clock_that_jumps_for_a_moment_stops_nothing() -> None:
    jumped = seen(Memory(), at(CLOSES + 3600, RUNNING), NOW, 0.0)
    back = seen(jumped, RUNNING, NOW + 30, 0.0)
    assert back.overstaying == {}
    again = seen(back, at(CLOSES + 3600, RUNNING), NOW + 70, 0.0)
    assert actions(at(CLOSES + 3600, RUNNING), again, NOW + 70) == ()


def test_a_new_plan_is_handed_over_in_place_once() -> None:
    longer = a_desired(replace(SPEC, turns=(Turn(MORNING, EVENING, BARE.persona_id),)))
    situation = replace(RUNNING, desired={SPEC.stream: longer})
    assert todo(situation) == (Pin(longer, PLACEMENT),)
    told = Want(SPEC.stream, True, TOKEN, NODE, longer.digest)
    assert todo(replace(situation, wants={SPEC.stream: told})) == ()


def test_a_run_that_was_told_to_end_is_not_told_of_a_new_plan() -> None:
    # Given a stream that was stopped, and is wanted again with other turns before its run has ended
    longer = a_desired(replace(SPEC, turns=(Turn(MORNING, EVENING, BARE.persona_id),)))
    told = Want(SPEC.stream, False, TOKEN, NODE, "")
    situation = replace(RUNNING, desired={SPEC.stream: longer}, wants={SPEC.stream: told})
    assert todo(situation) == ()


def test_what_a_newer_leader_has_pinned_up_is_left_alone() -> None:
    newer = Want(SPEC.stream, True, FencingToken(8), NODE, "another")
    assert todo(replace(RUNNING, wants={SPEC.stream: newer})) == ()
