"""A node that is cut off from Redis, and says when it is asked what it has on air."""

from dataclasses import replace

from orchestrator.coordinator.diff import CUT_OFF, LOST, Dismiss, End, Place, actions
from orchestrator.coordinator.move import CallOff, Moves, moves
from orchestrator.coordinator.place import assign, why_homeless
from orchestrator.coordinator.remember import HEARING_SECONDS, seen
from orchestrator.coordinator.situation import Heard, Memory, Sighting, Situation
from orchestrator.domain.lease import LiveLease
from orchestrator.domain.node import NodeBeat, NodeOrder, WorkerKind, cut_off_from_redis
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase, StreamStatus, Want
from orchestrator.ids import FencingToken, NodeId
from tests.support.streams import a_desired, a_spec

NOW = 1000.0
A, B = a_spec("a"), a_spec("b")
ISLAND, OTHER = NodeId("n1"), NodeId("n2")
DIGESTS = {spec.stream: spec.digest for spec in (A, B)}
PLACED = {
    spec.stream: Placement(
        spec.stream, spec.endpoint.target, ISLAND, FencingToken(token), spec.link_digest, 1, 0.0
    )
    for token, spec in enumerate((A, B), 1)
}
MISSED = Memory(
    sightings={FencingToken(t): Sighting(NOW - 5, True, missed_at=NOW - 1) for t in (1, 2)}
)


def said(phase: Phase, asked_at: float = NOW - 0.5) -> Heard:
    """A is on air there, and B has come that far."""
    runs = tuple(
        StreamStatus(p.stream, p.token, is_in, DIGESTS[p.stream], 0.0)
        for p, is_in in zip(PLACED.values(), (Phase.ON_AIR, phase), strict=True)
    )
    beat = NodeBeat(ISLAND, "boot", WorkerKind.STREAM, 10, streams=runs, cut_off=True)
    return Heard(beat, asked_at)


def cut(heard: Heard | None, *, others: int = 1) -> Situation:
    """Beat and leases have run out; the node has said that, if anything."""
    beats = [NodeBeat(NodeId(f"n{2 + at}"), "boot", WorkerKind.STREAM, 10) for at in range(others)]
    if heard is not None:
        beats.append(cut_off_from_redis(heard.beat))
    return Situation(
        desired={spec.stream: a_desired(spec) for spec in (A, B)},
        placements=PLACED,
        beats=tuple(beats),
        heard={} if heard is None else {ISLAND: heard},
        wants={
            p.stream: Want(p.stream, True, p.token, p.node, DIGESTS[p.stream])
            for p in PLACED.values()
        },
    )


def ends(situation: Situation, memory: Memory = MISSED) -> list[tuple[str, str]]:
    found = actions(situation, memory, NOW)
    return [(e.placement.stream, e.reason) for e in found if isinstance(e, End)]


def decided(situation: Situation) -> Moves:
    found = actions(situation, MISSED, NOW)
    return moves(situation, MISSED, [e for e in found if isinstance(e, End)], NOW)


def with_standby(situation: Situation, spec_stream: str = A.stream) -> Situation:
    old = PLACED[A.stream] if spec_stream == A.stream else PLACED[B.stream]
    standby = replace(old, node=OTHER, token=FencingToken(old.token + 10), standby=True)
    return replace(situation, standbys={old.stream: standby})


def test_what_is_on_air_there_stays_whatever_lease_and_beat_say() -> None:
    assert actions(cut(said(Phase.ON_AIR)), MISSED, NOW) == ()
    assert decided(cut(said(Phase.ON_AIR))) == Moves()


def test_a_node_that_can_not_be_asked_is_lost_as_ever() -> None:
    assert ends(cut(None)) == [("a", LOST), ("b", LOST)]


def test_what_is_off_air_there_goes_elsewhere_once_its_lease_has_run_out() -> None:
    for phase in (Phase.PREPARING, Phase.CONNECTING, Phase.OFF_AIR, Phase.ENDED):
        situation = cut(said(phase))
        assert ends(situation) == [("b", CUT_OFF)]
        target = B.endpoint.target
        leased = {target: LiveLease(target, "n1/x", PLACED[B.stream].token)}
        assert ends(replace(situation, leases=leased)) == []


def test_what_the_node_said_before_the_lease_ran_out_proves_nothing() -> None:
    # Given a run that was connecting when the node was asked, and whose lease still lived then
    heard = said(Phase.CONNECTING, asked_at=NOW - 1.5)
    # Then it may be on air now; the next answer tells
    assert ends(cut(heard)) == []
    assert ends(cut(said(Phase.CONNECTING, asked_at=NOW - 1.0))) == [("b", CUT_OFF)]


