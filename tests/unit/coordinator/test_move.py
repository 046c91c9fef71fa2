"""How streams leave a node, decided from values alone."""

from dataclasses import replace

from orchestrator.coordinator.diff import START_SECONDS, End, Place, actions
from orchestrator.coordinator.move import (
    READY_SECONDS,
    CallOff,
    Moves,
    Promote,
    farewells,
    moves,
    why_stuck,
    within_bounds,
)
from orchestrator.coordinator.place import assign
from orchestrator.coordinator.situation import Handover, Memory, Sighting, Situation, Trouble
from orchestrator.domain.lease import LiveLease
from orchestrator.domain.node import Farewell, NodeBeat, NodeOrder, WorkerKind
from orchestrator.domain.placement import Observation, Placement
from orchestrator.domain.schedule import CLOSED, Turn
from orchestrator.domain.stream import Phase, StreamSpec, StreamStatus, Want
from orchestrator.ids import FencingToken, NodeId
from tests.support.streams import a_desired, a_spec

NOW = 1000.0
OLD, NEW, THIRD = NodeId("n1"), NodeId("n2"), NodeId("n3")
ORDER = NodeOrder(OLD, drained_at=5.0, drained_by="lin")
SPECS = [a_spec(name) for name in ("a", "b", "c", "d")]
A = SPECS[0]
FIRST, SECOND = FencingToken(1), FencingToken(11)


def placement(spec: StreamSpec, node: NodeId, token: int, *, standby: bool = False) -> Placement:
    target = spec.endpoint.target
    return Placement(
        spec.stream, target, node, FencingToken(token), spec.link_digest, 1, 0.0, standby=standby
    )


def beat(node: NodeId, *runs: tuple[StreamSpec, int, Phase], slots: int = 10) -> NodeBeat:
    statuses = (
        StreamStatus(spec.stream, FencingToken(token), phase, spec.digest, 0.0)
        for spec, token, phase in runs
    )
    return NodeBeat(node, f"boot-{node}", WorkerKind.STREAM, slots, streams=tuple(statuses))


def a_fleet(*specs: StreamSpec) -> Situation:
    """All these streams on air on the old node; the new one is idle."""
    placed = {spec.stream: placement(spec, OLD, 1 + at) for at, spec in enumerate(specs)}
    runs = [(spec, 1 + at, Phase.ON_AIR) for at, spec in enumerate(specs)]
    return Situation(
        desired={spec.stream: a_desired(spec) for spec in specs},
        placements=placed,
        beats=(beat(OLD, *runs), beat(NEW)),
        leases={p.target: LiveLease(p.target, f"{p.node}/x", p.token) for p in placed.values()},
        wants={
            p.stream: Want(p.stream, True, p.token, p.node, spec.digest)
            for p, spec in zip(placed.values(), specs, strict=True)
        },
    )


def drained(situation: Situation) -> Situation:
    return replace(situation, orders={OLD: ORDER})


def with_standby(situation: Situation, phase: Phase | None, spec: StreamSpec = A) -> Situation:
    """The stream prepares on the new node, and has come that far; None: hasn't begun."""
    token = situation.placements[spec.stream].token + 10
    standby = placement(spec, NEW, token, standby=True)
    runs = () if phase is None else ((spec, token, phase),)
    other = [b for b in situation.beats if b.node != NEW]
    here = next(b for b in situation.beats if b.node == NEW)
    grown = replace(here, streams=here.streams + beat(NEW, *runs).streams)
    want = Want(spec.stream, True, standby.token, NEW, spec.digest)
    return replace(
        situation,
        standbys={**situation.standbys, spec.stream: standby},
        nexts={**situation.nexts, spec.stream: want},
        beats=(*other, grown),
    )


def without(situation: Situation, node: NodeId) -> Situation:
    """That node is dead, and its leases have run out."""
    return replace(situation, beats=tuple(b for b in situation.beats if b.node != node), leases={})


def decided(situation: Situation, memory: Memory = Memory(), now: float = NOW) -> Moves:
    ends = [a for a in actions(situation, memory, now) if isinstance(a, End)]
    return moves(situation, memory, ends, now)


READY = with_standby(drained(a_fleet(A)), Phase.READY)
STANDBY = READY.standbys[A.stream]
PLACED = READY.placements[A.stream]


def test_streams_stay_where_they_are_unless_somebody_wants_otherwise() -> None:
    assert decided(a_fleet(*SPECS)) == Moves()


def test_the_streams_of_a_drained_node_want_to_go_elsewhere() -> None:
    wishes = decided(drained(a_fleet(*SPECS))).wishes
    assert wishes == tuple(Place(a_desired(spec), moves=True) for spec in SPECS)


def test_so_do_those_of_a_node_that_was_told_to_end() -> None:
    fleet = a_fleet(A)
    told = replace(fleet, beats=(replace(fleet.beats[0], draining=True), fleet.beats[1]))
    assert [wish.desired.spec for wish in decided(told).wishes] == [A]


def test_a_new_process_of_a_node_that_was_told_to_end_keeps_its_streams() -> None:
    fleet = a_fleet(A)
    again = replace(fleet.beats[0], boot="another", draining=False)
    assert decided(replace(fleet, beats=(again, fleet.beats[1]))) == Moves()


