"""Leases on a real server: one publisher a target, whatever comes in whatever order."""

import threading
import time
import uuid

import pytest
from redis import Redis

from orchestrator.domain.lease import LeaseAnswer
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, TargetDigest
from orchestrator.wire.leases import Holding, Leases
from orchestrator.wire.redis_client import ANSWER_SECONDS, connect
from tests.support.valkey import ValkeyProcess

SECONDS = 60.0


def token(number: int) -> FencingToken:
    return FencingToken(number)


@pytest.fixture
def leases(redis: Redis, redis_prefix: str) -> Leases:
    return Leases(redis, redis_prefix)


@pytest.fixture
def target() -> TargetDigest:
    return TargetDigest(uuid.uuid4().hex)


def test_a_free_target_is_granted(leases: Leases, target: TargetDigest) -> None:
    verdict = leases.acquire(target, "node-1/a", token(1), SECONDS)
    assert verdict.granted
    assert verdict.holder == "node-1/a"
    assert verdict.remaining == SECONDS


def test_a_newer_token_does_not_take_a_live_lease_away(
    leases: Leases, target: TargetDigest
) -> None:
    leases.acquire(target, "node-1/a", token(1), SECONDS)
    verdict = leases.acquire(target, "node-2/b", token(2), SECONDS)
    assert verdict.answer is LeaseAnswer.HELD
    assert (verdict.holder, verdict.token) == ("node-1/a", 1)
    assert 0 < verdict.remaining <= SECONDS


def test_a_holder_finds_itself_stale_once_a_newer_token_asked(
    leases: Leases, target: TargetDigest
) -> None:
    leases.acquire(target, "node-1/a", token(1), SECONDS)
    leases.acquire(target, "node-2/b", token(2), SECONDS)
    verdict = leases.renew(target, "node-1/a", token(1), SECONDS)
    assert verdict.stale
    assert verdict.token == 2
    # It still holds the target until it has closed its connection and gives back.
    assert not leases.acquire(target, "node-2/b", token(2), SECONDS).granted
    assert leases.release(target, "node-1/a", token(1))
    assert leases.acquire(target, "node-2/b", token(2), SECONDS).granted


def test_an_older_token_is_stale_even_after_the_lease_was_given_back(
    leases: Leases, target: TargetDigest
) -> None:
    leases.acquire(target, "node-2/b", token(2), SECONDS)
    leases.release(target, "node-2/b", token(2))
    assert leases.acquire(target, "node-1/a", token(1), SECONDS).stale


def test_the_same_token_in_another_process_is_stale(leases: Leases, target: TargetDigest) -> None:
    leases.acquire(target, "node-1/a", token(1), SECONDS)
    assert leases.acquire(target, "node-1/b", token(1), SECONDS).stale


def test_two_runs_in_one_process_are_two_publishers(leases: Leases, target: TargetDigest) -> None:
    leases.acquire(target, "node-1/a", token(1), SECONDS)
    assert leases.acquire(target, "node-1/a", token(2), SECONDS).answer is LeaseAnswer.HELD


def test_a_lease_ends_by_itself(leases: Leases, target: TargetDigest) -> None:
    leases.acquire(target, "node-1/a", token(1), 0.05)
    time.sleep(0.1)
    assert leases.acquire(target, "node-2/b", token(2), SECONDS).granted


def test_renewing_keeps_a_lease(leases: Leases, target: TargetDigest) -> None:
    leases.acquire(target, "node-1/a", token(1), 0.1)
    assert leases.renew(target, "node-1/a", token(1), SECONDS).granted
    time.sleep(0.15)
    assert leases.acquire(target, "node-2/b", token(2), SECONDS).answer is LeaseAnswer.HELD


def test_a_lapsed_lease_is_taken_again_as_long_as_nobody_came(
    leases: Leases, target: TargetDigest
) -> None:
    leases.acquire(target, "node-1/a", token(1), 0.05)
    time.sleep(0.1)
    assert leases.renew(target, "node-1/a", token(1), SECONDS).granted


