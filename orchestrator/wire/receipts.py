"""Receipts: the recorder's word to a reporting process that its reports are in the store.

    <prefix>receipts:<journal>   list   recorder → worker   numbers of the journal's reports that
                                                            are committed; ends by itself
    <prefix>reports              list   kombu's queue       read for its length only

A report travels with two headers, its journal's name and its number there. The name is new for each
process, so a number is never used twice. Receipts are hints: a lost one costs that the report is
sent, and confirmed, once more. Reports without the headers come from older workers, which expect
no receipt.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

from orchestrator.wire.queues import REPORTS
from orchestrator.wire.redis_client import reaching_redis, run_id

LIVES_SECONDS = 600
AT_ONCE = 1000


@dataclass(frozen=True)
class Receipt:
    """Which report it was, in its sender's terms."""

    journal: str
    number: int

    def headers(self) -> dict[str, str | int]:
        """As it travels with the report."""
        return {"journal": self.journal, "number": self.number}


def receipt_of(headers: Mapping[str, Any] | None) -> Receipt | None:
    """The receipt that a report's sender waits for, if it does."""
    journal, number = (headers or {}).get("journal"), (headers or {}).get("number")
    if isinstance(journal, str) and isinstance(number, int):
        return Receipt(journal, number)
    return None


class Receipts:
    """Where receipts are left and fetched. Used by one thread."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix

    def leave(self, receipts: Sequence[Receipt]) -> None:
        """Tell the senders that these reports are safe."""
        numbers = defaultdict(list)
        for receipt in receipts:
            numbers[receipt.journal].append(receipt.number)
        if not numbers:
            return
        with reaching_redis(), self._redis.pipeline(transaction=False) as pipe:
            for journal, of_it in numbers.items():
                pipe.rpush(self._key(journal), *of_it)
                pipe.expire(self._key(journal), LIVES_SECONDS)
            pipe.execute()

    def fetch(self, journal: str) -> list[int]:
        """The numbers that were confirmed since the last time, up to a thousand."""
        with reaching_redis():
            found: Any = self._redis.lpop(self._key(journal), AT_ONCE)
        return [int(number) for number in found or ()]

    def queued(self) -> int:
        """How many reports wait for a recorder."""
        with reaching_redis():
            waiting: Any = self._redis.llen(f"{self._prefix}{REPORTS}")
        return int(waiting)

    def server(self) -> str:
        """Which Redis it is; a new one may have forgotten what it was given."""
        return run_id(self._redis)

    def close(self) -> None:
        """Let go of Redis."""
        self._redis.close()

    def _key(self, journal: str) -> str:
        return f"{self._prefix}receipts:{journal}"
