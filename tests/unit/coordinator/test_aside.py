"""When a node is set aside."""

from dataclasses import replace

from orchestrator.coordinator.aside import (
    ASIDE_SECONDS,
    TOGETHER_SECONDS,
    WINDOW_SECONDS,
    blamed,
    remembered,
    to_lift,
    to_set_aside,
)
from orchestrator.coordinator.diff import GONE, LOST, NOT_BEGUN, End
from orchestrator.coordinator.situation import Memory, Sighting, Situation
from orchestrator.domain.node import NodeBeat, NodeOrder, WorkerKind
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.ids import FencingToken, NodeId
from tests.support.streams import a_spec

BAD, GOOD, OTHER = NodeId("n1"), NodeId("n2"), NodeId("n3")


def beat(node: NodeId, *on_air: str) -> NodeBeat:
    statuses = (
        StreamStatus(a_spec(name).stream, FencingToken(1), Phase.ON_AIR, "", 0.0) for name in on_air
    )
    return NodeBeat(node, "boot", WorkerKind.STREAM, 10, streams=tuple(statuses))


FLEET = Situation(beats=(beat(BAD), beat(GOOD)))


def an_end(stream: str, node: NodeId = BAD, reason: str = NOT_BEGUN, wished: bool = False) -> End:
    spec = a_spec(stream)
    placement = Placement(
        spec.stream, spec.endpoint.target, node, FencingToken(1), spec.link_digest, 1, 0.0
    )
    return End(placement, reason, wished=wished)


def after(*ends: End, fleet: Situation = FLEET, every: float = 20.0) -> Memory:
    memory = Memory()
    for at, end in enumerate(ends):
        memory = blamed(memory, fleet, [end], at * every)
    return memory


def test_three_failures_of_two_streams_set_a_node_aside_and_it_is_named_why() -> None:
    twice = after(an_end("a"), an_end("b"))
    assert to_set_aside(twice, FLEET) == {}
    thrice = after(an_end("a"), an_end("b"), an_end("c", reason="internal error: OSError"))
    assert to_set_aside(thrice, FLEET) == {BAD: "failed 3 times within 5 minutes, with a, b, c"}


def test_one_stream_alone_sets_nothing_aside() -> None:
    assert to_set_aside(after(*(an_end("a") for _ in range(9))), FLEET) == {}


def test_what_is_the_platforms_the_matrixs_or_our_own_wish_is_not_held_against_a_node() -> None:
    ends = [
        an_end("a", reason="The ingest refuses this stream key."),
        an_end("b", reason="The endpoint hung up."),
        an_end("c", reason=GONE, wished=True),
    ]
    assert after(*ends).blames == ()


def test_a_task_that_was_lost_with_the_broker_is_not_held_against_a_node() -> None:
    sent = {FencingToken(1): Sighting(10.0, seen=False)}
    away = Memory(place_from=14.0, sightings=sent)
    assert blamed(away, FLEET, [an_end("a")], 25.0).blames == ()
    assert len(blamed(replace(away, place_from=9.0), FLEET, [an_end("a")], 25.0).blames) == 1


def test_runs_that_vanish_together_count_once() -> None:
    crash = [an_end(name, reason=GONE) for name in ("a", "b", "c", "d")]
    memory = blamed(blamed(Memory(), FLEET, crash[:2], 0.0), FLEET, crash[2:], 0.4)
    assert to_set_aside(memory, FLEET) == {}
    for at in (1, 2):
        memory = blamed(memory, FLEET, crash, at * TOGETHER_SECONDS * 2)
    assert to_set_aside(memory, FLEET) == {
        BAD: "failed 3 times within 5 minutes, with a, b, c and 1 more"
    }


def test_a_node_that_is_lost_again_and_again_is_set_aside_too() -> None:
    both = [an_end(name, reason=LOST) for name in ("a", "b")]
    memory = Memory()
    for at in range(4):
        memory = blamed(memory, FLEET, both, at * 30.0)
    assert to_set_aside(memory, FLEET) == {}
    memory = blamed(memory, FLEET, both, 120.0)
    assert to_set_aside(memory, FLEET) == {BAD: "failed 5 times within 5 minutes, with a, b"}


def test_what_is_long_ago_is_forgotten() -> None:
    memory = after(an_end("a"), an_end("b"), every=0.0)
    memory = blamed(memory, FLEET, [an_end("c")], WINDOW_SECONDS)
    assert to_set_aside(memory, FLEET) == {}


def test_a_stream_that_fails_wherever_it_goes_proves_nothing_against_nodes() -> None:
    everywhere = [an_end(name, node) for name in ("a", "b") for node in (BAD, GOOD)]
    fleet = Situation(beats=(beat(BAD), beat(GOOD), beat(OTHER)))
    assert to_set_aside(after(*everywhere, *everywhere, fleet=fleet), fleet) == {}
    # Unless it is on air in the end: then it was the others.
    fleet = Situation(beats=(beat(BAD), beat(GOOD), beat(OTHER, "a", "b")))
    assert to_set_aside(after(*everywhere, *everywhere, fleet=fleet), fleet).keys() == {BAD, GOOD}


def test_the_last_node_is_never_set_aside() -> None:
    ends = [an_end(name) for name in ("a", "b", "c")]
    alone = Situation(beats=(beat(BAD),))
    assert to_set_aside(after(*ends), alone) == {}
    other_aside = Situation(
        beats=(beat(BAD), beat(GOOD)), orders={GOOD: NodeOrder(GOOD, aside_at=1.0)}
    )
    assert to_set_aside(after(*ends), other_aside) == {}
    bad_too = [an_end(name, GOOD) for name in ("x", "y", "z")]
    assert to_set_aside(after(*ends, *bad_too), FLEET).keys() == {BAD}


def test_a_node_comes_back_and_begins_anew() -> None:
    memory = after(an_end("a"), an_end("b"), an_end("c"))
    ordered = Situation(beats=FLEET.beats, orders={BAD: NodeOrder(BAD, aside_at=5000.0)})
    memory = remembered(memory, ordered, 100.0, 5000.0)
    assert to_lift(memory, 100.0 + ASIDE_SECONDS - 1) == ()
    assert to_lift(memory, 100.0 + ASIDE_SECONDS) == (BAD,)
    lifted = remembered(memory, FLEET, 500.0, 5400.0)
    assert (lifted.aside_until, lifted.blames) == ({}, ())


def test_a_new_leader_knows_how_long_a_node_has_been_aside() -> None:
    ordered = Situation(orders={BAD: NodeOrder(BAD, aside_at=5000.0)})
    assert remembered(Memory(), ordered, 100.0, 5060.0).aside_until == {BAD: 340.0}
    # A jump of the wall clock is bounded.
    assert remembered(Memory(), ordered, 100.0, 1.0).aside_until == {BAD: 400.0}
    assert remembered(Memory(), ordered, 100.0, 9e9).aside_until == {BAD: 100.0}