def test_what_is_stopped_or_changed_does_not_move() -> None:
    fleet = drained(a_fleet(A))
    stopped = replace(fleet, desired={A.stream: a_desired(A, wanted=False)})
    elsewhere = a_desired(a_spec("a", key="another"))
    changed = replace(fleet, desired={A.stream: elsewhere})
    assert decided(stopped).wishes == decided(changed).wishes == ()


def test_two_of_a_nodes_streams_prepare_at_a_time() -> None:
    situation = drained(a_fleet(*SPECS))
    chosen = within_bounds(assign(decided(situation).wishes, situation), situation)
    assert [desired.spec for desired, _ in chosen] == SPECS[:2]
    one = with_standby(situation, Phase.PREPARING)
    chosen = within_bounds(assign(decided(one).wishes, one), one)
    assert [desired.spec for desired, _ in chosen] == [SPECS[1]]
    two = with_standby(one, Phase.READY, SPECS[1])
    assert within_bounds(assign(decided(two).wishes, two), two) == ()


def test_all_streams_of_a_silent_node_prepare_until_its_leases_have_run_out() -> None:
    fleet = a_fleet(*SPECS)
    silent = replace(fleet, beats=(beat(NEW),))
    chosen = within_bounds(assign(decided(silent).wishes, silent), silent)
    assert len(chosen) == len(SPECS)
    # Ready or not, nothing is promoted while somebody holds the lease.
    assert decided(with_standby(silent, Phase.READY)).promotions == ()
    # A leader that has just begun, or has lost sight of Redis, takes nobody for silent.
    assert decided(silent, Memory(give_up_from=NOW + 1)).wishes == ()


def test_a_node_that_speaks_again_keeps_its_streams() -> None:
    situation = with_standby(a_fleet(A), Phase.READY)
    assert decided(situation).called_off == (CallOff(STANDBY, "the stream stays on n1"),)


def test_a_standby_is_kept_as_long_as_nobody_knows_whether_its_stream_stays() -> None:
    silent = replace(READY, beats=READY.beats[1:])
    assert decided(silent, Memory(give_up_from=NOW + 1)) == Moves()


def test_a_standby_that_is_ready_takes_over() -> None:
    assert decided(with_standby(drained(a_fleet(A)), Phase.PREPARING)).promotions == ()
    assert decided(READY).promotions == (Promote(STANDBY, PLACED, "moved to n2"),)


def test_one_stream_of_a_node_changes_over_at_a_time() -> None:
    both = with_standby(with_standby(drained(a_fleet(*SPECS)), Phase.READY), Phase.READY, SPECS[1])
    (promotion,) = decided(both).promotions
    assert promotion.standby.stream == A.stream
    busy = Memory(handovers={FencingToken(99): Handover(OLD, NOW)})
    assert decided(both, busy).promotions == ()
    other = Memory(handovers={FencingToken(99): Handover(THIRD, NOW)})
    assert len(decided(both, other).promotions) == 1
    unknown = Memory(handovers={FencingToken(99): Handover(None, NOW)})
    assert decided(both, unknown).promotions == ()


def test_a_stream_whose_run_has_died_goes_to_its_standby_at_once() -> None:
    dead = without(with_standby(drained(a_fleet(A)), Phase.PREPARING), OLD)
    assert decided(dead).promotions == (Promote(STANDBY, PLACED, "its node is lost"),)
    unplaced = replace(dead, placements={}, orders={})
    (promotion,) = decided(unplaced).promotions
    assert (promotion.standby, promotion.old) == (STANDBY, None)
    assert not [a for a in actions(unplaced, Memory(), NOW) if isinstance(a, Place)]


def test_a_standby_is_no_stray() -> None:
    alone = replace(without(READY, OLD), placements={}, wants={})
    assert actions(alone, Memory(), NOW) == ()


def test_a_stream_that_is_stopped_takes_its_standby_along() -> None:
    stopped = replace(READY, desired={A.stream: a_desired(A, wanted=False)})
    assert decided(stopped).called_off == (CallOff(STANDBY, "the stream was stopped"),)
    over = without(stopped, OLD)
    assert decided(over).promotions == ()


def test_a_stream_that_the_endpoint_refuses_is_not_tried_elsewhere() -> None:
    word = Observation(A.stream, Phase.FAILED, "a wrong key", FIRST, OLD, 0.0, permanent=True)
    refused = replace(
        READY,
        beats=(beat(OLD), READY.beats[-1]),
        leases={},
        observations={A.stream: word},
        failed_in={A.stream: 1},
    )
    found = decided(refused)
    assert found.promotions == ()
    assert found.called_off == (CallOff(STANDBY, "a wrong key"),)


def test_a_standby_that_is_not_ready_in_time_is_called_off_and_another_node_tried() -> None:
    slow = with_standby(drained(a_fleet(A)), Phase.PREPARING)
    young = Memory(standing_by={SECOND: NOW - READY_SECONDS + 1})
    assert decided(slow, young).called_off == ()
    old = Memory(standing_by={SECOND: NOW - READY_SECONDS})
    (call_off,) = decided(slow, old).called_off
    assert (call_off.reason, call_off.failed) == ("n2 was not ready in time", True)
    # One that is ready may wait for its turn for as long as that takes.
    assert decided(READY, old).called_off == ()


