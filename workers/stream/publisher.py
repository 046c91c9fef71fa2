"""Keeps one egress connection: an `ffmpeg -c copy` that is fed, watched and judged.

    connect(header) ── send(data) … ──→ close(reason)         one thread, any number of rounds

The endpoint has taken the stream once ffmpeg says that its output is open. Until then data waits
here, in a backlog; nobody has to wait for a slow ingest. From then on ffmpeg takes data at the
pace of its socket: the pipe and the socket's buffer are small, so an ingest that takes nothing is
noticed `STALL_SECONDS` after they are full, about a second of stream. What ffmpeg takes isn't yet
what the platform has; only its own figures would say that.

Every end becomes an error of the `Endpoint…` family, or `FFmpegFailed`. After one, `connect` may be
called again; when and whether is the caller's policy. The child belongs to the thread that calls
`connect` (workers.process.parent_death).
"""

import logging
import ssl
from dataclasses import dataclass

from pydantic import SecretStr

from orchestrator.clock import Clock
from orchestrator.domain.endpoint import Endpoint, publish_url, redacted
from orchestrator.errors import (
    BroadcastError,
    ConfigurationError,
    EndpointUnreachable,
    EndpointWedged,
)
from workers.media.argv_publish import ANSWER_SECONDS, publish_argv
from workers.process.supervised import Child
from workers.stream.egress.failure import failure, told
from workers.stream.egress.redaction import redactor
from workers.stream.egress.verdict import Cause, classify, opened

logger = logging.getLogger(__name__)

STALL_SECONDS = 2.5
ACCEPTED_SECONDS = 2.0
"""A connection that ends sooner after its opening was never really taken."""
PIPE_BYTES = 64 * 1024
MOST_BACKLOG = 8 * 1024 * 1024
FAREWELL_SECONDS = 0.5


@dataclass(frozen=True)
class PublisherFacts:
    """What is known of an egress connection."""

    connects: int
    connected_since: float | None
    """Monotonic; when ffmpeg said that the endpoint takes the stream. None: it doesn't, yet."""
    taken_bytes: int
    """What ffmpeg has taken, over all connections."""
    backlog_bytes: int
    """What waits here."""
    lines: tuple[str, ...]
    """ffmpeg's last lines, redacted."""
    last_end: str
    """Why the connection before this one ended."""
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
        self._backlog = b""
        self._started = self._moved = 0.0
        self._opened: float | None = None
        self._connects = self._taken = self._closings = 0
        self._lines: tuple[str, ...] = ()
        self._last_end = ""

    @property
    def facts(self) -> PublisherFacts:
        """What is known now."""
        return PublisherFacts(
            connects=self._connects,
            connected_since=self._opened,
            taken_bytes=self._taken,
            backlog_bytes=len(self._backlog),
            lines=self._child.lines if self._child else self._lines,
            last_end=self._last_end,
            pid=self._child.pid if self._child else None,
        )

    def connect(self, header: bytes) -> None:
        """Start a connection; the header goes first. Doesn't wait for the endpoint's answer."""
        if self._child is not None:
            raise RuntimeError("a connection must be closed before the next")
        secret = self._key.get_secret_value()
        try:
            url = publish_url(self._url, secret)
            argv = publish_argv(self._ffmpeg, url, self._connects, _authorities())
        except ValueError as error:
            raise ConfigurationError(f"{self._where}: {error}.") from None
        self._child = Child(argv, self._clock, redactor(self._url, secret), PIPE_BYTES)
        self._connects += 1
        self._started = self._moved = self._clock.monotonic()
        self._opened = None
        self._backlog = header
        logger.info("An endpoint is called.", extra=self._extra("connect"))

    def send(self, data: bytes, deadline: float) -> None:
        """Hand over the next bytes; what isn't taken by `deadline` goes before the next ones.

        `deadline` is a reading of the clock's `monotonic`. Raises when the connection is no more.
        """
        child = self._child
        if child is None:
            raise RuntimeError("there is no connection to send on")
        if not self._backlog:
            self._moved = self._clock.monotonic()
        self._backlog = self._backlog + data if self._backlog else data
        self._hear(child)
        self._flush(child, deadline)
        self._judge(child)

    def close(self, reason: str) -> None:
        """End the connection, politely where the endpoint still listens. Never raises."""
        child = self._child
        if child is None:
            return
        now = self._clock.monotonic()
        if self._opened is None or self._stalled(now):
            child.kill(reason)
        else:
            self._flush(child, now + FAREWELL_SECONDS)
            child.stop(reason)
        self._forget(child, reason)

    def _hear(self, child: Child) -> None:
        child.listen()
        if self._opened is None and any(map(opened, child.lines)):
            self._opened = self._moved = self._clock.monotonic()
            logger.info("An endpoint takes the stream.", extra=self._extra("opened"))

    def _flush(self, child: Child, deadline: float) -> None:
        """Give ffmpeg what it takes: without waiting until the endpoint has answered."""
        while self._backlog and child.ended is None:
            now = self._clock.monotonic()
            until = min(deadline, self._moved + STALL_SECONDS) if self._opened else now
            taken = child.feed(self._backlog, until)
            if taken:
                self._moved = self._clock.monotonic()
                self._taken += taken
                self._backlog = self._backlog[taken:]
            self._hear(child)
            if not taken and self._clock.monotonic() >= until:
                break

    def _stalled(self, now: float) -> bool:
        return bool(self._backlog) and now - self._moved >= STALL_SECONDS

    def _judge(self, child: Child) -> None:
        now = self._clock.monotonic()
        if child.ended is not None:
            raise self._lost(child, now)
        if self._opened is None:
            if now - self._started >= ANSWER_SECONDS:
                words = f"it hasn't answered for {ANSWER_SECONDS} s"
                raise self._given_up(child, EndpointUnreachable, words)
        elif self._stalled(now):
            words = f"it has taken nothing for {STALL_SECONDS} s"
            raise self._given_up(child, EndpointWedged, words)
        if len(self._backlog) > MOST_BACKLOG:
            raise self._given_up(child, EndpointWedged, "it takes less than the stream has")

    def _lost(self, child: Child, now: float) -> BroadcastError:
        """The connection ended by itself; what that means."""
        ended = child.ended
        accepted = self._opened is not None and now - self._opened >= ACCEPTED_SECONDS
        verdict = classify(child.lines, ended.code if ended else None, accepted)
        self._closings = self._closings + 1 if verdict.cause is Cause.CLOSED else 0
        error = failure(verdict, self._where, self._closings)
        self._forget(child, str(error))
        return error

    def _given_up(self, child: Child, kind: type[BroadcastError], words: str) -> BroadcastError:
        error = told(kind, self._where, words)
        child.kill(words)
        self._forget(child, str(error))
        return error

    def _forget(self, child: Child, reason: str) -> None:
        self._lines = child.lines
        self._last_end = reason
        facts = {"reason": reason, "code": child.ended.code if child.ended else None}
        logger.info("A connection has ended.", extra=self._extra("disconnect") | facts)
        self._child = None
        self._opened = None
        self._backlog = b""

    def _extra(self, action: str) -> dict[str, object]:
        return {"action": action, "endpoint": self._where, "connects": self._connects}


def _authorities() -> str | None:
    """The machine's certificate authorities; `SSL_CERT_FILE` names others."""
    return ssl.get_default_verify_paths().cafile
