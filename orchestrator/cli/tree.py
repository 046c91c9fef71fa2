"""A tree of processes on this machine: started in order, watched, stopped in the other order.

Each part has a session of its own, so that Ctrl-C reaches only the command, which then stops the
parts layer by layer: ask (TERM, or what the part takes for it), wait, kill. Should the command
itself be killed, the kernel asks the parts (`setpriv --pdeathsig`, where util-linux has it). Each
part's output goes to a log file of its own.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.clock import Clock, SystemClock
from orchestrator.errors import BroadcastError

STOP_SECONDS = 12.0
TAIL_LINES = 12


@dataclass(frozen=True)
class Part:
    """One process of the tree."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    layer: int = 1
    """What others stand on has a lower one; the highest is stopped first, as one."""
    patience: float = STOP_SECONDS
    """How long it may take to end when asked."""
    asked_by: signal.Signals = signal.SIGTERM
    """A stream worker takes TERM to mean that other nodes shall have its streams first."""


class PartDied(BroadcastError):
    """A part of the process tree ended by itself; its log says why."""


@dataclass(frozen=True)
class _Running:
    """A part that was started."""

    part: Part
    process: subprocess.Popen[bytes]


class ProcessTree:
    """The parts that run, in the order in which they were started."""

    def __init__(self, log_dir: Path, clock: Clock) -> None:
        self._log_dir = log_dir
        self._clock = clock
        self._running: dict[str, _Running] = {}
        log_dir.mkdir(parents=True, exist_ok=True)

    def start(self, part: Part) -> int:
        """Start a part; returns its process id."""
        with (self._log_dir / f"{part.name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*_leash(part.asked_by), *part.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **part.environment},
                start_new_session=True,
            )
        self._running[part.name] = _Running(part, process)
        return process.pid

    def processes(self) -> dict[str, int]:
        """The process ids of the parts that were started, by name."""
        return {name: running.process.pid for name, running in self._running.items()}

    def check(self) -> None:
        """Raise when a part has ended by itself."""
        for name, running in self._running.items():
            code = running.process.poll()
            if code is not None:
                raise PartDied(
                    f"{name} {_ending(code)}. The last lines of {self._log_of(name)}:\n"
                    f"{self.tail(name)}"
                )

    def tail(self, name: str) -> str:
        """The last lines of a part's log."""
        text = self._log_of(name).read_text(encoding="utf-8", errors="replace")
        return "\n".join(f"    {line}" for line in text.splitlines()[-TAIL_LINES:])

    def stop(self) -> None:
        """Stop all parts, layer by layer: ask, wait, kill."""
        for layer in sorted({r.part.layer for r in self._running.values()}, reverse=True):
            leaving = [r for r in self._running.values() if r.part.layer == layer]
            for running in leaving:
                if running.process.poll() is None:
                    running.process.send_signal(running.part.asked_by)
            self._wait(leaving)
            self._kill(leaving)

    def kill(self) -> None:
        """End all parts at once."""
        self._kill(list(self._running.values()))

    def _wait(self, leaving: Sequence[_Running]) -> None:
        asked = self._clock.monotonic()
        for running in leaving:
            give_up = asked + running.part.patience
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(max(0.0, give_up - self._clock.monotonic()))

    def _kill(self, leaving: Sequence[_Running]) -> None:
        """Whatever still runs in their sessions."""
        for running in leaving:
            with suppress(ProcessLookupError):
                os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()
            self._running.pop(running.part.name, None)

    def _log_of(self, name: str) -> Path:
        return self._log_dir / f"{name}.log"


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended by itself with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


@contextmanager
def process_tree(log_dir: Path) -> Iterator[ProcessTree]:
    """A tree that is stopped whatever happens; killed when there is no time left for that."""
    tree = ProcessTree(log_dir, SystemClock())
    try:
        yield tree
        tree.stop()
    except KeyboardInterrupt:
        tree.kill()
        raise
    except BaseException:
        _stop_or_kill(tree)
        raise


def _stop_or_kill(tree: ProcessTree) -> None:
    try:
        tree.stop()
    except BaseException:
        tree.kill()
        raise


def _leash(number: signal.Signals) -> Sequence[str]:
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", number.name.removeprefix("SIG"), "--") if setpriv else ()


def run_to_end(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    """Become that process; nothing stays behind to forward signals."""
    os.environ.update(environment)
    os.execvp(argv[0], list(argv))
