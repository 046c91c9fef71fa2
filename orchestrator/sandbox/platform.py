"""The sandbox: stands in for platforms where one has no account.

    with Sandbox([SandboxEndpoint("suyun-douyin", 19351, "live", SecretStr("…"))]) as sandbox:
        ...  # publish to sandbox.url("suyun-douyin") + "/" + key
        verdicts = sandbox.snapshot()

Each endpoint is an RTMP ingest on a port of its own, on the loopback address unless told otherwise.
All of them run on one thread with its own asyncio loop; `snapshot` may be asked from any thread,
also after `stop`.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Final, Self, TypeVar

from orchestrator.clock import Clock, SystemClock
from orchestrator.errors import ConfigurationError
from orchestrator.sandbox.anomaly import Rules
from orchestrator.sandbox.judge import Judge
from orchestrator.sandbox.overlap import Interval
from orchestrator.sandbox.record import Recorder
from orchestrator.sandbox.room import Room, SandboxEndpoint
from orchestrator.sandbox.rtmp.gate import Gate
from orchestrator.sandbox.verdict import Verdict

__all__ = ["Sandbox", "SandboxEndpoint"]

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 0.25
PATIENCE_SECONDS: Final = 10.0
"""How long start, stop and snapshot wait for the sandbox's thread."""


class Sandbox:
    """Several endpoints, judged."""

    def __init__(
        self,
        endpoints: Sequence[SandboxEndpoint],
        record_dir: Path | None = None,
        clock: Clock | None = None,
        *,
        gates: Mapping[str, Gate] | None = None,
        rules: Rules | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.clock = clock or SystemClock()
        self._rooms: dict[str, Room] = {}
        for endpoint in endpoints:
            if endpoint.name in self._rooms:
                raise ConfigurationError(f"Two sandbox endpoints are called {endpoint.name}.")
            recorder = Recorder(record_dir, endpoint.name) if record_dir else None
            gate = (gates or {}).get(endpoint.name)
            judge = Judge(endpoint.name, rules)
            self._rooms[endpoint.name] = Room(endpoint, self.clock, judge, recorder, gate, host)
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        """The running loop; set and cleared under the guard, so that no question is lost."""
        self._stopping: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen on every port; if one is taken, on none (ConfigurationError)."""
        if self._thread is not None:
            raise RuntimeError("the sandbox was started before")
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="sandbox")
        self._thread.start()
        try:
            ready.result(PATIENCE_SECONDS)
        except OSError as error:
            self._thread.join(PATIENCE_SECONDS)
            raise ConfigurationError(
                f"The sandbox can't listen: {error}. End what uses the port, or choose another."
            ) from error
        return self

    def stop(self) -> None:
        """Cut every connection and stop listening. Harmless when stopped already."""
        with self._guard:
            if self._loop is not None and self._stopping is not None:
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None:
            self._thread.join(PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def url(self, name: str) -> str:
        """Where to publish for that endpoint; without the key."""
        return self._rooms[name].url

    def snapshot(self) -> dict[str, Verdict]:
        """Every endpoint's verdict, as of now."""
        return self._asked(self._verdicts)

    def intervals(self, name: str) -> list[Interval]:
        """Who was on air when at that endpoint, by connection, in the clock's monotonic seconds."""
        return self._asked(self._rooms[name].judge.intervals)

    def recordings(self, name: str) -> tuple[Path, ...]:
        """This run's files of that endpoint, one a connection, oldest first.

        The last one is whole once its publisher has left or the sandbox has stopped.
        """
        recorder = self._rooms[name].recorder
        return tuple(recorder.paths) if recorder else ()

    def _verdicts(self) -> dict[str, Verdict]:
        now = self.clock.monotonic()
        return {name: room.judge.verdict(now) for name, room in self._rooms.items()}

    def _asked(self, question: Callable[[], Answer]) -> Answer:
        """The answer, worked out on the sandbox's thread while that runs."""
        answer: Future[Answer] = Future()
        with self._guard:
            if self._loop is None:
                return question()
            self._loop.call_soon_threadsafe(lambda: answer.set_result(question()))
        return answer.result(PATIENCE_SECONDS)

    def _run(self, ready: Future[None]) -> None:
        asyncio.run(self._serve(ready))

    async def _serve(self, ready: Future[None]) -> None:
        try:
            for room in self._rooms.values():
                await room.server.start(room.endpoint.port)
        except OSError as error:
            await self._close()
            ready.set_exception(error)
            return
        self._stopping = asyncio.Event()
        with self._guard:
            self._loop = asyncio.get_running_loop()
        log.info(
            "the sandbox listens",
            extra={"action": "sandbox.start", "endpoints": len(self._rooms)},
        )
        ready.set_result(None)
        await self._wait(self._stopping)
        await self._close()

    async def _wait(self, stopping: asyncio.Event) -> None:
        """Until it is time to stop; meanwhile notice when this thread itself comes too late."""
        while not stopping.is_set():
            due = self.clock.monotonic() + TICK_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), TICK_SECONDS)
                return
            late = self.clock.monotonic() - due
            for room in self._rooms.values():
                room.judge.was_late(late)

    async def _close(self) -> None:
        for room in self._rooms.values():
            await room.server.stop()
        with self._guard:
            self._loop = None
        await asyncio.sleep(0)  # what was asked before is answered in this round
