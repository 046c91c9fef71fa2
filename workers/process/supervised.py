"""A child process that is fed, listened to and ended, by the one thread that carries its stream.

There is no thread and no file beside the child's two pipes: whoever feeds it also drains what it
says. A child has a session of its own, so that the terminal's Ctrl-C reaches us alone and we decide
what happens to it, and it ends with us (workers.process.parent_death).

The ladder is ask (end of its input), insist (SIGTERM), kill; each step has its time, and the reason
that was given stays on record. Not safe for several threads.
"""

import fcntl
import os
import select
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import IO

from orchestrator.clock import Clock
from orchestrator.errors import MediaError
from workers.process.parent_death import bound, setpriv
from workers.process.stderr import Murmur

ASK_SECONDS = 2.0
INSIST_SECONDS = 1.0
KILL_SECONDS = 5.0


@dataclass(frozen=True)
class Ended:
    """How a child ended. `reason` is empty where it ended by itself."""

    code: int
    """Its exit code; negative where a signal ended it."""
    reason: str
    how: str
    """`itself`, `asked`, `insisted` or `killed`."""


class Child:
    """One running command."""

    def __init__(
        self,
        argv: Sequence[str],
        clock: Clock,
        redact: Callable[[str], str] = str,
        pipe_bytes: int | None = None,
    ) -> None:
        self._clock = clock
        self._ended: Ended | None = None
        try:
            self._process = subprocess.Popen(
                bound(argv, setpriv()),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            name = Path(argv[0]).name
            raise MediaError(f"{name} can't be started: {error.strerror}.") from error
        self._input = _opened(self._process.stdin)
        self._errors = _opened(self._process.stderr)
        os.set_blocking(self._input.fileno(), False)
        _resize(self._input.fileno(), pipe_bytes)
        self._murmur = Murmur(self._errors.fileno(), redact)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines that it said, redacted."""
        return self._murmur.lines

    @property
    def ended(self) -> Ended | None:
        """How it ended, if it has."""
        if self._ended is None and self._process.poll() is not None:
            self._end("", "itself")
        return self._ended

    def listen(self) -> tuple[str, ...]:
        """Take in what it says without waiting; the new lines."""
        return () if self._ended else self._murmur.read()

    def feed(self, data: bytes | memoryview, until: float, never_after: float = inf) -> int:
        """Write what its input has room for; how much that was.

        Waits until that moment for the first byte of room, and not at all for more: so the caller
        sees when it last took something. From `never_after` on nothing is written, however long ago
        that was allowed: a process may be frozen at any step, and thaw when it isn't any more. Both
        are readings of the clock's `monotonic`.
        """
        view, taken = memoryview(data), 0
        while taken < len(view) and self._ended is None:
            descriptor, rest = self._input.fileno(), view[taken:]
            if self._clock.monotonic() >= never_after:
                break
            try:
                taken += os.write(descriptor, rest)
            except BlockingIOError:
                left = until - self._clock.monotonic()
                if taken or left <= 0:
                    break
                self._wait_for_room(left)
            except BrokenPipeError:
                self._reap(INSIST_SECONDS)
        return taken

    def stop(self, reason: str, ask_seconds: float = ASK_SECONDS) -> Ended:
        """Climb the ladder until it has ended."""
        if self.ended is None:
            self._close_input()
            if self._over(ask_seconds):
                return self._end(reason, "asked")
            self._signal(signal.SIGTERM)
            if self._over(INSIST_SECONDS):
                return self._end(reason, "insisted")
        return self.kill(reason)

    def kill(self, reason: str) -> Ended:
        """End it now, without its goodbyes."""
        if self.ended is None:
            self._signal(signal.SIGKILL)
            self._over(KILL_SECONDS)
            return self._end(reason, "killed")
        assert self._ended is not None
        return self._ended

    def _wait_for_room(self, seconds: float) -> None:
        poll = select.poll()
        poll.register(self._input, select.POLLOUT)
        if not self._murmur.ended:
            poll.register(self._errors, select.POLLIN)
        poll.poll(max(1, round(seconds * 1000)))
        self.listen()

    def _over(self, seconds: float) -> bool:
        """Whether it ends within that time; listens meanwhile, so that it can."""
        deadline = self._clock.monotonic() + seconds
        poll = select.poll()
        poll.register(self._errors, select.POLLIN)
        while not self._murmur.ended:
            left = deadline - self._clock.monotonic()
            if left <= 0:
                return self._process.poll() is not None
            poll.poll(max(1, round(left * 1000)))
            self.listen()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.001, deadline - self._clock.monotonic()))
        return self._process.poll() is not None

    def _reap(self, seconds: float) -> None:
        if self._over(seconds):
            self._end("", "itself")
        else:
            self.kill("it closed its input and went on")

    def _end(self, reason: str, how: str) -> Ended:
        self._murmur.read()
        self._close_input()
        self._errors.close()
        code = self._process.poll()
        self._ended = Ended(-signal.SIGKILL if code is None else code, reason, how)
        return self._ended

    def _close_input(self) -> None:
        with suppress(OSError):
            self._input.close()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _resize(descriptor: int, size: int | None) -> None:
    """A larger pipe spares wake-ups; where the kernel forbids it, the usual one works too."""
    command = getattr(fcntl, "F_SETPIPE_SZ", None)
    if size is not None and command is not None:
        with suppress(OSError):
            fcntl.fcntl(descriptor, command, size)
