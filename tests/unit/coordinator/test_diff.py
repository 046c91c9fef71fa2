"""What is to be done about a stream, decided from values alone."""

from dataclasses import replace

from orchestrator.coordinator.diff import (
    GONE_SECONDS,
    START_SECONDS,
    Dismiss,
    End,
    Pin,
    Place,
    Stop,
    actions,
)
from orchestrator.coordinator.situation import Memory, Sighting, Situation, Trouble
from orchestrator.domain.lease import LiveLease
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import Observation, Placement
from orchestrator.domain.stream import Phase, StreamStatus, Want
from orchestrator.ids import FencingToken, NodeId, StreamId
from tests.support.streams import a_desired, a_spec

NOW = 1000.0
SPEC = a_spec("a")
DESIRED = a_desired(SPEC)
NODE = NodeId("n1")
TOKEN = FencingToken(7)
TARGET = SPEC.endpoint.target
PLACEMENT = Placement(SPEC.stream, TARGET, NODE, TOKEN, SPEC.link_digest, 1, 0.0)
WANT = Want(SPEC.stream, True, TOKEN, NODE, SPEC.digest)
STATUS = StreamStatus(SPEC.stream, TOKEN, Phase.ON_AIR, SPEC.digest, 0.0)
LEASE = LiveLease(TARGET, "n1/x", TOKEN)
IDLE_NODE = NodeBeat(NODE, "boot", WorkerKind.STREAM, 10)
BUSY_NODE = replace(IDLE_NODE, streams=(STATUS,))
SEEN_NOW = Memory(sightings={TOKEN: Sighting(NOW, seen=True)})

RUNNING = Situation(
    desired={SPEC.stream: DESIRED},
    placements={SPEC.stream: PLACEMENT},
    beats=(BUSY_NODE,),
    leases={TARGET: LEASE},
    wants={SPEC.stream: WANT},
)
UNPLACED = Situation(desired={SPEC.stream: DESIRED}, beats=(IDLE_NODE,))
ANOTHER = NodeBeat(NodeId("n2"), "boot", WorkerKind.STREAM, 10)
SILENT = replace(RUNNING, beats=(ANOTHER,), leases={})
DROPPED = replace(RUNNING, beats=(IDLE_NODE,), leases={})


def word(phase: Phase, *, token: int = TOKEN, permanent: bool = False) -> Observation:
    return Observation(SPEC.stream, phase, "why", FencingToken(token), NODE, 0.0, permanent)


def todo(situation: Situation, memory: Memory = SEEN_NOW, now: float = NOW) -> tuple[object, ...]:
    return actions(situation, memory, now)


def test_a_stream_that_runs_as_desired_needs_nothing() -> None:
    assert todo(RUNNING) == ()


def test_a_desired_stream_is_placed() -> None:
    assert todo(UNPLACED) == (Place(DESIRED),)


def test_a_stopped_stream_is_not_placed() -> None:
    stopped = {SPEC.stream: replace(DESIRED, wanted=False)}
    assert todo(replace(UNPLACED, desired=stopped)) == ()


def test_nothing_is_placed_while_holders_may_still_register() -> None:
    assert todo(UNPLACED, Memory(place_from=NOW + 1)) == ()
    assert todo(UNPLACED, Memory(place_from=NOW)) == (Place(DESIRED),)


def test_nothing_is_placed_on_a_target_that_somebody_holds() -> None:
    assert todo(replace(UNPLACED, leases={TARGET: LEASE})) == ()


def test_nothing_is_placed_while_another_stream_is_placed_on_its_target() -> None:
    other = a_spec("b", key="a")
    assert other.endpoint.target == TARGET
    situation = replace(RUNNING, desired={**RUNNING.desired, other.stream: a_desired(other)})
    assert todo(situation) == ()


def test_a_changed_stream_is_stopped_before_it_is_started() -> None:
    changed = a_desired(replace(SPEC, producer="another-name"))
    situation = replace(RUNNING, desired={SPEC.stream: changed})
    assert todo(situation) == (Stop(PLACEMENT, "the stream was changed"),)
    told = replace(situation, wants={SPEC.stream: replace(WANT, wanted=False)})
    assert todo(told) == ()
    over = replace(told, beats=(IDLE_NODE,), leases={}, observations={"a": word(Phase.ENDED)})
    assert todo(over) == (End(PLACEMENT, "the stream was changed", wished=True),)


def test_a_stream_stopped_and_started_at_once_is_not_held_to_have_failed() -> None:
    # Given a run that was told to end, and a stream that is wanted again before it has
    told = replace(DROPPED, wants={SPEC.stream: replace(WANT, wanted=False)})
    over = replace(told, observations={SPEC.stream: word(Phase.ENDED)})
    # Then its end counts as asked for, and costs the next placement no wait
    (end,) = todo(over)
    assert isinstance(end, End)
    assert end.wished


def test_a_removed_stream_is_stopped() -> None:
    assert todo(replace(RUNNING, desired={})) == (
        Stop(PLACEMENT, "the stream is no longer in the matrix"),
    )


