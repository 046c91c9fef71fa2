"""A tree of processes on this machine: started in order, watched, stopped in the other order.

Each part has a session of its own, so that Ctrl-C reaches only the command, which then stops the
parts one by one: ask (TERM), wait, kill. Should the command itself be killed, the kernel ends the
parts with it (`setpriv --pdeathsig`, where util-linux has it). Output goes to one log file a part.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.clock import Clock
from orchestrator.errors import BroadcastError

STOP_SECONDS = 12.0
TAIL_LINES = 12


@dataclass(frozen=True)
class Part:
    """One process of the tree."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class PartDied(BroadcastError):
    """A part of the process tree ended by itself; its log says why."""


class ProcessTree:
    """The parts that run, in the order in which they were started."""

    def __init__(self, log_dir: Path, clock: Clock) -> None:
        self._log_dir = log_dir
        self._clock = clock
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        log_dir.mkdir(parents=True, exist_ok=True)

    def start(self, part: Part) -> int:
        """Start a part; returns its process id."""
        with (self._log_dir / f"{part.name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*_leash(), *part.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **part.environment},
                start_new_session=True,
            )
        self._running[part.name] = process
        return process.pid

    def processes(self) -> dict[str, int]:
        """The process ids of the parts that were started, by name."""
        return {name: process.pid for name, process in self._running.items()}

    def check(self) -> None:
        """Raise when a part has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise PartDied(
                    f"{name} ended by itself with code {process.returncode}. "
                    f"Its last lines:\n{self.tail(name)}"
                )

    def tail(self, name: str) -> str:
        """The last lines of a part's log."""
        text = (self._log_dir / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(f"    {line}" for line in text.splitlines()[-TAIL_LINES:])

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Stop all parts, last started first; a part that doesn't end in time is killed."""
        for name in reversed(list(self._running)):
            self.stop_one(name, seconds)

    def stop_one(self, name: str, seconds: float = STOP_SECONDS) -> None:
        """Ask, wait, kill. What is left of the part's session is killed, too."""
        process = self._running.pop(name)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _leash() -> Sequence[str]:
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "TERM", "--") if setpriv else ()


def run_to_end(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    """Become that process; nothing stays behind to forward signals."""
    os.environ.update(environment)
    os.execvp(argv[0], list(argv))
