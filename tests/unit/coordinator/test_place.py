"""Which node gets which stream."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.coordinator.diff import Place
from orchestrator.coordinator.place import assign
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.ids import FencingToken, NodeId
from tests.support.streams import a_desired, a_spec


def node(name: str, slots: int = 10) -> NodeBeat:
    return NodeBeat(NodeId(name), "boot", WorkerKind.STREAM, slots)


def wish(name: str, brand: str = "suyun") -> Place:
    return Place(a_desired(a_spec(name, brand=brand)))


def nodes_of(wishes: list[Place], situation: Situation) -> dict[str, str]:
    assigned = assign(wishes, situation)
    return {desired.spec.stream: where for desired, where in assigned.assignments}


def test_a_brand_is_spread_over_nodes() -> None:
    situation = Situation(beats=(node("n1"), node("n2")))
    where = nodes_of([wish("a"), wish("b"), wish("c"), wish("d")], situation)
    assert Counter(where.values()) == {"n1": 2, "n2": 2}


def test_what_is_placed_already_counts() -> None:
    placed = a_spec("a")
    placement = Placement(
        placed.stream, placed.endpoint.target, NodeId("n1"), FencingToken(1), "", 1, 0.0
    )
    situation = Situation(
        desired={placed.stream: a_desired(placed)},
        placements={placed.stream: placement},
        beats=(node("n1"), node("n2")),
    )
    assert nodes_of([wish("b")], situation) == {"b": "n2"}


def test_a_draining_node_and_a_renderer_take_nothing() -> None:
    beats = (replace(node("n1"), draining=True), replace(node("n2"), kind=WorkerKind.RENDER))
    assigned = assign([wish("a")], Situation(beats=beats))
    assert assigned.assignments == ()
    assert [d.spec.stream for d in assigned.homeless] == ["a"]


def test_a_run_that_no_placement_stands_behind_takes_a_slot_all_the_same() -> None:
    stray = StreamStatus(a_spec("x").stream, FencingToken(1), Phase.ON_AIR, "", 0.0)
    full = replace(node("n1", slots=1), streams=(stray,))
    assert assign([wish("a")], Situation(beats=(full,))).assignments == ()


def test_when_room_is_short_every_brand_has_some() -> None:
    wishes = [wish(f"a{n}", "suyun") for n in range(4)] + [wish("z", "qinghe")]
    where = nodes_of(wishes, Situation(beats=(node("n1", slots=2),)))
    assert sorted(where) == ["a0", "z"]


def test_a_stream_goes_back_to_its_node_if_that_costs_nothing() -> None:
    situation = Situation(beats=(node("n1"), node("n2")))
    again = replace(wish("a"), prefer=NodeId("n2"))
    assert nodes_of([again], situation) == {"a": "n2"}


def test_a_node_is_avoided_unless_it_is_the_only_one() -> None:
    again = replace(wish("a"), avoid=NodeId("n1"))
    assert nodes_of([again], Situation(beats=(node("n1"), node("n2")))) == {"a": "n2"}
    assert nodes_of([again], Situation(beats=(node("n1"),))) == {"a": "n1"}


def test_of_two_streams_on_one_target_one_is_placed() -> None:
    twins = [Place(a_desired(a_spec(name, key="same"))) for name in ("a", "b")]
    assigned = assign(twins, Situation(beats=(node("n1"),)))
    assert [d.spec.stream for d, _ in assigned.assignments] == ["a"]


def test_what_is_too_much_for_one_pass_waits_for_the_next() -> None:
    wishes = [wish(f"a{n}") for n in range(5)]
    assigned = assign(wishes, Situation(beats=(node("n1"),)), most=3)
    assert [d.spec.stream for d, _ in assigned.assignments] == ["a0", "a1", "a2"]
    assert assigned.homeless == ()


@given(
    slots=st.lists(st.integers(1, 4), max_size=4),
    brands=st.lists(st.sampled_from(["suyun", "qinghe", "mokuai"]), max_size=12),
)
def test_no_node_gets_more_than_its_slots_and_nobody_is_forgotten(
    slots: list[int], brands: list[str]
) -> None:
    situation = Situation(beats=tuple(node(f"n{i}", count) for i, count in enumerate(slots)))
    wishes = [wish(f"s{i}", brand) for i, brand in enumerate(brands)]
    assigned = assign(wishes, situation)
    loads = Counter(where for _, where in assigned.assignments)
    assert all(loads[beat.node] <= beat.slots for beat in situation.beats)
    assert len(assigned.assignments) == min(sum(slots), len(brands))
    assert len(assigned.assignments) + len(assigned.homeless) == len(brands)
