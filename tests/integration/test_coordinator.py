"""Coordinators, a recorder and plain nodes on a real Valkey and a real store."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from orchestrator.coordinator.election import PATIENCE_SECONDS
from orchestrator.coordinator.hours import BELIEVED_SECONDS
from orchestrator.coordinator.run import run as coordinate
from orchestrator.domain.schedule import CLOSED, Turn
from orchestrator.domain.stream import Phase
from orchestrator.errors import NotLeader
from orchestrator.ids import NodeId, StreamId
from orchestrator.recorder.run import run as record
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect
from tests.support.coordinators import LEASE_SECONDS, running
from tests.support.nodes import PlainNode, on_air
from tests.support.processes import within
from tests.support.streams import a_spec
from tests.support.valkey import ValkeyProcess

PATIENCE = 30.0


@pytest.fixture
def plane(settings: Settings, store: Store) -> Iterator[None]:
    with running(coordinate, settings), running(record, settings):
        yield


def apply(store: Store, *names: str, text: str = "你好。") -> None:
    store.apply("matrix", [a_spec(name, text=text) for name in names], "test", time.time())


def test_what_is_applied_goes_on_air_and_is_observed(
    plane: None, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    node = nodes("n1")
    apply(store, "a", "b", "c")
    within(PATIENCE, lambda: on_air(node) == {"a", "b", "c"})
    within(PATIENCE, lambda: {o.stream for o in store.observations()} == {"a", "b", "c"})
    within(PATIENCE, lambda: {o.phase for o in store.observations()} == {Phase.ON_AIR})
    assert {o.token for o in store.observations()} == {p.token for p in store.placements()}


def test_streams_of_a_brand_are_spread(
    plane: None, store: Store, board: Board, nodes: Callable[..., PlainNode]
) -> None:
    first, second = nodes("n1"), nodes("n2")
    within(PATIENCE, lambda: len(board.beats()) == 2)
    apply(store, "a", "b", "c", "d")
    within(PATIENCE, lambda: len(on_air(first)) == len(on_air(second)) == 2)


def test_only_what_changed_restarts(
    plane: None, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    node = nodes("n1")
    apply(store, "a", "b")
    within(PATIENCE, lambda: on_air(node) == {"a", "b"})
    before = {s: status.token for s, status in node.runs.items()}
    changed = replace(a_spec("b"), producer="another-name")
    specs = [a_spec("a", text="你好。"), changed, a_spec("c")]
    store.apply("matrix 2", specs, "test", time.time())
    within(PATIENCE, lambda: on_air(node) == {"a", "b", "c"})
    within(PATIENCE, lambda: node.runs[StreamId("b")].token > before[StreamId("b")])
    assert node.runs[StreamId("a")].token == before[StreamId("a")]


def test_a_new_script_is_handed_over_in_place(
    plane: None, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    node = nodes("n1")
    apply(store, "a", "b")
    within(PATIENCE, lambda: on_air(node) == {"a", "b"})
    (placed,) = (p for p in store.placements() if p.stream == "b")
    changed = a_spec("b", text="新的台词。")
    applied = store.apply("matrix 2", [a_spec("a", text="你好。"), changed], "test", time.time())
    assert (applied.changed, applied.restarting) == (("b",), ())
    within(PATIENCE, lambda: node.runs[StreamId("b")].spec_digest == changed.digest)
    assert node.runs[StreamId("b")].token == placed.token
    assert placed in store.placements()
    assert [s for s, _ in node.history].count(StreamId("b")) == 1


def test_a_stream_is_on_air_while_its_shop_is_open(
    plane: None, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    # Given one shop that is open, one that opens within the minute, and one that is closed
    node, now = nodes("n1"), time.time()
    hours = {"a": (0.0, now + 60), "b": (now + 60, now + 90), "c": (now + 600, now + 900)}
    persona = a_spec().persona_id
    specs = [replace(a_spec(s), turns=(Turn(*turn, persona),)) for s, turn in hours.items()]
    store.apply("matrix", specs, "test", now)
    # Then the last one isn't placed
    within(PATIENCE, lambda: on_air(node) == {"a", "b"})
    # When one closes, its run says so and is over; nothing is placed in its stead
    node.closes(StreamId("a"))
    within(PATIENCE, lambda: [p.stream for p in store.placements()] == ["b"])
    ended = store.placing.of(StreamId("a"))[-1]
    assert ended.reason == CLOSED
    time.sleep(1.0)
    assert on_air(node) == {"b"}
    # When a new plan opens it again, it is on air again
    again = [replace(specs[0], turns=(Turn(now, now + 900, persona),)), *specs[1:]]
    store.apply("matrix 2", again, "test", time.time())
    within(PATIENCE + BELIEVED_SECONDS, lambda: on_air(node) == {"a", "b"})


def test_what_is_stopped_or_removed_goes_off_air(
    plane: None, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    node = nodes("n1")
    apply(store, "a", "b", "c")
    within(PATIENCE, lambda: len(on_air(node)) == 3)
    store.stop((StreamId("a"),))
    within(PATIENCE, lambda: on_air(node) == {"b", "c"})
    apply(store, "b")
    within(PATIENCE, lambda: on_air(node) == {"b"})
    within(PATIENCE, lambda: [p.stream for p in store.placements()] == ["b"])


def test_of_a_stream_that_was_stopped_and_is_removed_later_nothing_hangs_on_the_board(
    plane: None, store: Store, settings: Settings, nodes: Callable[..., PlainNode]
) -> None:
    node = nodes("n1")
    apply(store, "a", "b")
    within(PATIENCE, lambda: on_air(node) == {"a", "b"})
    store.stop((StreamId("a"),))
    within(PATIENCE, lambda: [p.stream for p in store.placements()] == ["b"])
    apply(store, "b")
    redis = connect(settings.redis)
    about_a = [f"{settings.redis_prefix}{kind}:a" for kind in ("spec", "want", "next")]
    within(PATIENCE, lambda: redis.exists(*about_a) == 0)
    redis.close()


def test_a_dead_nodes_streams_go_on_elsewhere(
    plane: None, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    first, second = nodes("n1"), nodes("n2")
    apply(store, "a", "b", "c", "d")
    within(PATIENCE, lambda: len(on_air(first)) + len(on_air(second)) == 4)
    first.dies()
    took = within(PATIENCE, lambda: on_air(second) == {"a", "b", "c", "d"})
    # A lease, a beat's lifetime and two passes.
    assert took < LEASE_SECONDS + 4.0


def test_a_run_that_vanishes_is_placed_again_and_a_refused_one_is_not(
    plane: None, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    node = nodes("n1")
    node.refuses.add(StreamId("b"))
    apply(store, "a", "b")
    within(PATIENCE, lambda: on_air(node) == {"a"})
    node.vanishes(StreamId("a"))
    within(PATIENCE, lambda: [s for s, _ in node.history].count(StreamId("a")) == 2)
    within(PATIENCE, lambda: on_air(node) == {"a"})
    seen = {o.stream: o for o in store.observations()}[StreamId("b")]
    assert (seen.phase, seen.reason) == (Phase.FAILED, "the ingest refuses this key")
    assert [s for s, _ in node.history].count(StreamId("b")) == 1
    # Applying the matrix again gives it another chance.
    node.refuses.clear()
    apply(store, "a", "b")
    within(PATIENCE, lambda: on_air(node) == {"a", "b"})


def test_without_room_the_stream_waits_and_says_so(
    plane: None, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    nodes("n1", slots=1)
    apply(store, "a", "b")
    within(
        PATIENCE,
        lambda: (
            "slot"
            in {o.stream: o for o in store.observations()}.get(
                StreamId("b"), store.observations()[0]
            ).reason
            if store.observations()
            else False
        ),
    )
    second = nodes("n2")
    within(PATIENCE, lambda: on_air(second) == {"b"})


def test_redis_comes_back_empty_and_nothing_restarts(
    plane: None, store: Store, nodes: Callable[..., PlainNode], own_valkey: ValkeyProcess
) -> None:
    node = nodes("n1")
    apply(store, "a", "b")
    within(PATIENCE, lambda: on_air(node) == {"a", "b"})
    before = {s: status.token for s, status in node.runs.items()}
    own_valkey.restart()
    time.sleep(LEASE_SECONDS + 3.0)
    assert {s: status.token for s, status in node.runs.items()} == before
    assert len(store.placements()) == 2
    apply(store, "a", "b", "c")
    within(PATIENCE, lambda: on_air(node) == {"a", "b", "c"})


def test_redis_freezes_past_every_lease_and_nothing_restarts(
    plane: None, store: Store, nodes: Callable[..., PlainNode], own_valkey: ValkeyProcess
) -> None:
    first, second = nodes("n1"), nodes("n2")
    apply(store, "a", "b")
    within(PATIENCE, lambda: len(on_air(first) | on_air(second)) == 2)
    own_valkey.freeze()
    time.sleep(LEASE_SECONDS * 2)
    own_valkey.thaw()
    time.sleep(LEASE_SECONDS + 2.0)
    assert len(first.history) + len(second.history) == 2
    assert on_air(first) | on_air(second) == {"a", "b"}


def test_a_coordinator_that_ends_ends_no_stream(
    settings: Settings, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    node = nodes("n1")
    with running(coordinate, settings):
        apply(store, "a")
        within(PATIENCE, lambda: on_air(node) == {"a"})
    with running(coordinate, settings):
        time.sleep(LEASE_SECONDS + 2.0)
        assert on_air(node) == {"a"}
    assert len(node.history) == 1


def test_everything_may_start_in_any_order(
    settings: Settings, store: Store, nodes: Callable[..., PlainNode], own_valkey: ValkeyProcess
) -> None:
    own_valkey.kill()
    apply(store, "a")
    with running(coordinate, settings), running(record, settings):
        time.sleep(1.5)
        own_valkey.start()
        node = nodes("n1")
        within(PATIENCE, lambda: on_air(node) == {"a"})
        within(PATIENCE, lambda: [o.phase for o in store.observations()] == [Phase.ON_AIR])


def test_a_killed_leader_is_replaced_and_writes_no_more(
    settings: Settings, store: Store, nodes: Callable[..., PlainNode]
) -> None:
    # A leader that never beats again: taken by a process that is then gone.
    dead = store.leadership.take(None, "dead")
    node = nodes("n1")
    apply(store, "a")
    began = time.monotonic()
    with running(coordinate, settings), running(coordinate, settings):
        within(PATIENCE, lambda: (row := store.leadership.current()) is not None and row.term == 2)
        took = time.monotonic() - began
        assert PATIENCE_SECONDS <= took < PATIENCE_SECONDS + 2.0
        within(PATIENCE, lambda: on_air(node) == {"a"})
        with pytest.raises(NotLeader):
            store.placing.grant(dead, ((store.desired()[0], NodeId("n9")),), time.time())
        assert len(node.history) == 1
