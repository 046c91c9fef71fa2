"""Keeps one egress connection: an `ffmpeg -c copy` that is fed, watched and judged.

    [prepare(header)] connect(header) ── send(data) … ──→ close(reason)      any number of rounds

`prepare` starts ffmpeg ahead of time. It calls the endpoint when it has seen a picture and a sound,
so with the header alone it waits, connected to nobody, for as long as one likes; `connect` then
costs no start. The endpoint has taken the stream once ffmpeg says that its output is open. Until
then data waits here, in a backlog; nobody has to wait for a slow ingest.

From then on two belts notice a stall. The kernel says what the endpoint acknowledges
(egress.stall); that is what counts, and it is felt within seconds. Where the kernel doesn't tell,
the pipe does: it and the socket's buffer are small, so an ingest that takes nothing is noticed
`STALL_SECONDS` after they are full, about a second of stream.

A child that is killed, by whomever, takes what it hasn't sent yet with it (workers.process.abrupt);
one that is asked to end says goodbye first.

Every end becomes an error of the `Endpoint…` family, or `FFmpegFailed`. After one, `connect` may be
called again; when and whether is the ladder's word (workers.stream.ladder). The child belongs to
the thread that calls `prepare` or `connect` (workers.process.parent_death).
"""

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType

from pydantic import SecretStr

from orchestrator.clock import Clock
from orchestrator.domain.endpoint import Endpoint, publish_url, redacted
from orchestrator.errors import (
    BroadcastError,
    ConfigurationError,
    EndpointUnreachable,
    EndpointWedged,
    FFmpegFailed,
)
from workers.media.argv_publish import ANSWER_SECONDS, publish_argv
from workers.process.abrupt import end_abruptly, taken_or_reset
from workers.process.supervised import Child
from workers.stream.egress.failure import failure, told
from workers.stream.egress.pulse import Pulse
from workers.stream.egress.redaction import redactor
from workers.stream.egress.stall import Culprit, Stall
from workers.stream.egress.verdict import ACCEPTED_SECONDS, classify, opened

logger = logging.getLogger(__name__)

STALL_SECONDS = 2.5
PIPE_BYTES = 64 * 1024
MOST_BACKLOG = 8 * 1024 * 1024
FAREWELL_SECONDS = 0.5
HEADER_SECONDS = 0.5
"""A new ffmpeg's empty pipe takes a header at once; one that doesn't isn't worth waiting for."""
_CULPRITS: Mapping[Culprit, type[BroadcastError]] = MappingProxyType(
    {
        Culprit.ENDPOINT: EndpointWedged,
        Culprit.LINE: EndpointWedged,
        Culprit.FFMPEG: FFmpegFailed,
    }
)


@dataclass(frozen=True)
class PublisherFacts:
    """What is known of an egress connection."""

    connects: int
    connected_since: float | None
    """Monotonic; when ffmpeg said that the endpoint takes the stream. None: it doesn't, yet."""
    taken_bytes: int
    """What ffmpeg has taken, over all connections."""
    acked_bytes: int | None
    """What the endpoint has acknowledged, over all connections. None: the kernel doesn't tell."""
    backlog_bytes: int
    """What waits here."""
    unsent_bytes: int | None
    """What ffmpeg has sent and the endpoint hasn't acknowledged. None: the kernel doesn't tell."""
    stalls: int
    """Connections that were ended because the endpoint took nothing any more."""
    lines: tuple[str, ...]
    """ffmpeg's last lines, redacted."""
    last_end: str
    """Why the connection before this one ended."""
    last_accepted_seconds: float | None
    """How long the endpoint had taken the stream then; None: it never did."""
    pid: int | None

    @property
    def restarts(self) -> int:
        """Connections after the first."""
        return max(0, self.connects - 1)