def test_a_standby_that_its_node_never_begins_is_called_off_sooner() -> None:
    # A leader that is killed between its grant and the task leaves one.
    unheard = with_standby(drained(a_fleet(A)), None)
    young = Memory(standing_by={SECOND: NOW - START_SECONDS + 1})
    assert decided(unheard, young).called_off == ()
    old = Memory(standing_by={SECOND: NOW - START_SECONDS})
    (call_off,) = decided(unheard, old).called_off
    assert (call_off.reason, call_off.failed) == ("n2 did not begin it", True)


def test_a_standby_whose_node_or_run_is_lost_is_called_off() -> None:
    (call_off,) = decided(without(READY, NEW)).called_off
    assert (call_off.reason, call_off.failed) == ("n2 is lost", True)
    begun = Memory(sightings={SECOND: Sighting(NOW, seen=True)})
    gone = with_standby(drained(a_fleet(A)), None)
    assert decided(gone).called_off == ()
    (call_off,) = decided(gone, begun).called_off
    assert (call_off.reason, call_off.failed) == ("the run on n2 has ended", True)


def test_a_standby_on_a_node_that_is_to_be_emptied_too_goes_elsewhere_unless_it_is_needed() -> None:
    both = replace(READY, orders={OLD: ORDER, NEW: NodeOrder(NEW, drained_at=6.0)})
    assert [c.reason for c in decided(both).called_off] == ["n2 is being emptied, too"]
    orphaned = without(both, OLD)
    assert len(decided(orphaned).promotions) == 1
    aside = replace(READY, orders={OLD: ORDER, NEW: NodeOrder(NEW, aside_at=6.0)})
    assert [c.reason for c in decided(aside).called_off] == ["n2 was set aside"]


def test_after_a_failed_try_another_node_is_tried_and_then_more_slowly() -> None:
    situation = drained(a_fleet(A))
    balk = Trouble(count=1, not_before=NOW, node=NEW, avoid=True)
    (wish,) = decided(situation, Memory(balks={A.stream: balk})).wishes
    assert wish.avoid == NEW
    later = replace(balk, not_before=NOW + 1)
    assert decided(situation, Memory(balks={A.stream: later})).wishes == ()


def test_what_the_board_has_lost_or_kept_too_long_is_put_right() -> None:
    lost = replace(READY, nexts={})
    assert decided(lost).pins == ((a_desired(A), STANDBY),)
    left = replace(a_fleet(A), nexts=READY.nexts)
    assert decided(left).leftovers == (A.stream,)


def test_a_standby_hears_of_a_new_script_and_goes_on_preparing() -> None:
    changed = a_desired(a_spec("a", text="新的台词。"))
    situation = replace(READY, desired={A.stream: changed})
    assert decided(situation).called_off == ()
    assert decided(situation).pins == ((changed, STANDBY),)
    told = {A.stream: replace(READY.nexts[A.stream], spec_digest=changed.digest)}
    assert decided(replace(situation, nexts=told)).pins == ()


def test_what_closes_goes_nowhere() -> None:
    # Given a shop that closed a minute ago, on a node that is emptied
    shut = replace(A, turns=(Turn(0.0, 5000.0, A.persona_id),))
    situation = replace(READY, desired={A.stream: a_desired(shut)}, wall=5060.0)
    # Then its standby is sent away, and no other is wished for
    assert decided(situation).called_off == (CallOff(STANDBY, CLOSED),)
    assert decided(replace(situation, standbys={}, nexts={})).wishes == ()
    # But it moves as long as it is open
    assert decided(replace(situation, wall=4999.0)).called_off == ()


def test_a_farewell_says_how_far_a_node_is() -> None:
    situation = drained(a_fleet(*SPECS[:2]))
    nowhere = (a_desired(SPECS[1]),)
    assert farewells(situation, nowhere) == (
        Farewell(OLD, "boot-n1", True, 2, (("b", "no other node has a free slot"),)),
    )
    assert farewells(a_fleet(A), ()) == ()


def test_why_a_stream_cannot_leave() -> None:
    alone = replace(drained(a_fleet(A)), beats=(beat(OLD),))
    assert why_stuck(alone) == "there is no other node that takes streams"
    aside = replace(alone, beats=(beat(OLD), beat(NEW)))
    aside = replace(aside, orders={OLD: ORDER, NEW: NodeOrder(NEW, aside_at=1.0)})
    assert "set aside" in why_stuck(aside)


def test_streams_without_a_place_are_told_even_beyond_those_that_prepare() -> None:
    small = replace(drained(a_fleet(*SPECS)), beats=(a_fleet(*SPECS).beats[0], beat(NEW, slots=1)))
    assigned = assign(decided(small).wishes, small)
    (farewell,) = farewells(small, assigned.homeless)
    assert [stream for stream, _ in farewell.homeless] == ["b", "c", "d"]
