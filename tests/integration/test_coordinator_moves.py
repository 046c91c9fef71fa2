"""Streams leave a node without leaving the air: a real store, a real Valkey, plain nodes."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from orchestrator.ids import NodeId, StreamId
from orchestrator.recorder.run import run as record
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from tests.support.coordinators import Coordinators, running
from tests.support.nodes import Airing, PlainNode, on_air
from tests.support.processes import within
from tests.support.streams import a_spec

PATIENCE = 30.0
GAP_SECONDS = 1.5
"""What is allowed between an old run's end and the new one's begin."""
N1, N2, N3 = NodeId("n1"), NodeId("n2"), NodeId("n3")


@pytest.fixture
def coordinators(coordinators: Coordinators, settings: Settings) -> Iterator[Coordinators]:
    """With a recorder beside them."""
    with running(record, settings):
        yield coordinators
        coordinators.close()


def apply(store: Store, *names: str) -> None:
    store.apply("matrix", [a_spec(name) for name in names], "test", time.time())


def changes(*nodes: PlainNode) -> list[tuple[Airing, Airing]]:
    """Each change of a stream from one run to the next, in the order in which they happened."""
    airings = sorted((a for node in nodes for a in node.airings), key=lambda airing: airing.token)
    by_stream: dict[StreamId, list[Airing]] = {}
    for airing in airings:
        by_stream.setdefault(airing.stream, []).append(airing)
    found = [pair for each in by_stream.values() for pair in pairwise(each)]
    return sorted(found, key=lambda pair: pair[1].begun)


def gaps(*nodes: PlainNode) -> list[float]:
    """How long each was off air at its changes; negative if it was on air twice."""
    return [after.begun - (before.ended or float("inf")) for before, after in changes(*nodes)]


def one_by_one(*nodes: PlainNode) -> bool:
    """Whether each change was over before the next one began."""
    return all(a[1].begun <= (b[0].ended or 0.0) for a, b in pairwise(changes(*nodes)))


def most_standbys(store: Store, until: Callable[[], bool]) -> int:
    """The most that prepare at one time until that holds."""
    most, give_up = 0, time.monotonic() + PATIENCE
    while not until():
        most = max(most, sum(placement.standby for placement in store.placements()))
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.02)
    return most


def one_moving(store: Store, nodes: Callable[..., PlainNode]) -> tuple[PlainNode, PlainNode]:
    """Stream a on a node that is being emptied, and the node that prepares for it without end."""
    first = nodes(N1)
    apply(store, "a")
    within(PATIENCE, lambda: on_air(first) == {"a"})
    second = nodes(N2)
    second.never_ready.add(StreamId("a"))
    store.nodes.drain(N1, "lin", time.time())
    within(PATIENCE, lambda: StreamId("a") in second.runs)
    return first, second


def test_a_drained_node_is_emptied_one_by_one_and_takes_nothing_until_it_is_undrained(
    coordinators: Coordinators,
    store: Store,
    board: Board,
    nodes: Callable[..., PlainNode],
) -> None:
    coordinators.start()
    first = nodes(N1)
    apply(store, "a", "b", "c", "d")
    within(PATIENCE, lambda: len(on_air(first)) == 4)
    second, third = nodes(N2), nodes(N3)
    # When the node is drained
    store.nodes.drain(N1, "lin", time.time())
    assert most_standbys(store, lambda: len(on_air(second, third)) == 4 and not first.runs) <= 2
    # Then all streams are elsewhere, spread, and changed over one after the other
    assert Counter(p.node for p in store.placements()) == {N2: 2, N3: 2}
    assert all(0 <= gap <= GAP_SECONDS for gap in gaps(first, second, third))
    assert one_by_one(first, second, third)
    reasons = {store.placing.of(StreamId(name))[0].reason for name in "abcd"}
    assert reasons == {"moved to n2", "moved to n3"}
    within(PATIENCE, lambda: (farewell := board.farewell(N1)) is not None and not farewell.left)
    assert board.pinned([StreamId(name) for name in "abcd"]).nexts == {}
    # And nothing comes to it before it is undrained
    apply(store, "a", "b", "c", "d", "e")
    within(PATIENCE, lambda: "e" in on_air(second, third))
    store.nodes.undrain(N1)
    within(PATIENCE, lambda: board.farewell(N1) is None)
    apply(store, "a", "b", "c", "d", "e", "f")
    within(PATIENCE, lambda: on_air(first) == {"f"})
    assert len(changes(first, second, third)) == 4


def test_a_node_that_is_told_to_end_hears_how_far_it_is(
    coordinators: Coordinators,
    store: Store,
    board: Board,
    nodes: Callable[..., PlainNode],
) -> None:
    coordinators.start()
    first = nodes(N1)
    apply(store, "a", "b", "c")
    within(PATIENCE, lambda: len(on_air(first)) == 3)
    first.draining = True
    # Nowhere to go: all stay on air, and the node is told so
    within(PATIENCE, lambda: (f := board.farewell(N1)) is not None and len(f.homeless) == 3)
    farewell = board.farewell(N1)
    assert farewell is not None
    assert (farewell.boot, farewell.by_order, farewell.left) == (first.boot, False, 3)
    assert farewell.homeless[0] == ("a", "there is no other node that takes streams")
    assert on_air(first) == {"a", "b", "c"}
    # Another node, too small for all of them
    second = nodes(N2, slots=2)
    within(PATIENCE, lambda: len(on_air(second)) == 2)
    within(PATIENCE, lambda: (f := board.farewell(N1)) is not None and f.left == 1)
    farewell = board.farewell(N1)
    assert farewell is not None
    assert farewell.homeless == (("c", "no other node has a free slot"),)
    assert on_air(first) == {"c"}
    assert all(0 <= gap <= GAP_SECONDS for gap in gaps(first, second))


def test_a_leader_that_is_killed_in_the_middle_of_a_drain_leaves_nothing_half_done(
    coordinators: Coordinators, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    leader = coordinators.start()
    within(PATIENCE, lambda: coordinators.leads(leader))
    coordinators.start()
    first = nodes(N1)
    names = ("a", "b", "c", "d", "e")
    apply(store, *names)
    within(PATIENCE, lambda: len(on_air(first)) == 5)
    second = nodes(N2)
    store.nodes.drain(N1, "lin", time.time())
    within(PATIENCE, lambda: len(on_air(second)) >= 1)
    leader.kill()
    within(PATIENCE, lambda: on_air(second) == set(names) and not first.runs)
    assert len(changes(first, second)) == 5
    assert one_by_one(first, second)
    assert all(0 <= gap <= GAP_SECONDS for gap in gaps(first, second))


def test_when_the_standbys_node_dies_another_one_is_tried_and_the_stream_stays_on_air(
    coordinators: Coordinators, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    coordinators.start()
    first, second = one_moving(store, nodes)
    second.dies()
    third = nodes(N3)
    within(PATIENCE, lambda: on_air(third) == {"a"} and not first.runs)
    (change,) = changes(first, second, third)
    assert 0 <= change[1].begun - (change[0].ended or 0) <= GAP_SECONDS
    history = store.placing.of(StreamId("a"))
    assert [(p.node, p.reason) for p in history] == [
        (N1, "moved to n3"),
        (N2, "n2 is lost"),
        (N3, ""),
    ]


def test_when_the_old_node_dies_its_standby_takes_over_at_once(
    coordinators: Coordinators, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    coordinators.start()
    first, second = one_moving(store, nodes)
    first.dies()
    within(PATIENCE, lambda: on_air(second) == {"a"})
    history = store.placing.of(StreamId("a"))
    assert [(p.node, p.reason) for p in history] == [(N1, "its node is lost"), (N2, "")]


def test_an_undrained_node_keeps_what_has_not_moved_yet(
    coordinators: Coordinators, store: Store, board: Board, nodes: Callable[..., PlainNode]
) -> None:
    coordinators.start()
    first, second = one_moving(store, nodes)
    store.nodes.undrain(N1)
    within(PATIENCE, lambda: not second.runs)
    assert board.next(StreamId("a")) is None
    assert on_air(first) == {"a"}
    assert [(p.node, p.standby) for p in store.placements()] == [(N1, False)]


def test_what_is_stopped_or_changed_while_it_moves_leaves_no_standby_behind(
    coordinators: Coordinators, store: Store, board: Board, nodes: Callable[..., PlainNode]
) -> None:
    coordinators.start()
    first = nodes(N1)
    apply(store, "a", "b")
    within(PATIENCE, lambda: on_air(first) == {"a", "b"})
    second = nodes(N2)
    second.never_ready |= {StreamId("a"), StreamId("b")}
    store.nodes.drain(N1, "lin", time.time())
    within(PATIENCE, lambda: len(second.runs) == 2)
    # When one is stopped and the other one gets a new script
    second.never_ready.clear()
    changed = a_spec("b", text="新的台词。")
    store.apply("matrix 2", [a_spec("a"), changed], "test", time.time())
    store.stop((StreamId("a"),))
    # Then the one is off air everywhere, and the other one goes on where it may
    within(PATIENCE, lambda: not first.runs and on_air(second) == {"b"})
    assert second.runs[StreamId("b")].spec_digest == changed.digest
    within(PATIENCE, lambda: [p.standby for p in store.placements()] == [False])
    within(PATIENCE, lambda: not board.pinned([StreamId("a"), StreamId("b")]).nexts)


def test_a_node_where_streams_keep_failing_is_set_aside_and_named(
    coordinators: Coordinators, store: Store, board: Board, nodes: Callable[..., PlainNode]
) -> None:
    coordinators.start()
    first, second = nodes(N1), nodes(N2)
    first.breaks = True
    within(PATIENCE, lambda: len(board.beats()) == 2)
    apply(store, "a", "b", "c", "d", "e", "f")
    within(PATIENCE, lambda: len(on_air(second)) == 6)
    (order,) = store.nodes.all()
    assert order.node == N1
    assert "failed 3 times within 5 minutes, with a, " in order.aside_reason
    assert not order.drains
