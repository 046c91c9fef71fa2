"""The threads beside the streams: leases are renewed, beats go out, whatever Redis does."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from orchestrator.clock import SystemClock
from orchestrator.domain.node import NodeBeat
from orchestrator.domain.stream import Phase, StreamStatus, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId, TargetDigest
from orchestrator.settings import Settings
from orchestrator.wire.board import Board
from orchestrator.wire.leases import Leases
from orchestrator.wire.redis_client import ANSWER_SECONDS, connect
from tests.support.processes import eventually
from tests.support.stream_worker import some_settings
from tests.support.valkey import ValkeyProcess
from workers.pool import Stop
from workers.stream.keeper import Keeper
from workers.stream.station import Identity
from workers.stream.telemetry import Carried, Telemetry

TARGETS = [TargetDigest(f"{n:032x}") for n in range(20)]
SECONDS = 3.0


@pytest.fixture
def own_redis(own_valkey: ValkeyProcess) -> Iterator[Redis]:
    client = connect(own_valkey.url)
    yield client
    client.close()


@pytest.fixture
def keeper(own_redis: Redis) -> Iterator[Keeper]:
    made = Keeper(Leases(own_redis, "t:"), SECONDS, 0.5, SystemClock())
    yield made
    made.close()


def holds(keeper: Keeper) -> list[bool]:
    now = SystemClock().monotonic()
    found = [keeper.hold(f"holder/{target}") for target in TARGETS]
    return [hold is not None and hold.may_write(now) for hold in found]


def _out_of_reach(keeper: Keeper) -> list[bool]:
    known = [keeper.hold(f"holder/{target}") for target in TARGETS]
    return [hold is None or hold.out_of_reach for hold in known]


def acquire(keeper: Keeper) -> None:
    for target in TARGETS:
        assert keeper.acquire(target, f"holder/{target}", FencingToken(1)).granted


def test_leases_are_kept_for_longer_than_they_last(keeper: Keeper, own_redis: Redis) -> None:
    keeper.start()
    acquire(keeper)
    time.sleep(SECONDS * 2)
    assert all(holds(keeper))
    assert len(Leases(own_redis, "t:").observe(TARGETS)) == len(TARGETS)


@pytest.mark.parametrize("outage", ["kill", "freeze"])
def test_an_outage_is_learnt_once_for_all_leases_and_takes_no_right_away(
    keeper: Keeper, own_valkey: ValkeyProcess, outage: str
) -> None:
    acquire(keeper)
    time.sleep(0.6)
    own_valkey.kill() if outage == "kill" else own_valkey.freeze()
    begun = time.monotonic()
    keeper.renew_due()
    assert time.monotonic() - begun < len(TARGETS) * ANSWER_SECONDS / 2, "each was tried"
    known = [keeper.hold(f"holder/{target}") for target in TARGETS]
    assert all(hold is not None and hold.out_of_reach for hold in known)
    assert all(holds(keeper))


def test_a_frozen_redis_lets_none_of_many_holds_lapse(
    own_redis: Redis, own_valkey: ValkeyProcess
) -> None:
    defaults = Settings()
    keeper = Keeper(
        Leases(own_redis, "t:"), defaults.lease_seconds, defaults.renew_seconds, SystemClock()
    )
    try:
        keeper.start()
        for number in range(100):
            target = TargetDigest(f"{number:032x}")
            assert keeper.acquire(target, f"holder/{target}", FencingToken(1)).granted
        own_valkey.freeze()
        until = time.monotonic() + defaults.lease_seconds * 2
        while time.monotonic() < until:
            assert all(holds(keeper))
            time.sleep(0.05)
        own_valkey.thaw()
        # Each is renewed again at once, before a coordinator could take it for lost.
        assert eventually(lambda: not any(_out_of_reach(keeper)), defaults.lease_seconds)
    finally:
        keeper.close()


def test_a_lease_given_back_is_not_renewed_behind_its_back(
    keeper: Keeper, own_redis: Redis
) -> None:
    keeper.start()
    acquire(keeper)
    for target in TARGETS:
        keeper.release(target, f"holder/{target}", FencingToken(1))
    time.sleep(1.0)
    assert Leases(own_redis, "t:").observe(TARGETS) == {}
    assert not any(holds(keeper))


def test_a_lease_is_not_taken_where_redis_cannot_be_asked(
    keeper: Keeper, own_valkey: ValkeyProcess
) -> None:
    own_valkey.kill()
    with pytest.raises(WireUnreachable):
        keeper.acquire(TARGETS[0], "holder", FencingToken(1))
    assert keeper.hold("holder") is None


class OnPaper:
    """A run that only stands in the beat."""

    stream = StreamId("suyun-douyin")
    token = FencingToken(3)
    task_id = "stream-suyun-douyin-3"
    begun_at = 0.0

    def __init__(self) -> None:
        self.stop = Stop()

    phase = Phase.ON_AIR

    def end(self, reason: str) -> None:
        self.stop.ask(reason)

    def status(self) -> StreamStatus:
        return StreamStatus(self.stream, self.token, Phase.ON_AIR, "d", 0.0)

    def heed(self, want: Want) -> None:
        if not want.wanted:
            self.stop.ask("no longer wanted")


class Wall:
    """A monitor that remembers."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def start(self) -> None:
        self.shown.append("started")

    def close(self) -> None:
        self.shown.append("closed")

    def show(self, run: Carried) -> None:
        self.shown.append(run.stream)


def test_beats_go_on_after_an_outage_and_wants_are_heard(
    own_valkey: ValkeyProcess, own_redis: Redis, tmp_path: Path
) -> None:
    config = some_settings(tmp_path, own_valkey.url, "t:", beat_seconds=0.1)
    board, wall, run = Board(own_redis, "t:"), Wall(), OnPaper()
    beats: list[NodeBeat] = []
    telemetry = Telemetry(Identity(NodeId("node-1"), "b"), config, board, wall, SystemClock())
    telemetry.observers.append(beats.append)
    telemetry.start()
    telemetry.add(run)
    assert eventually(lambda: any(b.streams for b in board.beats()), 30)
    own_valkey.restart()
    assert eventually(lambda: bool(board.beats()), 30)
    board.publish_want(Want(run.stream, False, run.token, NodeId("node-1"), "d"))
    assert eventually(lambda: run.stop.asked, 30)
    telemetry.remove(run)
    telemetry.close()
    assert board.beats() == ()
    assert (wall.shown[0], wall.shown[-1]) == ("started", "closed")
    assert set(wall.shown[1:-1]) == {run.stream}
    assert beats[-1].slots == config.slots
