"""A publisher beside a test's server, played to in real time, and a line that can be ended.

with ingest() as server, publisher(server.url) as to:
    play(to, clip, 3.5)                # raises what ends the connection
with line_to(server) as line: ...      # between both; line.finish() closes in good order
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from orchestrator.clock import SystemClock
from orchestrator.domain.endpoint import Endpoint, target_digest
from orchestrator.errors import EndpointError
from tests.support.ffmpeg import ffmpeg
from workers.media.flv import Clip, restamped, stream_header
from workers.stream.publisher import Publisher

CLOCK = SystemClock()
KEY = "test-key"
LEAD_SECONDS = 0.6
"""How much earlier than due a slice leaves: an answer is waited for, as the worker does."""


@contextmanager
def publisher(url: str, program: str | None = None, key: str = KEY) -> Iterator[Publisher]:
    """A way to that address, closed at the end."""
    endpoint = Endpoint(url, "env:KEY", target_digest("sandbox", url, key))
    made = Publisher(endpoint, SecretStr(key), program or ffmpeg(), CLOCK)
    try:
        yield made
    finally:
        made.close("the test is over")


def play(
    to: Publisher,
    clip: Clip,
    seconds: float,
    base_ms: int = 0,
    patience: float = 3,
    look: Callable[[], None] = lambda: None,
) -> int:
    """Connect and play in real time, at least until the endpoint has taken the stream; where the
    next clip would begin. `look` is called often."""
    begun, first = CLOCK.monotonic(), base_ms
    to.connect(stream_header(clip))
    while base_ms - first < seconds * 1000:
        for ms in range(0, clip.duration_ms, 320):
            due = begun + (base_ms - first + ms) / 1000 - LEAD_SECONDS
            CLOCK.wait(due - CLOCK.monotonic())
            data = restamped(clip, base_ms, clip.tag_at(ms), clip.tag_at(ms + 320))
            to.send(data, CLOCK.monotonic() + patience)
            look()
        base_ms += clip.duration_ms
    while not publishes(to):
        CLOCK.wait(0.02)
    return base_ms


def fails(
    to: Publisher, clip: Clip, patience: float = 3, look: Callable[[], None] = lambda: None
) -> EndpointError:
    """What ends a connection that nobody else ends."""
    with pytest.raises(EndpointError) as caught:
        play(to, clip, 30, patience=patience, look=look)
    return caught.value


def publishes(to: Publisher) -> bool:
    """Whether the endpoint takes the stream."""
    to.send(b"", CLOCK.monotonic())
    return to.facts.connected_since is not None


class Once:
    """Looks often, and does something when an endpoint has had the stream for that long."""

    def __init__(self, to: Publisher, seconds: float, what: Callable[[], None]) -> None:
        self._to, self._seconds, self._what = to, seconds, what
        self._at: float | None = None

    def __call__(self) -> None:
        since, now = self._to.facts.connected_since, CLOCK.monotonic()
        if self._at is None and since is not None and now - since >= self._seconds:
            self._at = now
            self._what()

    def since(self) -> float:
        """How long ago it was."""
        assert self._at is not None, "it was not done"
        return CLOCK.monotonic() - self._at


class Line:
    """Carries one connection to a server, both ways."""

    def __init__(self, outer: socket.socket, inner: str) -> None:
        where = urlsplit(inner)
        self.url = f"rtmp://127.0.0.1:{outer.getsockname()[1]}{where.path}"
        self.over = self.was_reset = False
        """Whether the publisher's side has ended, and whether it was reset rather than closed."""
        self._outer = outer
        self._inner = ("127.0.0.1", where.port or 1935)
        self._shells: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def finish(self) -> None:
        """The server's side says that it is done, as one that ends a stream in good order does."""
        self._shells[-1].shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Ends all of it."""
        for one in (self._outer, *self._shells):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for shell in self._shells:
            shell.close()

    def _serve(self) -> None:
        with suppress(OSError):
            shell, _ = self._outer.accept()
            self._shells.append(shell)
            core = socket.create_connection(self._inner)
            answers = threading.Thread(target=_pump, args=(core, shell))
            answers.start()
            self.was_reset = not _pump(shell, core)
            self.over = True
            answers.join()
            core.close()


def _pump(source: socket.socket, sink: socket.socket) -> bool:
    """Carry until one side ends; whether the source ended in good order."""
    in_good_order = True
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        in_good_order = False
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
    return in_good_order


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    """A line to that server for one connection."""
    with socket.create_server(("127.0.0.1", 0)) as outer:
        line = Line(outer, url)
        try:
            yield line
        finally:
            line.close()
