"""How full the broker's queues are, and how old what waits there is.

One round trip for all queues. The oldest message is looked at where it lies; an order to render
tells when it was given (`SENT_AT`), others don't.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from redis import Redis

from orchestrator.wire.queues import SENT_AT
from orchestrator.wire.redis_client import reaching_redis


@dataclass(frozen=True)
class Depth:
    """What waits in a queue."""

    messages: int
    oldest_at: float | None = None
    """Wall-clock seconds at which the oldest was sent; None: none waits, or it doesn't tell."""


def depths(redis: Redis, prefix: str, queues: Sequence[str]) -> Mapping[str, Depth]:
    """How full these queues are."""
    with reaching_redis(), redis.pipeline(transaction=False) as pipe:
        for queue in queues:
            pipe.llen(f"{prefix}{queue}")
            # kombu pushes at the head, and pops at the tail.
            pipe.lindex(f"{prefix}{queue}", -1)
        found = pipe.execute()
    pairs = zip(found[::2], found[1::2], strict=True)
    return {
        queue: Depth(int(length), sent_at(oldest))
        for queue, (length, oldest) in zip(queues, pairs, strict=True)
    }


def sent_at(message: str | bytes | None) -> float | None:
    """When a message was sent, if it says so."""
    if message is None:
        return None
    try:
        return float(json.loads(message)["headers"][SENT_AT])
    except (ValueError, TypeError, KeyError):
        return None
