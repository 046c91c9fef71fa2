"""The simulated server answers board and leases as the real one does."""

from collections.abc import Callable

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.stream import Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId, TargetDigest
from orchestrator.simulate.agenda import VirtualClock
from orchestrator.simulate.client import Line, LineClient
from orchestrator.simulate.server import Server
from orchestrator.wire.board import Board
from orchestrator.wire.leases import Holding, Leases
from orchestrator.wire.redis_client import run_id

ROOM = TargetDigest("room")
SHOP = StreamId("shop")


def test_leases_are_granted_held_and_stale_alike(redis: Redis, redis_prefix: str) -> None:
    assert _about_leases(_simulated(), redis_prefix) == _about_leases(redis, redis_prefix)


def test_the_board_shows_and_refuses_alike(redis: Redis, redis_prefix: str) -> None:
    assert _about_the_board(_simulated(), redis_prefix) == _about_the_board(redis, redis_prefix)


def test_keys_end_by_the_virtual_clock() -> None:
    clock = VirtualClock()
    leases = Leases(LineClient(Line(Server(clock), lambda: True)), "")
    leases.acquire(ROOM, "a", FencingToken(1), 4.0)
    clock.now = 3.9
    assert leases.observe([ROOM])
    clock.now = 4.0
    assert not leases.observe([ROOM])


def test_a_line_that_is_down_reaches_nobody_and_a_restart_forgets() -> None:
    up = [True]
    server = Server(VirtualClock())
    redis = LineClient(Line(server, lambda: up[0]))
    leases, before = Leases(redis, ""), run_id(redis)
    leases.acquire(ROOM, "a", FencingToken(1), 4.0)
    up[0] = False
    with pytest.raises(WireUnreachable):
        leases.renew_many([Holding(ROOM, "a", FencingToken(1))], 4.0)
    with pytest.raises(RedisConnectionError):
        redis.get("x")
    server.restart()
    up[0] = True
    assert run_id(redis) != before
    assert not leases.observe([ROOM])
    assert leases.renew_many([Holding(ROOM, "a", FencingToken(1))], 4.0)[0].granted


def test_a_command_that_nobody_uses_is_refused() -> None:
    with pytest.raises(ResponseError, match="unknown command LPUSH"):
        _simulated().lpush("x", "y")


def _simulated() -> Redis:
    return LineClient(Line(Server(VirtualClock()), lambda: True))


def _about_leases(redis: Redis, prefix: str) -> list[object]:
    leases = Leases(redis, prefix)

    def asked(token: int, holder: str) -> tuple[str, str, int]:
        verdict = leases.acquire(ROOM, holder, FencingToken(token), 60.0)
        return verdict.answer.value, verdict.holder, verdict.token

    held = [Holding(ROOM, "c", FencingToken(7)), Holding(TargetDigest("new"), "c", FencingToken(8))]
    return [
        asked(5, "a"),
        asked(5, "a"),
        asked(5, "b"),
        asked(4, "b"),
        asked(7, "c"),
        asked(5, "a"),
        leases.release(ROOM, "b", FencingToken(5)),
        leases.release(ROOM, "a", FencingToken(5)),
        [verdict.answer for verdict in leases.renew_many(held, 60.0)],
        leases.observe([ROOM, TargetDigest("new"), TargetDigest("none")]),
    ]


def _about_the_board(redis: Redis, prefix: str) -> list[object]:
    board = Board(redis, prefix)
    node = NodeId("node")

    def want(token: int, *, wanted: bool) -> Want:
        return Want(SHOP, wanted, FencingToken(token), node, "digest")

    def seen(do: Callable[[], object]) -> object:
        do()
        return board.pinned([SHOP])

    found: list[object] = [
        seen(lambda: board.publish_want(want(5, wanted=True))),
        seen(lambda: board.publish_want(want(4, wanted=True))),
        seen(lambda: board.publish_want(want(5, wanted=False))),
        seen(lambda: board.publish_want(want(5, wanted=True))),
        seen(lambda: board.let_lapse([SHOP])),
        seen(lambda: board.withdraw(SHOP)),
    ]
    board.beat(NodeBeat(node, "boot", WorkerKind.STREAM, 3, ear="http://there"))
    found += [board.beats(), board.ears([node])]
    board.goodbye(node)
    return [*found, board.beats(), board.ears([node])]