def test_a_run_that_was_missed_is_remembered_from_the_first_look_on() -> None:
    memory = seen(Memory(), cut(said(Phase.OFF_AIR)), NOW, 5000.0)
    assert memory.sightings[PLACED[B.stream].token].missed_at == NOW
    memory = seen(memory, cut(said(Phase.OFF_AIR)), NOW + 1, 5001.0)
    assert memory.sightings[PLACED[B.stream].token].missed_at == NOW
    memory = seen(memory, cut(said(Phase.ON_AIR)), NOW + 2, 5002.0)
    assert memory.sightings[PLACED[B.stream].token].missed_at is None


def test_what_is_off_air_there_stays_where_it_is_if_nobody_else_has_room() -> None:
    assert ends(cut(said(Phase.OFF_AIR), others=0)) == []


def test_while_its_lease_runs_out_it_prepares_elsewhere() -> None:
    target = B.endpoint.target
    leases = {target: LiveLease(target, "n1/x", PLACED[B.stream].token)}
    situation = replace(cut(said(Phase.OFF_AIR)), leases=leases)
    assert decided(situation).wishes == (Place(a_desired(B), moves=True),)


def test_a_standby_of_what_is_on_air_there_is_called_off() -> None:
    situation = with_standby(cut(said(Phase.ON_AIR)))
    (call_off,) = decided(situation).called_off
    assert call_off == CallOff(situation.standbys[A.stream], "the stream stays on n1")


def test_a_standby_of_what_is_off_air_there_inherits() -> None:
    situation = with_standby(cut(said(Phase.OFF_AIR)), B.stream)
    (promotion,) = decided(situation).promotions
    assert (promotion.standby.stream, promotion.reason) == (B.stream, CUT_OFF)


def test_a_standby_on_a_node_that_is_cut_off_is_called_off() -> None:
    placed = {A.stream: replace(PLACED[A.stream], node=OTHER, token=FencingToken(9))}
    standby = replace(PLACED[A.stream], standby=True)
    situation = replace(
        cut(said(Phase.ON_AIR)),
        placements=placed,
        standbys={A.stream: standby},
        orders={OTHER: NodeOrder(OTHER, drained_at=1.0)},
    )
    (call_off,) = decided(situation).called_off
    assert call_off == CallOff(standby, "n1 can't reach Redis", failed=True)


def test_a_drain_waits_until_the_node_can_hear_that_it_is_replaced() -> None:
    situation = replace(
        cut(said(Phase.ON_AIR)),
        orders={ISLAND: NodeOrder(ISLAND, drained_at=1.0, drained_by="lin")},
    )
    assert situation.draining == frozenset()
    assert decided(situation) == Moves()


def test_nobody_is_promoted_while_the_old_node_beats_late() -> None:
    # Given a standby that is ready, on a node that drains
    beat = replace(said(Phase.ON_AIR).beat, cut_off=False)
    situation = with_standby(cut(None))
    standby = situation.standbys[A.stream]
    ready = StreamStatus(A.stream, standby.token, Phase.READY, A.digest, 0.0)
    other = NodeBeat(OTHER, "boot", WorkerKind.STREAM, 10, streams=(ready,))
    order = NodeOrder(ISLAND, drained_at=1.0)
    situation = replace(situation, beats=(beat, other), orders={ISLAND: order})
    assert [p.standby for p in decided(situation).promotions] == [standby]
    # When the old node's next beat is overdue, then it may not hear that it is replaced
    assert decided(replace(situation, late=frozenset({ISLAND}))).promotions == ()


def test_nothing_is_placed_on_it_and_its_slots_do_not_count() -> None:
    situation = cut(said(Phase.ON_AIR), others=0)
    assert assign([Place(a_desired(a_spec("c")))], situation).assignments == ()
    assert situation.room == 0
    assert "n1 can't reach Redis" in why_homeless(situation)


def test_what_is_on_air_there_without_a_placement_is_not_placed_a_second_time() -> None:
    situation = replace(cut(said(Phase.OFF_AIR)), placements={}, wants={})
    found = actions(situation, Memory(), NOW)
    assert Place(a_desired(A)) not in found
    assert Dismiss(A.stream, ISLAND, FencingToken(1)) in found
    assert Place(a_desired(B)) in found


def test_a_leader_that_stood_still_asks_before_it_gives_a_node_up() -> None:
    deaf = replace(cut(None), deaf=True)
    memory = seen(MISSED, deaf, NOW, 5000.0)
    assert ends(deaf, memory) == []
    assert ends(cut(None), replace(memory, give_up_from=NOW - HEARING_SECONDS)) != []
    assert memory.give_up_from == NOW + HEARING_SECONDS
