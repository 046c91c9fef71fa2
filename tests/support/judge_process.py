"""The judge's process: one RTMP server that takes everybody, twice with one key if they come.

It is told what to do by lines of JSON on standard input, and answers each with one on standard
output; it ends with its input. Keys are declared before use, others are refused. What it notes of
each key is who asked, who was let, and when media arrived on which connection; nothing of the media
is kept. `tests.support.judge` is the other end.
"""

import asyncio
import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from typing_extensions import override

from orchestrator.clock import SystemClock
from orchestrator.sandbox.rtmp.connection import Connection, Ending
from orchestrator.sandbox.rtmp.conversation import Tag
from orchestrator.sandbox.rtmp.gate import (
    Accept,
    Busy,
    Decision,
    PublishRequest,
    Refuse,
)
from orchestrator.sandbox.rtmp.server import RtmpServer
from orchestrator.sandbox.tags import AUDIO, VIDEO, audio_piece, video_piece

CLOCK = SystemClock()
TICK_SECONDS = 0.1
PAUSE_SECONDS = 0.1
"""The judge's own lateness from which on it is told."""


@dataclass
class Line:
    """One granted connection."""

    book: "Book"
    number: int
    granted_at: float
    touches: list[list[float]] = field(default_factory=list)
    ended_at: float | None = None
    ending: str = ""

    def chunk_size(self, size: int) -> None:
        """Nothing to note."""

    def tag(self, tag: Tag, at: float) -> None:
        """A piece of media arrived: codec headers and metadata show no picture and don't count."""
        if tag.kind == VIDEO:
            piece = video_piece(tag.payload)
        elif tag.kind == AUDIO:
            piece = audio_piece(tag.payload)
        else:
            return
        if piece is None or piece.header:
            return
        if self.touches and self.touches[-1][0] == at:
            self.touches[-1][1] += 1
        else:
            self.touches.append([at, 1])

    def closed(self, at: float, ending: Ending) -> None:
        """Nothing more comes."""
        self.ended_at, self.ending = at, ending.value

    def told(self, since: float) -> dict[str, Any]:
        """For the other end."""
        return {
            "number": self.number,
            "granted_at": self.granted_at,
            "touches": [touch for touch in self.touches if touch[0] >= since],
            "ended_at": self.ended_at,
            "ending": self.ending,
        }


