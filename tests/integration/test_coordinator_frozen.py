"""A leader that is frozen in the middle of its work: what it does when it wakes changes nothing."""

import random
import signal
import threading
import time
from dataclasses import replace

import pytest
from typing_extensions import override

from orchestrator.clock import SystemClock
from orchestrator.coordinator.act import Actor
from orchestrator.coordinator.place import Assigned
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import StreamSpec, Want
from orchestrator.errors import NotLeader, WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect
from tests.support.coordinators import Coordinators, freeze_between_writes
from tests.support.nodes import PlainNode
from tests.support.processes import eventually
from tests.support.streams import a_spec

STREAMS = tuple(StreamId(name) for name in "abcdef")
NODE = NodeId("n1")


class SlowBoard(Board):
    """Stands still before it writes, as its process would when it is frozen there."""

    reached: threading.Event
    go_on: threading.Event

    @override
    def publish(self, pairs: "list[tuple[StreamSpec, Want]]") -> None:  # type: ignore[override]
        self.reached.set()
        assert self.go_on.wait(30)
        super().publish(pairs)


class Sent:
    """Tasks that would have been sent."""

    def __init__(self) -> None:
        self.tokens: list[FencingToken] = []

    def start(self, placement: Placement) -> None:
        self.tokens.append(placement.token)

    def nudge(self, stream: StreamId, token: FencingToken) -> None:
        raise AssertionError((stream, token))


def test_a_grant_whose_leader_was_frozen_before_it_told_anybody_stays_outdated(
    settings: Settings, store: Store, board: Board
) -> None:
    store.apply("m", [a_spec("a")], "test", 0.0)
    (desired,) = store.desired()
    situation = Situation({}, {}, {}, {}, (), {}, {})
    assigned = Assigned([(desired, NODE)], [])
    redis = connect(settings.redis)
    slow = SlowBoard(redis, settings.redis_prefix)
    slow.reached, slow.go_on = threading.Event(), threading.Event()
    first = store.leadership.take(store.leadership.current(), "first")
    old = Actor(store, slow, Sent(), SystemClock())
    frozen = threading.Thread(target=old.place, args=(first, situation, assigned))
    frozen.start()
    try:
        assert slow.reached.wait(30)
        second = store.leadership.take(store.leadership.current(), "second")
        (granted,) = store.placements()
        store.placing.end(second, [(granted, "never seen")], 1.0)
        sent = Sent()
        Actor(store, board, sent, SystemClock()).place(second, situation, assigned)
    finally:
        slow.go_on.set()
        frozen.join()
        redis.close()
    want = board.want(STREAMS[0])
    assert want is not None
    assert [want.token] == sent.tokens
    assert want.token > granted.token
    with pytest.raises(NotLeader):
        old.place(first, situation, assigned)


class Watcher:
    """Reads the board all the time, and notes whatever goes back on it."""

    def __init__(self, board: Board) -> None:
        self.wrong: list[tuple[Want, Want]] = []
        self._board = board
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        last: dict[StreamId, Want] = {}
        while not self._ending.wait(0.002):
            try:
                wants = self._board.wants(STREAMS)
            except WireUnreachable:
                continue  # a busy machine's Redis may be slow for once
            for stream, want in wants.items():
                before = last.get(stream, want)
                again = want.token == before.token and want.wanted and not before.wanted
                if want.token < before.token or again:
                    self.wrong.append((before, want))
                last[stream] = want


def test_frozen_and_thawed_in_the_midst_of_passes_no_leader_takes_anything_back(
    settings: Settings, store: Store, board: Board
) -> None:
    coordinators = Coordinators(settings, store)
    pair = [coordinators.start(), coordinators.start()]
    nodes = [PlainNode(settings, name).start() for name in ("n1", "n2")]
    watcher = Watcher(board)
    chance = random.Random(3)
    try:
        assert eventually(lambda: bool(coordinators.row().holder), 20)
        for turn in range(2):
            for change in range(4):
                producer = f"producer-{turn}-{change}"
                specs = [replace(a_spec(name), producer=producer) for name in STREAMS]
                store.apply("m", specs, "test", time.time())
                time.sleep(0.2 + chance.random() / 5)
            leader = next(one for one in pair if coordinators.leads(one))
            freeze_between_writes(leader, settings.store)
            assert eventually(lambda one=leader: not coordinators.leads(one), 30)  # type: ignore[misc]
            time.sleep(chance.random() / 2)
            leader.send_signal(signal.SIGCONT)
        last = {d.digest for d in store.desired()}

        def all_carried() -> bool:
            carried = [s for node in nodes for s in list(node.runs.values())]
            return len(carried) == len(STREAMS) and {s.spec_digest for s in carried} == last

        assert eventually(all_carried, 20)
    finally:
        watcher.close()
        coordinators.close()
        for node in nodes:
            node.dies()
    assert not watcher.wrong
    history = [begun for node in nodes for begun in node.history]
    assert len(history) == len(set(history)), "a placement was begun twice"
