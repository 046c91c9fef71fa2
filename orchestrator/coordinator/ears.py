"""Asks silent nodes directly, so that one that is cut off from Redis is told from a dead one.

A node's heartbeat names its ear (workers.stream.ear). As soon as the beat of a node that carries
something is late, it is asked there, on threads of their own: no pass waits for an answer, and a
dead node's streams are given up as soon as without this.

What a node has said counts for as long as it may go on by it. A run that can't reach Redis writes
for a lease's time after its last try, so a node that answered and then froze might do so, too; it
is given up a lease's time after its last answer. A coordinator that itself stood still has asked
nobody meanwhile: it asks before it gives a node up. One that can't reach Redis decides nothing.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from typing import Protocol
from urllib.parse import urlsplit

from orchestrator.clock import Clock
from orchestrator.coordinator.situation import Heard
from orchestrator.domain.node import NodeBeat
from orchestrator.ids import NodeId
from orchestrator.wire.messages import BEAT

log = logging.getLogger(__name__)

LATE_SECONDS = 1.6
"""A beat of that age is late; nodes beat each second."""
ANSWER_SECONDS = 0.8
ASK_AGAIN_SECONDS = 0.3
MARGIN_SECONDS = 0.5
DEAF_SECONDS = 2.0
"""After such a pause between two passes, nobody has been asked lately."""
MOST_ASKED_AT_ONCE = 16
MOST_BYTES = 4 * 1024 * 1024

Ask = Callable[[str], NodeBeat]


class Places(Protocol):
    """The board, as far as it says where nodes can be asked."""

    def ears(self, nodes: Sequence[NodeId]) -> dict[NodeId, str]: ...


@dataclass(frozen=True)
class Listened:
    """What came of listening to the nodes that carry something."""

    heard: tuple[Heard, ...] = ()
    """Of those that don't beat any more."""
    late: frozenset[NodeId] = frozenset()
    """Those whose last beat is still there, but old."""
    deaf: bool = False
    """Whether nobody has listened for so long that a silence means nothing yet."""


@dataclass(frozen=True)
class _Pulse:
    """A node's last beat on the board, known by boot and time, and since when it is the last."""

    mark: tuple[str, float]
    since: float


class Ears:
    """Where nodes can be asked, and what they said there. The passes' own, but for the answers."""

    def __init__(
        self,
        board: Places,
        lease_seconds: float,
        clock: Clock,
        ask: Ask | None = None,
        threads: Executor | None = None,
    ) -> None:
        self._board = board
        self._counts = lease_seconds + MARGIN_SECONDS
        self._clock = clock
        self._ask = ask or asked
        self._known: dict[NodeId, str] = {}
        self._listened_at = -DEAF_SECONDS
        self._pulses: dict[NodeId, _Pulse] = {}
        self._heard: dict[NodeId, Heard] = {}
        self._asked: dict[NodeId, float] = {}
        self._pending: set[NodeId] = set()
        self._guard = threading.Lock()
        self._threads = threads or ThreadPoolExecutor(MOST_ASKED_AT_ONCE, "ears")

    def close(self) -> None:
        """Ask nobody any more."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def listen(self, beats: Sequence[NodeBeat], placed: Iterable[NodeId]) -> Listened:
        """Ask those nodes that carry something and beat late, or not at all; what they said."""
        now = self._clock.monotonic()
        deaf, self._listened_at = now - self._listened_at >= DEAF_SECONDS, now
        for beat in beats:
            self._note(beat, now)
        beating = {beat.node for beat in beats}
        late = frozenset(node for node in beating if self._late(node, now))
        wondered = sorted(node for node in set(placed) if node in late or node not in beating)
        self._look_up([node for node in wondered if node not in self._known])
        for node in wondered:
            self._wonder(node, now)
        with self._guard:
            found = [self._heard[node] for node in wondered if node in self._heard]
        silent = [heard for heard in found if heard.beat.node not in beating]
        counts = tuple(heard for heard in silent if now - heard.asked_at < self._counts)
        return Listened(counts, late, deaf)

    def _late(self, node: NodeId, now: float) -> bool:
        """Whether another beat should have followed by now."""
        pulse = self._pulses.get(node)
        return pulse is not None and now - pulse.since >= LATE_SECONDS

    def _note(self, beat: NodeBeat, now: float) -> None:
        mark = (beat.boot, beat.at)
        pulse = self._pulses.get(beat.node)
        if pulse is None or pulse.mark != mark:
            self._pulses[beat.node] = _Pulse(mark, now)
        self._known[beat.node] = beat.ear

    def _look_up(self, nodes: Sequence[NodeId]) -> None:
        """Where nodes can be asked that this process has never seen beat."""
        self._known |= self._board.ears(nodes)

    def _wonder(self, node: NodeId, now: float) -> None:
        ear = self._known.get(node, "")
        with self._guard:
            asked_lately = now - self._asked.get(node, now - 60.0) < ASK_AGAIN_SECONDS
            if not ear or node in self._pending or asked_lately:
                return
            self._pending.add(node)
            self._asked[node] = now
        self._threads.submit(self._go_and_ask, node, ear)

    def _go_and_ask(self, node: NodeId, ear: str) -> None:
        asked_at = self._clock.monotonic()
        try:
            beat = self._ask(ear)
        except (OSError, HTTPException, ValueError) as error:
            facts = {"action": "ear", "node": node, "error": type(error).__name__}
            log.debug("a silent node doesn't answer", extra=facts)
        else:
            # An address may have been given to another node since.
            if beat.node == node:
                heard = Heard(replace(beat, cut_off=True), asked_at)
                with self._guard:
                    self._heard[node] = heard
        finally:
            with self._guard:
                self._pending.discard(node)


def asked(ear: str) -> NodeBeat:
    """What is answered there; `OSError`, `HTTPException` or `ValueError` if nothing is."""
    parts = urlsplit(ear)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"not an address to ask at: {ear}")
    connection = HTTPConnection(parts.hostname, parts.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", parts.path, headers={"Connection": "close"})
        answer = connection.getresponse()
        body = answer.read(MOST_BYTES)
    finally:
        connection.close()
    beat: NodeBeat = BEAT.validate_json(body)
    return beat
