"""Which node gets which stream."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.coordinator.diff import Place
from orchestrator.coordinator.place import CROWDED, RESERVE, RESERVED_SECONDS, assign, why_homeless
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.node import NodeBeat, NodeOrder, WorkerKind
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


def on_air(name: str, seconds: float) -> StreamStatus:
    stream = a_spec(name).stream
    return StreamStatus(stream, FencingToken(1), Phase.ON_AIR, "", 0.0, on_air_seconds=seconds)


def test_a_crowded_node_takes_streams_only_if_all_are_crowded() -> None:
    idle, crowded = node("n2"), replace(node("n1"), busy=CROWDED + 0.01)
    where = nodes_of([wish("a"), wish("b"), wish("c")], Situation(beats=(crowded, idle)))
    assert set(where.values()) == {"n2"}
    both = Situation(beats=(crowded, replace(idle, busy=0.99)))
    where = nodes_of([wish("a"), wish("b"), wish("c"), wish("d")], both)
    assert Counter(where.values()) == {"n1": 2, "n2": 2}


def test_a_stream_counts_a_reserve_until_it_is_measured() -> None:
    # Given a node with room for one more reserve, and a stream of another brand just placed there
    busy = replace(node("n1"), busy=CROWDED - RESERVE * 1.5)
    young = replace(busy, streams=(on_air("x", RESERVED_SECONDS - 1),))
    other = replace(node("n2"), streams=(on_air("y", 99.0),))
    desired = {
        name: a_desired(a_spec(name, brand=brand, streamer=brand))
        for name, brand in (("x", "qinghe"), ("y", "suyun"))
    }
    # Then a stream rather goes where its brand is already
    fleet = Situation(desired=desired, beats=(young, other))
    assert nodes_of([wish("a")], fleet) == {"a": "n1"}
    crowded = replace(young, busy=CROWDED - RESERVE * 0.5)
    assert nodes_of([wish("a")], replace(fleet, beats=(crowded, other))) == {"a": "n2"}
    # And where it would have gone once the other one is measured
    measured = replace(crowded, streams=(on_air("x", RESERVED_SECONDS),))
    assert nodes_of([wish("a")], replace(fleet, beats=(measured, other))) == {"a": "n1"}


def test_a_crowd_of_streams_is_not_sent_to_the_one_node_that_looks_idle() -> None:
    fleet = Situation(beats=(replace(node("n1", 100), busy=0.7), node("n2", 100)))
    wishes = [wish(f"s{n:02}", brand=f"b{n % 3}") for n in range(60)]
    loads = Counter(nodes_of(wishes, fleet).values())
    # Up to the limit they are spread alike; above it the idle one takes what it can.
    assert loads["n1"] >= 8
    assert loads["n2"] * RESERVE > loads["n1"] * RESERVE


def test_a_drained_node_takes_nothing_and_one_set_aside_only_what_would_be_off_air() -> None:
    beats = (node("n1", slots=1), node("n2"))
    drained = {NodeId("n1"): NodeOrder(NodeId("n1"), drained_at=1.0)}
    assert nodes_of([wish("a")], Situation(beats=beats, orders=drained)) == {"a": "n2"}
    aside = {NodeId("n2"): NodeOrder(NodeId("n2"), aside_at=1.0)}
    situation = Situation(beats=beats, orders=aside)
    assert nodes_of([wish("a"), wish("b", "qinghe")], situation) == {"a": "n2", "b": "n1"}
    moving = [replace(wish("a"), moves=True), replace(wish("b", "qinghe"), moves=True)]
    assert nodes_of(moving, situation) == {"b": "n1"}


def test_who_has_no_room_is_told_why() -> None:
    assert "free slot" in why_homeless(Situation())
    assert "free slot" in why_homeless(Situation(beats=(node("n1", slots=1),)))
    drained = {NodeId("n1"): NodeOrder(NodeId("n1"), drained_at=1.0)}
    assert "n1 is being emptied" in why_homeless(Situation(beats=(node("n1"),), orders=drained))


def test_a_standby_takes_a_slot_and_counts_for_its_brand() -> None:
    spec = a_spec("a")
    target = spec.endpoint.target
    old = Placement(spec.stream, target, NodeId("n9"), FencingToken(1), "", 1, 0.0)
    new = replace(old, node=NodeId("n1"), token=FencingToken(2), standby=True)
    situation = Situation(
        desired={spec.stream: a_desired(spec)},
        placements={spec.stream: old},
        standbys={spec.stream: new},
        beats=(node("n1", slots=2), node("n2", slots=1)),
    )
    assert nodes_of([wish("b")], situation) == {"b": "n2"}
    where = nodes_of([wish("b"), wish("c"), wish("d")], situation)
    assert Counter(where.values()) == {"n1": 1, "n2": 1}


def test_streams_that_move_are_spread_like_all_others() -> None:
    # Given six streams of two brands that leave a node, and two others that have some already
    specs = [a_spec(f"{brand}-{n}", brand=brand) for brand in ("suyun", "qinghe") for n in range(3)]
    here = a_spec("suyun-9", brand="suyun")
    placement = Placement(
        here.stream, here.endpoint.target, NodeId("n1"), FencingToken(1), "", 1, 0.0
    )
    situation = Situation(
        desired={spec.stream: a_desired(spec) for spec in [*specs, here]},
        placements={here.stream: placement},
        beats=(node("n1"), node("n2")),
    )
    where = nodes_of([Place(a_desired(spec), moves=True) for spec in specs], situation)
    spread = Counter((where[spec.stream], spec.brand_id) for spec in specs)
    # Then each node has two of the first brand's four, and neither brand has all on one node
    assert spread["n1", "suyun"] == 1
    assert spread["n2", "suyun"] == 2
    assert {spread["n1", "qinghe"], spread["n2", "qinghe"]} == {1, 2}


def test_streams_that_are_off_air_come_before_those_that_move() -> None:
    situation = Situation(beats=(node("n1", slots=1),))
    first = assign([wish("z")], situation)
    then = assign([wish("a")], situation, given=first.assignments)
    assert (then.assignments, [d.spec.stream for d in then.homeless]) == ((), ["a"])


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
