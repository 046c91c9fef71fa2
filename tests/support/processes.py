"""Starts real programs in groups of their own, freezes them, kills them, finds leftovers."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil


class Group:
    """A program with everything it starts, and what it writes to standard error."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        stderr: Path | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        all_output: bool = False,
    ) -> None:
        self._stderr = stderr
        where = subprocess.DEVNULL if stderr is None else stderr.open("wb")
        try:
            self.process = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=where if all_output else subprocess.DEVNULL,
                stderr=where,
                start_new_session=True,
                env=None if env is None else {**os.environ, **env},
                cwd=cwd,
            )
        finally:
            if not isinstance(where, int):
                where.close()
        self.pid = self.process.pid

    def signal(self, number: signal.Signals) -> None:
        """Sent to the whole group."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def freeze(self) -> None:
        """As a paused virtual machine would."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Goes on where it stood."""
        self.signal(signal.SIGCONT)

    def kill(self) -> int:
        """SIGKILL to all of it; gives the exit code."""
        self.signal(signal.SIGKILL)
        return self.process.wait(timeout=10)

    def interrupt(self, patience: float = 10.0) -> int:
        """Ctrl-C; gives the exit code."""
        self.signal(signal.SIGINT)
        return self.process.wait(timeout=patience)

    def wait(self, seconds: float) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(timeout=seconds)

    @property
    def running(self) -> bool:
        """It hasn't ended."""
        return self.process.poll() is None

    def stderr(self) -> str:
        """What it has written to standard error by now."""
        return "" if self._stderr is None else self._stderr.read_text(errors="replace")


@contextmanager
def started(
    argv: Sequence[str],
    *,
    stderr: Path | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[Group]:
    """A program for the length of a block; killed with all its children at the end."""
    group = Group(argv, stderr=stderr, env=env, cwd=cwd)
    try:
        yield group
    finally:
        group.thaw()
        group.kill()


def eventually(true: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Whether something becomes true within that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(every)
    return true()


def within(seconds: float, holds: Callable[[], bool]) -> float:
    """How long it takes until that holds; fails where it takes longer than allowed."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - began


def gone(pid: int) -> bool:
    """Whether a process has ended, waited for or not."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def in_group(group: int) -> list[str]:
    """Living processes of that process group: what a stopped program left behind."""
    left = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and os.getpgid(process.pid) == group:
                left.append(f"{process.pid} {' '.join(process.cmdline())[:120]}")
    return left


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and its living children."""
    total = 0.0
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                total += times.user + times.system
    return total