def test_a_held_lease_keeps_a_placement_open_even_after_the_last_word() -> None:
    situation = replace(DROPPED, observations={"a": word(Phase.ENDED)}, leases={TARGET: LEASE})
    assert todo(situation) == ()


def test_a_run_that_says_it_is_over_is_over() -> None:
    situation = replace(DROPPED, observations={"a": word(Phase.FAILED)})
    assert todo(situation) == (End(PLACEMENT, "why"),)


def test_an_older_runs_last_word_ends_nothing() -> None:
    assert todo(replace(DROPPED, observations={"a": word(Phase.ENDED, token=6)})) == ()


def test_a_run_that_vanished_from_its_living_node_is_over_after_a_moment() -> None:
    vanished = Memory(sightings={TOKEN: Sighting(NOW - GONE_SECONDS, seen=True)})
    assert todo(DROPPED) == ()
    assert todo(DROPPED, vanished) == (End(PLACEMENT, "the run is gone"),)


def test_a_run_gets_longer_to_begin() -> None:
    young = Memory(sightings={TOKEN: Sighting(NOW - GONE_SECONDS, seen=False)})
    old = Memory(sightings={TOKEN: Sighting(NOW - START_SECONDS, seen=False)})
    assert todo(DROPPED, young) == ()
    assert todo(DROPPED, old) == (End(PLACEMENT, "the node did not begin it", started=False),)


def test_a_silent_node_is_given_up_once_the_lease_has_run_out() -> None:
    assert todo(replace(SILENT, leases={TARGET: LEASE})) == ()
    assert todo(SILENT) == (End(PLACEMENT, "its node is lost"),)


def test_a_silent_nodes_streams_are_left_in_peace_while_nobody_else_has_room_for_them() -> None:
    assert todo(replace(SILENT, beats=())) == ()
    assert todo(replace(SILENT, beats=(replace(ANOTHER, draining=True),))) == ()
    full = replace(ANOTHER, slots=1, streams=(replace(STATUS, stream=StreamId("b")),))
    assert not [one for one in todo(replace(SILENT, beats=(full,))) if isinstance(one, End)]
    stopped = {SPEC.stream: a_desired(SPEC, wanted=False)}
    ended = End(PLACEMENT, "the stream was stopped", wished=True)
    assert todo(replace(SILENT, desired=stopped, beats=())) == (ended,)


def test_of_a_silent_nodes_streams_as_many_are_given_up_as_can_go_elsewhere() -> None:
    other = a_spec("b")
    placed = Placement(
        other.stream, other.endpoint.target, NODE, FencingToken(8), other.link_digest, 1, 0.0
    )
    both = replace(
        SILENT,
        desired={**SILENT.desired, other.stream: a_desired(other)},
        placements={**SILENT.placements, other.stream: placed},
        beats=(replace(ANOTHER, slots=1),),
    )
    assert [type(one) for one in todo(both)] == [End]


def test_a_new_leader_gives_up_no_node_at_once() -> None:
    assert todo(SILENT, Memory(give_up_from=NOW + 1)) == ()


def test_what_the_board_has_lost_is_pinned_up_again() -> None:
    assert todo(replace(RUNNING, wants={})) == (Pin(DESIRED, PLACEMENT),)


def test_a_run_without_a_placement_is_told_to_end_once() -> None:
    stray = replace(RUNNING, placements={})
    assert todo(stray) == (Dismiss(SPEC.stream, NODE, TOKEN),)
    assert todo(replace(stray, wants={SPEC.stream: replace(WANT, wanted=False)})) == ()


def test_a_refused_stream_waits_for_the_matrix_to_be_applied_again() -> None:
    refused = replace(
        UNPLACED,
        observations={"a": word(Phase.FAILED, permanent=True)},
        failed_in={SPEC.stream: 1},
    )
    assert todo(refused) == ()
    again = replace(refused, desired={SPEC.stream: replace(DESIRED, revision=2)})
    assert todo(again) == (Place(replace(DESIRED, revision=2)),)


def test_a_stream_in_trouble_waits_its_turn_and_avoids_where_it_did_not_begin() -> None:
    trouble = Trouble(count=2, not_before=NOW + 1, node=NODE)
    assert todo(UNPLACED, Memory(troubles={SPEC.stream: trouble})) == ()
    due = replace(trouble, not_before=NOW)
    assert todo(UNPLACED, Memory(troubles={SPEC.stream: due})) == (Place(DESIRED, prefer=NODE),)
    avoid = replace(due, avoid=True)
    assert todo(UNPLACED, Memory(troubles={SPEC.stream: avoid})) == (Place(DESIRED, avoid=NODE),)


def test_deciding_twice_is_deciding_once() -> None:
    assert todo(UNPLACED) == todo(UNPLACED)


def test_stops_come_before_starts() -> None:
    other = a_spec("0-first")
    situation = replace(
        RUNNING, desired={other.stream: a_desired(other)}, beats=(BUSY_NODE, IDLE_NODE)
    )
    assert [type(action) for action in todo(situation)] == [Stop, Place]
