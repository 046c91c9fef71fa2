"""Fail static is for what is on air: a connection that isn't yet needs a lease that lives."""

import pytest

from orchestrator.domain.lease import LeaseAnswer, LeaseVerdict
from orchestrator.errors import LeaseLost, WireUnreachable
from orchestrator.ids import FencingToken, TargetDigest
from orchestrator.wire.leases import Holding
from tests.unit.stream.hands import HandClock
from workers.pool import Stop
from workers.stream.gate import Gate
from workers.stream.keeper import Keeper
from workers.stream.turnstile import Turnstile

LEASE, EVERY = 4.0, 1.0
TARGET, TOKEN = TargetDigest("t"), FencingToken(1)


class Redis:
    """Grants all, as long as it is there."""

    away = False

    def acquire(self, *_: object) -> LeaseVerdict:
        return LeaseVerdict(LeaseAnswer.GRANTED)

    def renew_many(self, held: list[Holding], _seconds: float) -> list[LeaseVerdict]:
        if self.away:
            raise WireUnreachable("away")
        return [LeaseVerdict(LeaseAnswer.GRANTED) for _ in held]


def test_who_may_write_is_told_until_when() -> None:
    clock, redis = HandClock(), Redis()
    keeper = Keeper(redis, LEASE, EVERY, clock)  # type: ignore[arg-type]
    gate = Gate(Stop(), keeper, "me", Turnstile(clock), clock)
    keeper.acquire(TARGET, "me", TOKEN)
    until = clock.monotonic() + LEASE
    assert (gate.check(), gate.check_before_taken()) == (until, until)


def test_a_connection_that_is_not_taken_yet_ends_with_the_lease() -> None:
    clock, redis = HandClock(), Redis()
    keeper = Keeper(redis, LEASE, EVERY, clock)  # type: ignore[arg-type]
    gate = Gate(Stop(), keeper, "me", Turnstile(clock), clock)
    keeper.acquire(TARGET, "me", TOKEN)
    gate.check_before_taken()
    # When Redis goes away for longer than a lease, and every renewal is tried in time
    redis.away = True
    for _ in range(5):
        clock.advance(EVERY)
        keeper.renew_due()
        gate.check()
    # Then what is on air goes on, and what isn't doesn't get there
    with pytest.raises(LeaseLost):
        gate.check_before_taken()