class Publisher:
    """The way to one endpoint."""

    def __init__(self, endpoint: Endpoint, key: SecretStr, ffmpeg: str, clock: Clock) -> None:
        self._url, self._key = endpoint.url, key
        self._where = redacted(endpoint.url)
        self._ffmpeg = ffmpeg
        self._clock = clock
        self._child: Child | None = None
        self._waiting: Child | None = None
        self._waiting_header = b""
        self._pulse: Pulse | None = None
        self._backlog = b""
        self._right_until = inf
        self._moved = 0.0
        self._called: float | None = None
        self._opened: float | None = None
        self._connects = self._taken = self._acked = self._stalls = 0
        self._kernel_tells = False
        self._lines: tuple[str, ...] = ()
        self._last_end = ""
        self._last_accepted: float | None = None

    @property
    def facts(self) -> PublisherFacts:
        """What is known now."""
        acks = self._pulse.last if self._pulse else None
        acked = self._acked + (acks.acked if acks else 0)
        child = self._child or self._waiting
        return PublisherFacts(
            connects=self._connects,
            connected_since=self._opened,
            taken_bytes=self._taken,
            acked_bytes=acked if acks or self._kernel_tells else None,
            backlog_bytes=len(self._backlog),
            unsent_bytes=acks.waiting if acks else None,
            stalls=self._stalls,
            lines=child.lines if child else self._lines,
            last_end=self._last_end,
            last_accepted_seconds=self._last_accepted,
            pid=child.pid if child else None,
        )

    @property
    def acknowledged(self) -> int:
        """What the endpoint has acknowledged, over all connections; or, where the kernel doesn't
        tell, what ffmpeg has taken."""
        acks = self._pulse.last if self._pulse else None
        if acks is None and not self._kernel_tells:
            return 0 if self._opened is None else self._taken
        return self._acked + (acks.acked if acks else 0)

    def prepare(self, header: bytes) -> None:
        """See that an ffmpeg waits with that header, connected to nobody. May be repeated.

        Raises when the one that waited has ended; the next call starts another.
        """
        if self._child is not None:
            raise RuntimeError("a connection must be closed before the next is prepared")
        if self._ready(header):
            return
        dead = self._waiting is not None and self._waiting.ended is not None
        self._dismiss("another is prepared")
        if dead:
            last = self._lines[-1] if self._lines else "it said nothing"
            raise told(FFmpegFailed, self._where, f"ffmpeg ended while it waited ({last})")
        child = self._spawn()
        self._waiting, self._waiting_header = child, header
        if child.feed(header, self._clock.monotonic() + HEADER_SECONDS) < len(header):
            child.kill("it takes no header")

    def connect(self, header: bytes) -> None:
        """Start a connection; the header goes first. Doesn't wait for the endpoint's answer."""
        if self._child is not None:
            raise RuntimeError("a connection must be closed before the next")
        if self._ready(header):
            self._child, self._waiting, self._backlog = self._waiting, None, b""
            self._taken += len(header)
        else:
            self._dismiss("it isn't what is needed now")
            self._child, self._backlog = self._spawn(), header
        assert self._child is not None
        self._pulse = Pulse(self._child.pid, self._clock)
        self._connects += 1
        self._moved = self._clock.monotonic()
        self._called = self._opened = None
        logger.info("An endpoint is called.", extra=self._extra("connect"))

    def send(self, data: bytes, deadline: float, right_until: float = inf) -> None:
        """Hand over the next bytes; what isn't taken by `deadline` goes before the next ones.

        From `right_until` on nothing is written at all. Both are readings of the clock's
        `monotonic`. Raises when the connection is no more.
        """
        child = self._child
        if child is None:
            raise RuntimeError("there is no connection to send on")
        now = self._clock.monotonic()
        if data and self._called is None:
            self._called = self._moved = now
        if not self._backlog:
            self._moved = now
        self._backlog = self._backlog + data if self._backlog else data
        self._right_until = right_until
        self._hear(child)
        self._flush(child, deadline)
        self._judge(child)

    def close(self, reason: str, politely: bool = True) -> None:
        """End the connection, politely where the endpoint still listens. Never raises.

        ffmpeg sends what it still has with its goodbye: where somebody else may be on air by now,
        it must not say any.
        """
        self._dismiss(reason)
        child = self._child
        if child is None:
            return
        if politely and self._listens(child):
            with taken_or_reset(child.pid, self._clock):
                child.stop(reason)
        else:
            child.kill(reason)
        self._forget(child, reason)

    def _listens(self, child: Child) -> bool:
        """Whether the endpoint has taken all by now, so that a goodbye is the only thing left.

        Else the rest must not arrive later: somebody else may be on air there by then.
        """
        now = self._clock.monotonic()
        if self._opened is None or self._stuck(now):
            return False
        self._flush(child, now + FAREWELL_SECONDS)
        return self._pulse is None or self._pulse.drained(now + 2 * FAREWELL_SECONDS)

    def _ready(self, header: bytes) -> bool:
        waiting = self._waiting
        if waiting is None:
            return False
        waiting.listen()
        return waiting.ended is None and self._waiting_header == header

    def _dismiss(self, reason: str) -> None:
        if self._waiting is not None:
            self._waiting.kill(reason)
            self._lines = self._waiting.lines
            self._waiting = None

    def _spawn(self) -> Child:
        secret = self._key.get_secret_value()
        try:
            url = publish_url(self._url, secret)
            argv = publish_argv(self._ffmpeg, url, self._connects, _authorities())
        except ValueError as error:
            raise ConfigurationError(f"{self._where}: {error}.") from None
        return Child(argv, self._clock, redactor(self._url, secret), PIPE_BYTES)

    def _hear(self, child: Child) -> None:
        child.listen()
        if self._opened is None and any(map(opened, child.lines)):
            self._opened = self._moved = self._clock.monotonic()
            end_abruptly(child.pid)
            logger.info("An endpoint takes the stream.", extra=self._extra("opened"))

    def _flush(self, child: Child, deadline: float) -> None:
        """Give ffmpeg what it takes: without waiting until the endpoint has answered."""
        while self._backlog and child.ended is None:
            now = self._clock.monotonic()
            until = min(deadline, self._moved + STALL_SECONDS) if self._opened else now
            until = min(until, self._right_until)
            taken = child.feed(self._backlog, until, self._right_until)
            if taken:
                self._moved = self._clock.monotonic()
                self._taken += taken
                self._backlog = self._backlog[taken:]
            self._hear(child)
            if not taken and self._clock.monotonic() >= until:
                break

    def _stuck(self, now: float) -> bool:
        return bool(self._backlog) and now - self._moved >= STALL_SECONDS

    def _judge(self, child: Child) -> None:
        now = self._clock.monotonic()
        if child.ended is not None:
            raise self._lost(child, now)
        if self._opened is None:
            if self._called is not None and now - self._called >= ANSWER_SECONDS:
                words = f"it hasn't answered for {ANSWER_SECONDS} s"
                raise self._given_up(child, EndpointUnreachable, words)
        elif stall := self._felt():
            raise self._given_up(child, _CULPRITS[stall.culprit], stall.words)
        elif self._stuck(now):
            raise self._clogged(child)
        if len(self._backlog) > MOST_BACKLOG:
            raise self._given_up(child, EndpointWedged, "it takes less than the stream has")

    def _clogged(self, child: Child) -> BroadcastError:
        """The pipe is full. If nothing waits behind ffmpeg, then ffmpeg itself stands still."""
        acks = self._pulse.last if self._pulse else None
        if acks is not None and not acks.waiting:
            words = f"ffmpeg has taken nothing for {STALL_SECONDS} s"
            return self._given_up(child, FFmpegFailed, words)
        words = f"it has taken nothing for {STALL_SECONDS} s"
        return self._given_up(child, EndpointWedged, words)

    def _felt(self) -> Stall | None:
        return self._pulse.feel(self._taken) if self._pulse else None

    def _lost(self, child: Child, now: float) -> BroadcastError:
        """The connection ended by itself; what that means."""
        ended = child.ended
        accepted = self._opened is not None and now - self._opened >= ACCEPTED_SECONDS
        verdict = classify(child.lines, ended.code if ended else None, accepted)
        error = failure(verdict, self._where)
        self._forget(child, str(error))
        return error

    def _given_up(self, child: Child, kind: type[BroadcastError], words: str) -> BroadcastError:
        error = told(kind, self._where, words)
        self._stalls += issubclass(kind, EndpointWedged)
        child.kill(words)
        self._forget(child, str(error))
        return error

    def _forget(self, child: Child, reason: str) -> None:
        now = self._clock.monotonic()
        self._lines = child.lines
        self._last_end = reason
        self._last_accepted = None if self._opened is None else now - self._opened
        if self._pulse and self._pulse.last:
            self._acked += self._pulse.last.acked
            self._kernel_tells = True
        facts = {"reason": reason, "code": child.ended.code if child.ended else None}
        logger.info("A connection has ended.", extra=self._extra("disconnect") | facts)
        self._child = self._pulse = None
        self._opened = None
        self._backlog = b""

    def _extra(self, action: str) -> dict[str, object]:
        return {"action": action, "endpoint": self._where, "connects": self._connects}


def _authorities() -> str | None:
    """The machine's certificate authorities; `SSL_CERT_FILE` names others."""
    return ssl.get_default_verify_paths().cafile