@dataclass
class Book:
    """What is known of one key, and how it is treated."""

    manner: str = "accept"
    until: float = 0.0
    attempts: list[tuple[float, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def live(self) -> list[Line]:
        """Connections that are open."""
        return [line for line in self.lines if line.ended_at is None]


class Judge(RtmpServer):
    """The server with its books."""

    def __init__(self, host: str) -> None:
        super().__init__(self._decide, self._begin, CLOCK, host)
        self.books: dict[str, Book] = {}
        self.calls: list[float] = []
        self.late = 0.0
        self.due = CLOCK.monotonic()
        """When the judge looks at its own clock next."""
        self.pauses: list[tuple[float, float]] = []
        """When the judge itself, or all of the machine, stood still: nothing is noted then."""

    @override
    def joined(self, connection: Connection) -> None:
        self.calls.append(CLOCK.monotonic())
        super().joined(connection)

    def looks_at_the_clock(self) -> None:
        """Note how late that was."""
        now = CLOCK.monotonic()
        if now - self.due > PAUSE_SECONDS:
            self.pauses.append((self.due, now))
        self.late = max(self.late, now - self.due)
        self.due = max(self.due, now)

    def _decide(self, request: PublishRequest, now: float) -> Decision:
        book = self.books.get(_key(request))
        if book is None:
            return Refuse()
        decision = self._judged(book, now)
        book.attempts.append((now, type(decision).__name__.lower()))
        return decision

    def _judged(self, book: Book, now: float) -> Decision:
        if book.manner == "refuse":
            return Refuse()
        if book.manner == "busy" and now < book.until:
            return Busy()
        if book.manner == "first" and book.live():
            return Busy()
        if book.manner == "newest":
            for line in book.live():
                self.cut(line, Ending.STOPPED)
        return Accept()

    def _begin(self, request: PublishRequest, at: float) -> Line:
        book = self.books[_key(request)]
        line = Line(book, request.session, at)
        book.lines.append(line)
        return line

    def of(self, line: Line) -> Connection | None:
        """The connection that feeds it."""
        return next((one for one in self.connections if one.feeds(line)), None)

    def cut(self, line: Line, ending: Ending) -> None:
        """A TCP reset."""
        connection = self.of(line)
        if connection is not None:
            connection.cut(ending)

    def wedge(self, line: Line) -> None:
        """Read no more from it."""
        connection = self.of(line)
        if connection is not None:
            connection.wedge()


def _key(request: PublishRequest) -> str:
    return request.name.split("?")[0].strip("/")


class Commands:
    """What can be asked. All run on the loop's thread."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def keys(self, keys: list[str]) -> None:
        """These may publish."""
        for key in keys:
            self._judge.books.setdefault(key, Book())

    def manner(self, keys: list[str], manner: str, until: float = 0.0) -> None:
        """How these are treated from now on."""
        for key in keys:
            self._judge.books[key].manner = manner
            self._judge.books[key].until = until

    def reset(self, keys: list[str]) -> float:
        """Cut what is open of these."""
        for line in self._open(keys):
            self._judge.cut(line, Ending.RESET)
        return CLOCK.monotonic()

    def wedge(self, keys: list[str]) -> float:
        """Read no more of what is open of these; new connections are read."""
        for line in self._open(keys):
            self._judge.wedge(line)
        return CLOCK.monotonic()

    def latest(self) -> dict[str, tuple[float, int]]:
        """When media last arrived, and on which connection."""
        found = {}
        for key, book in self._judge.books.items():
            touched = [(line.touches[-1][0], line.number) for line in book.lines if line.touches]
            if touched:
                found[key] = max(touched)
        return found

    def tell(self, since: float = 0.0) -> dict[str, Any]:
        """All that is known, with touches since that moment."""
        return {
            key: {
                "attempts": book.attempts,
                "connections": [line.told(since) for line in book.lines],
            }
            for key, book in self._judge.books.items()
        }

    def calls(self, since: float = 0.0) -> list[float]:
        """When anybody connected, whoever it was."""
        return [at for at in self._judge.calls if at >= since]

    def late(self) -> float:
        """How late the judge itself has been at worst since it was last asked."""
        late, self._judge.late = self._judge.late, 0.0
        return late

    def pauses(self, since: float = 0.0) -> list[tuple[float, float]]:
        """From when until when the judge itself was away, by now."""
        self._judge.looks_at_the_clock()
        return [pause for pause in self._judge.pauses if pause[1] >= since]

    def _open(self, keys: list[str]) -> list[Line]:
        return [line for key in keys for line in self._judge.books[key].live()]


async def _serve(host: str, port: int) -> None:
    judge = Judge(host)
    await judge.start(port)
    loop, ending = asyncio.get_running_loop(), asyncio.Event()
    reader = threading.Thread(target=_read, args=(Commands(judge), loop, ending), daemon=True)
    _answer({"port": judge.port})
    reader.start()
    while not ending.is_set():
        judge.due = CLOCK.monotonic() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        judge.looks_at_the_clock()
    await judge.stop()


def _read(commands: Commands, loop: asyncio.AbstractEventLoop, ending: asyncio.Event) -> None:
    for raw in sys.stdin:
        request: dict[str, Any] = json.loads(raw)
        what = getattr(commands, request.pop("do"))
        _answer(_on_loop(loop, partial(what, **request)))
    loop.call_soon_threadsafe(ending.set)


def _on_loop(loop: asyncio.AbstractEventLoop, what: Callable[[], Any]) -> Any:
    answer: Future[Any] = Future()

    def run() -> None:
        try:
            answer.set_result(what())
        except Exception as error:  # goes to the asker
            answer.set_exception(error)

    loop.call_soon_threadsafe(run)
    try:
        return answer.result(10)
    except Exception as error:
        return {"error": repr(error)}


def _answer(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
