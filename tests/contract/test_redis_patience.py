"""How long a call may take whose server doesn't answer: about a second, whatever is wrong."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from redis import Redis

from orchestrator.errors import WireUnreachable
from orchestrator.wire.redis_client import ANSWER_SECONDS, connect, reaching_redis
from tests.support.valkey import ValkeyProcess

ENOUGH = 2 * ANSWER_SECONDS - 0.05
"""Whoever waits twice, or for two servers in turn, needs more."""
Call = Callable[[Redis], object]


def script(redis: Redis) -> object:
    return redis.register_script("return 1")()


def pipeline(redis: Redis) -> object:
    with redis.pipeline(transaction=False) as pipe:
        pipe.set("a", 1)
        pipe.set("b", 1)
        return pipe.execute()


CALLS: tuple[Call, ...] = (lambda redis: redis.get("a"), pipeline, script)


def refused_after(call: Call, redis: Redis) -> float:
    began = time.monotonic()
    with pytest.raises(WireUnreachable), reaching_redis():
        call(redis)
    return time.monotonic() - began


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port at which connections are neither accepted nor refused."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


def test_a_frozen_server_costs_one_second_a_call_not_two(own_valkey: ValkeyProcess) -> None:
    warm = connect(own_valkey.url)
    warm.ping()
    own_valkey.freeze()
    try:
        took = [refused_after(call, warm) for call in CALLS]
        cold = connect(own_valkey.url)
        took.append(refused_after(CALLS[0], cold))
    finally:
        own_valkey.thaw()
    assert max(took) < ENOUGH
    assert warm.ping()
    assert cold.ping()
    warm.close()
    cold.close()


def test_a_server_that_was_restarted_is_not_noticed(own_valkey: ValkeyProcess) -> None:
    redis = connect(own_valkey.url)
    for call in CALLS:
        redis.ping()
        own_valkey.restart()
        call(redis)
    redis.close()


def test_a_server_that_is_down_costs_nothing(own_valkey: ValkeyProcess) -> None:
    redis = connect(own_valkey.url)
    redis.ping()
    own_valkey.kill()
    assert max(refused_after(call, redis) for call in CALLS) < ANSWER_SECONDS
    redis.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_black_hole_costs_one_second(black_hole: int, host: str) -> None:
    redis = connect(f"redis://{host}:{black_hole}/0")
    assert refused_after(CALLS[0], redis) < ENOUGH
    redis.close()


def test_sentinels_that_give_no_answer_cost_one_second_together(black_hole: int) -> None:
    hosts = ",".join([f"127.0.0.1:{black_hole}"] * 3)
    redis = connect(f"sentinel://{hosts}/mymaster/0")
    assert refused_after(CALLS[0], redis) < ENOUGH
    redis.close()
