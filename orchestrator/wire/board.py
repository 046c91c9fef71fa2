"""The board: what the coordinator wants, and what the nodes say, for all to see, in Redis.

    <prefix>spec:<stream>    coordinator → worker   what the stream is made of
    <prefix>want:<stream>    coordinator → worker   whether, where and under which token it runs
    <prefix>next:<stream>    coordinator → worker   who prepares to take the stream over
    <prefix>farewell:<node>  coordinator → worker   how far the node is emptied; ends by itself
    <prefix>leave:<node>     who ends it → worker   the boot that is to be left; ends by itself
    <prefix>beat:<node>      worker → coordinator   a node's last heartbeat; ends by itself
    <prefix>nodes            worker → coordinator   names of nodes that ever beat
    <prefix>ear:<node>       worker → coordinator   where it can be asked when it doesn't beat
    <prefix>heard:<node>     coordinator → people   what it said when it was asked; ends by itself

Nothing here is the truth: specs and wants are pinned up again when they are missing, and a node
that beats is a node. What can't be read counts as missing, for it was written by another version.
No want is ever pinned over a newer one (`pin.lua`).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter, ValidationError
from redis import Redis

from orchestrator.domain.node import Farewell, NodeBeat
from orchestrator.domain.stream import StreamSpec, Want
from orchestrator.ids import NodeId, StreamId
from orchestrator.wire.messages import BEAT, FAREWELL, SPEC, WANT
from orchestrator.wire.redis_client import reaching_redis

log = logging.getLogger(__name__)

BEAT_LIVES_SECONDS = 3.0
"""A node that was silent that long is gone from the board."""
FAREWELL_LIVES_SECONDS = 10.0
"""It is renewed with every pass; a change of leaders takes less."""
HEARD_LIVES_SECONDS = 3.0
EAR_LIVES_SECONDS = 86400
"""Far longer than the beat: a leader that has never seen the node beat needs it."""
WORD_LIVES_SECONDS = 3600
"""How long a run without a placement is told to end; by then it has, or its node is gone."""
PIN = files("orchestrator.wire").joinpath("pin.lua").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Pinned:
    """What hangs on the board about streams."""

    wants: dict[StreamId, Want] = field(default_factory=dict)
    nexts: dict[StreamId, Want] = field(default_factory=dict)


class Board:
    """One fleet's board. Safe to share between threads."""

    def __init__(self, redis: Redis, prefix: str, beat_lives: float = BEAT_LIVES_SECONDS) -> None:
        self._redis = redis
        self._prefix = prefix
        self._beat_ms = round(beat_lives * 1000)
        self._pin = redis.register_script(PIN)
        self._last: dict[str, dict[str, tuple[str, NodeBeat]]] = {}

    def publish(self, pairs: Sequence[tuple[StreamSpec, Want]]) -> None:
        """Pin up specs with their wants. Nobody sees a want whose spec isn't there yet."""
        self._pin_up("want", [(want, SPEC.dump_json(spec)) for spec, want in pairs])

    def publish_want(self, want: Want) -> None:
        """Pin up what is wanted of a stream."""
        self.publish_wants((want,))

    def publish_wants(self, wants: Sequence[Want]) -> None:
        """Pin up what is wanted of streams, at one round trip for all."""
        self._pin_up("want", [(want, b"") for want in wants])

    def publish_next(self, pairs: Sequence[tuple[StreamSpec, Want]]) -> None:
        """Pin up who prepares to take these streams over, beside who has them."""
        self._pin_up("next", [(want, SPEC.dump_json(spec)) for spec, want in pairs])

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

    def next(self, stream: StreamId) -> Want | None:
        """Who prepares to take a stream over."""
        found: Want | None = self._read([self._key("next", stream)], WANT)[0]
        return found

    def pinned(self, streams: Sequence[StreamId]) -> Pinned:
        """Wants and nexts of these streams at one moment, at one round trip."""
        keys = [self._key(kind, stream) for kind in ("want", "next") for stream in streams]
        found: list[Want | None] = self._read(keys, WANT)
        wants, nexts = found[: len(streams)], found[len(streams) :]
        return Pinned(
            {want.stream: want for want in wants if want is not None},
            {want.stream: want for want in nexts if want is not None},
        )

    def withdraw(self, stream: StreamId) -> None:
        """Take down all about a stream that is gone for good."""
        with reaching_redis():
            self._redis.delete(*(self._key(kind, stream) for kind in ("spec", "want", "next")))

    def let_lapse(self, streams: Sequence[StreamId]) -> None:
        """Have all about these streams come down by itself, unless it is pinned up anew."""
        if not streams:
            return
        with reaching_redis(), self._redis.pipeline(transaction=False) as pipe:
            for stream in streams:
                pipe.expire(self._key("want", stream), WORD_LIVES_SECONDS)
                pipe.expire(self._key("spec", stream), WORD_LIVES_SECONDS)
            pipe.execute()

    def withdraw_next(self, streams: Sequence[StreamId]) -> None:
        """Nobody prepares any more to take these streams over."""
        if not streams:
            return
        with reaching_redis():
            self._redis.delete(*(self._key("next", stream) for stream in streams))

    def publish_farewells(self, farewells: Sequence[Farewell]) -> None:
        """Tell nodes that are being emptied how far that is, at one round trip for all."""
        if not farewells:
            return
        lives = round(FAREWELL_LIVES_SECONDS * 1000)
        with reaching_redis(), self._redis.pipeline(transaction=False) as pipe:
            for farewell in farewells:
                key = self._key("farewell", farewell.node)
                pipe.set(key, FAREWELL.dump_json(farewell), px=lives)
            pipe.execute()

    def farewell(self, node: NodeId) -> Farewell | None:
        """How far a node is emptied, if it is being."""
        return self.farewells((node,)).get(node)

    def farewells(self, nodes: Sequence[NodeId]) -> dict[NodeId, Farewell]:
        """How far these nodes are emptied, those of them that are being."""
        found: list[Farewell | None] = self._read(
            [self._key("farewell", node) for node in nodes], FAREWELL
        )
        return {farewell.node: farewell for farewell in found if farewell is not None}

    def withdraw_farewells(self, nodes: Sequence[NodeId]) -> None:
        """These nodes stay after all."""
        if not nodes:
            return
        with reaching_redis():
            self._redis.delete(*(self._key("farewell", node) for node in nodes))

    def ask_to_leave(self, node: NodeId, boot: str) -> None:
        """Have the process with that boot give its streams away, for it is to be ended."""
        with reaching_redis():
            self._redis.set(self._key("leave", node), boot, ex=WORD_LIVES_SECONDS)

    def is_asked_to_leave(self, node: NodeId, boot: str) -> bool:
        """Whether that process is to be ended, and to be empty before."""
        with reaching_redis():
            return bool(self._redis.get(self._key("leave", node)) == boot)

    def beat(self, beat: NodeBeat) -> None:
        """Say that a node lives, and what it carries."""
        with reaching_redis(), self._redis.pipeline(transaction=False) as pipe:
            pipe.set(self._key("beat", beat.node), BEAT.dump_json(beat), px=self._beat_ms)
            pipe.sadd(self._nodes, beat.node)
            if beat.ear:
                pipe.set(self._key("ear", beat.node), beat.ear, ex=EAR_LIVES_SECONDS)
            else:
                pipe.delete(self._key("ear", beat.node))
            pipe.execute()

    def beats(self) -> tuple[NodeBeat, ...]:
        """The last heartbeats of all nodes that live, by name."""
        return self._said("beat")

    def ears(self, nodes: Sequence[NodeId]) -> dict[NodeId, str]:
        """Where these nodes can be asked, as far as they ever said."""
        if not nodes:
            return {}
        with reaching_redis():
            found = self._redis.mget([self._key("ear", node) for node in nodes])
        return {node: str(ear) for node, ear in zip(nodes, found, strict=True) if ear}

    def publish_heard(self, beats: Sequence[NodeBeat]) -> None:
        """Show what nodes said that can't say it here."""
        if not beats:
            return
        lives = round(HEARD_LIVES_SECONDS * 1000)
        with reaching_redis(), self._redis.pipeline(transaction=False) as pipe:
            for beat in beats:
                pipe.set(self._key("heard", beat.node), BEAT.dump_json(beat), px=lives)
            pipe.execute()

    def heard(self) -> tuple[NodeBeat, ...]:
        """What nodes said to the coordinator that are cut off from Redis, by name."""
        return self._said("heard")

    def goodbye(self, node: NodeId) -> None:
        """Take a node down that ends; nobody needs to wait for its silence."""
        with reaching_redis():
            self._redis.delete(self._key("beat", node), self._key("ear", node))
            self._redis.srem(self._nodes, node)

    def _said(self, kind: str) -> tuple[NodeBeat, ...]:
        with reaching_redis():
            nodes = sorted(str(node) for node in self._redis.smembers(self._nodes))
        if not nodes:
            return ()
        keys = [self._key(kind, node) for node in nodes]
        with reaching_redis():
            values = self._redis.mget(keys)
        # Beats are long and asked for several times between two of them: the same isn't read twice.
        before, read = self._last.get(kind, {}), dict[str, tuple[str, NodeBeat]]()
        for key, value in zip(keys, values, strict=True):
            known = before.get(key)
            beat = known[1] if known and known[0] == value else _decoded(key, value, BEAT)
            if beat is not None:
                read[key] = (str(value), beat)
        self._last[kind] = read
        return tuple(beat for _, beat in read.values())

    def _pin_up(self, kind: str, wants: Sequence[tuple[Want, bytes]]) -> None:
        if not wants:
            return
        keys, values = list[str](), list[str | bytes | int]()
        for want, spec in wants:
            keys += [self._key(kind, want.stream), self._key("spec", want.stream)]
            values += [want.token, int(want.wanted), WANT.dump_json(want), spec]
        with reaching_redis():
            passed_over = self._pin(keys=keys, args=values)
        if passed_over:
            facts = {"action": "board", "kind": kind, "wants": passed_over}
            log.warning("something newer hangs on the board already", extra=facts)

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
