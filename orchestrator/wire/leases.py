"""Leases in Redis: who may publish to which target.

Keyed by the real target, so two streams with one key are one lease. A newer token never takes a
live lease away: it waits until the holder, which finds itself stale at its next renewal, has
stopped and given back, or until the lease ends. `lease.lua` decides, in one step on the server.

Renewing is taking again. A holder whose lease Redis has forgotten registers anew by renewing, as
long as nobody with a newer token has come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files

from redis import Redis
from redis.exceptions import NoScriptError

from orchestrator.domain.lease import LeaseAnswer, LeaseVerdict, LiveLease
from orchestrator.ids import FencingToken, TargetDigest
from orchestrator.wire.redis_client import reaching_redis

TOKEN_MS = int(timedelta(days=7) / timedelta(milliseconds=1))
SCRIPT = files("orchestrator.wire").joinpath("lease.lua").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Holding:
    """Who holds which target, under which placement."""

    target: TargetDigest
    holder: str
    token: FencingToken


class Leases:
    """The leases of one fleet. Safe to share between threads."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._script = redis.register_script(SCRIPT)

    def acquire(
        self, target: TargetDigest, holder: str, token: FencingToken, seconds: float
    ) -> LeaseVerdict:
        """Ask for a target. `holder` names a worker process: node and boot."""
        with reaching_redis():
            answer = self._script(
                keys=self._keys(target), args=_take(Holding(target, holder, token), seconds)
            )
        return _verdict(answer)

    def renew(
        self, target: TargetDigest, holder: str, token: FencingToken, seconds: float
    ) -> LeaseVerdict:
        """Keep a target, or take it again if Redis has forgotten it."""
        return self.acquire(target, holder, token, seconds)

    def renew_many(self, held: Sequence[Holding], seconds: float) -> list[LeaseVerdict]:
        """Keep all these at one round trip; answers in the same order, or none at all."""
        if not held:
            return []
        with reaching_redis():
            try:
                answers = self._ask_for(held, seconds)
            except NoScriptError:  # a server that came back empty; asking twice does no harm
                self._redis.script_load(SCRIPT)
                answers = self._ask_for(held, seconds)
        return [_verdict(answer) for answer in answers]

    def release(self, target: TargetDigest, holder: str, token: FencingToken) -> bool:
        """Give a target back, after the connection is closed; say whether it was ours."""
        with reaching_redis():
            was_ours = self._script(keys=self._keys(target), args=("release", token, holder))
        return bool(was_ours)

    def observe(self, targets: Sequence[TargetDigest]) -> dict[TargetDigest, LiveLease]:
        """The live leases among these targets, at one round trip for all."""
        if not targets:
            return {}
        with reaching_redis():
            values = self._redis.mget([self._keys(target)[0] for target in targets])
        found = (
            _lease(target, str(value))
            for target, value in zip(targets, values, strict=True)
            if value
        )
        return {lease.target: lease for lease in found}

    def _ask_for(self, held: Sequence[Holding], seconds: float) -> list[list[str]]:
        with self._redis.pipeline(transaction=False) as pipe:
            for one in held:
                keys, arguments = self._keys(one.target), _take(one, seconds)
                pipe.evalsha(self._script.sha, len(keys), *keys, *map(str, arguments))
            answers: list[list[str]] = pipe.execute()
        return answers

    def _keys(self, target: TargetDigest) -> tuple[str, str]:
        return f"{self._prefix}lease:{target}", f"{self._prefix}token:{target}"


def _take(wish: Holding, seconds: float) -> tuple[str | int, ...]:
    return ("take", wish.token, wish.holder, _milliseconds(seconds), TOKEN_MS)


def _verdict(answer: Sequence[str]) -> LeaseVerdict:
    word, holder, token, left = answer
    return LeaseVerdict(
        answer=LeaseAnswer(word),
        holder=holder,
        token=FencingToken(int(token)),
        remaining=max(0, int(left)) / 1000,
    )


def _lease(target: TargetDigest, value: str) -> LiveLease:
    token, _, holder = value.partition(" ")
    return LiveLease(target=target, holder=holder, token=FencingToken(int(token)))


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
