"""The board: what the coordinator wants, and what the nodes say, for all to see, in Redis.

    <prefix>spec:<stream>   coordinator → worker   what the stream is made of
    <prefix>want:<stream>   coordinator → worker   whether, where and under which token it runs
    <prefix>beat:<node>     worker → coordinator   a node's last heartbeat; ends by itself
    <prefix>nodes           worker → coordinator   names of nodes that ever beat

Nothing here is the truth: specs and wants are pinned up again when they are missing, and a node
that beats is a node. What can't be read counts as missing, for it was written by another version.
"""

import logging
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from redis import Redis

from orchestrator.domain.node import NodeBeat
from orchestrator.domain.stream import StreamSpec, Want
from orchestrator.ids import NodeId, StreamId
from orchestrator.wire.messages import BEAT, SPEC, WANT
from orchestrator.wire.redis_client import reaching_redis

log = logging.getLogger(__name__)

BEAT_LIVES_SECONDS = 4.0
"""A node that was silent that long is gone from the board."""


class Board:
    """One fleet's board. Safe to share between threads."""

    def __init__(self, redis: Redis, prefix: str, beat_lives: float = BEAT_LIVES_SECONDS) -> None:
        self._redis = redis
        self._prefix = prefix
        self._beat_ms = round(beat_lives * 1000)

    def publish(self, pairs: Sequence[tuple[StreamSpec, Want]]) -> None:
        """Pin up specs with their wants. Nobody sees a want whose spec isn't there yet."""
        if not pairs:
            return
        values: dict[str, bytes] = {}
        for spec, want in pairs:
            values[self._key("spec", spec.stream)] = SPEC.dump_json(spec)
            values[self._key("want", want.stream)] = WANT.dump_json(want)
        with reaching_redis():
            self._redis.mset(values)

    def publish_want(self, want: Want) -> None:
        """Pin up what is wanted of a stream."""
        self.publish_wants((want,))

    def publish_wants(self, wants: Sequence[Want]) -> None:
        """Pin up what is wanted of streams, at one round trip for all."""
        if not wants:
            return
        with reaching_redis():
            self._redis.mset({self._key("want", w.stream): WANT.dump_json(w) for w in wants})

    def spec(self, stream: StreamId) -> StreamSpec | None:
        """What a stream is made of."""
        found: StreamSpec | None = self._read([self._key("spec", stream)], SPEC)[0]
        return found

    def want(self, stream: StreamId) -> Want | None:
        """What is wanted of a stream."""
        return self.wants((stream,)).get(stream)

    def wants(self, streams: Sequence[StreamId]) -> dict[StreamId, Want]:
        """What is wanted of these streams, as far as it is pinned up; one round trip for all."""
        found: list[Want | None] = self._read([self._key("want", s) for s in streams], WANT)
        return {want.stream: want for want in found if want is not None}

    def withdraw(self, stream: StreamId) -> None:
        """Take down all about a stream that is gone for good."""
        with reaching_redis():
            self._redis.delete(self._key("spec", stream), self._key("want", stream))

    def beat(self, beat: NodeBeat) -> None:
        """Say that a node lives, and what it carries."""
        with reaching_redis(), self._redis.pipeline(transaction=False) as pipe:
            pipe.set(self._key("beat", beat.node), BEAT.dump_json(beat), px=self._beat_ms)
            pipe.sadd(self._nodes, beat.node)
            pipe.execute()

    def beats(self) -> tuple[NodeBeat, ...]:
        """The last heartbeats of all nodes that live, by name."""
        with reaching_redis():
            nodes = sorted(str(node) for node in self._redis.smembers(self._nodes))
        found: list[NodeBeat | None] = self._read([self._key("beat", n) for n in nodes], BEAT)
        return tuple(beat for beat in found if beat is not None)

    def goodbye(self, node: NodeId) -> None:
        """Take a node down that ends; nobody needs to wait for its silence."""
        with reaching_redis():
            self._redis.delete(self._key("beat", node))
            self._redis.srem(self._nodes, node)

    @property
    def _nodes(self) -> str:
        return f"{self._prefix}nodes"

    def _key(self, kind: str, name: str) -> str:
        return f"{self._prefix}{kind}:{name}"

    def _read(self, keys: Sequence[str], codec: TypeAdapter[Any]) -> list[Any]:
        if not keys:
            return []
        with reaching_redis():
            values = self._redis.mget(keys)
        return [_decoded(key, value, codec) for key, value in zip(keys, values, strict=True)]


def _decoded(key: str, value: str | bytes | None, codec: TypeAdapter[Any]) -> Any:
    if value is None:
        return None
    try:
        return codec.validate_json(value)
    except ValidationError:
        log.warning("something on the board can't be read", extra={"action": "board", "key": key})
        return None