def test_many_are_renewed_at_one_round_trip_each_with_its_own_answer(leases: Leases) -> None:
    targets = [TargetDigest(uuid.uuid4().hex) for _ in range(4)]
    held = [Holding(target, "node-1/a", token(1)) for target in targets]
    for one in held[:3]:
        leases.acquire(one.target, one.holder, one.token, SECONDS)
    leases.acquire(targets[1], "node-2/b", token(2), SECONDS)
    leases.release(targets[2], "node-1/a", token(1))
    answers = leases.renew_many(held, SECONDS)
    assert [a.answer for a in answers] == [
        LeaseAnswer.GRANTED,
        LeaseAnswer.STALE,
        LeaseAnswer.GRANTED,
        LeaseAnswer.GRANTED,
    ]
    assert leases.renew_many([], SECONDS) == []


def test_a_server_that_has_forgotten_the_script_renews_many(
    leases: Leases, redis: Redis, target: TargetDigest
) -> None:
    redis.script_flush()
    held = [Holding(target, "node-1/a", token(1))]
    assert leases.renew_many(held, SECONDS)[0].granted
    assert leases.renew(target, "node-1/a", token(1), SECONDS).granted


def test_only_the_holder_gives_back(leases: Leases, target: TargetDigest) -> None:
    leases.acquire(target, "node-1/a", token(1), SECONDS)
    assert not leases.release(target, "node-2/b", token(1))
    assert not leases.release(target, "node-1/a", token(2))
    assert leases.release(target, "node-1/a", token(1))
    assert not leases.release(target, "node-1/a", token(1))


def test_observers_see_live_leases_only(leases: Leases, target: TargetDigest) -> None:
    other = TargetDigest(uuid.uuid4().hex)
    leases.acquire(target, "node-1/a", token(7), SECONDS)
    seen = leases.observe((target, other))
    assert list(seen) == [target]
    assert (seen[target].holder, seen[target].token) == ("node-1/a", 7)
    assert leases.observe(()) == {}


def test_two_fleets_on_one_server_do_not_meet(redis: Redis, target: TargetDigest) -> None:
    assert Leases(redis, "x:").acquire(target, "a", token(1), SECONDS).granted
    assert Leases(redis, "y:").acquire(target, "b", token(1), SECONDS).granted


def test_of_many_that_ask_at_once_one_is_granted(leases: Leases, target: TargetDigest) -> None:
    granted: list[int] = []
    gate = threading.Barrier(12)

    def ask(number: int) -> None:
        gate.wait()
        if leases.acquire(target, f"node-{number}", token(number), SECONDS).granted:
            granted.append(number)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(1, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 1


def test_a_server_that_came_back_empty_takes_its_holders_back(own_valkey: ValkeyProcess) -> None:
    client = connect(own_valkey.url)
    leases, target = Leases(client, "dc:"), TargetDigest("t")
    leases.acquire(target, "node-1/a", token(3), SECONDS)
    own_valkey.kill()
    with pytest.raises(WireUnreachable):
        leases.renew(target, "node-1/a", token(3), SECONDS)
    own_valkey.start()
    assert leases.renew(target, "node-1/a", token(3), SECONDS).granted
    client.close()


def test_a_frozen_server_costs_about_a_second(own_valkey: ValkeyProcess) -> None:
    client = connect(own_valkey.url)
    leases, target = Leases(client, "dc:"), TargetDigest("t")
    leases.acquire(target, "node-1/a", token(3), SECONDS)
    own_valkey.freeze()
    began = time.monotonic()
    with pytest.raises(WireUnreachable):
        leases.renew(target, "node-1/a", token(3), SECONDS)
    assert time.monotonic() - began < 2 * ANSWER_SECONDS
    own_valkey.thaw()
    assert leases.renew(target, "node-1/a", token(3), SECONDS).granted
    client.close()
