"""The soak as a process beside the tests; `plugin` starts and ends it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.fleet import sweep

ROOT = Path(__file__).parents[3]
MINUTES = float(os.environ.get("DOPPELCAST_SOAK_MINUTES", "10"))
MORE_SECONDS = 300.0
"""What start, warm-up and stop may take beside, on a machine that is busy with other tests."""
LEAVE_SECONDS = 20.0


class SoakBeside:
    """The soak of this session."""

    def __init__(self, minutes: float) -> None:
        self.minutes = minutes
        self._folder = Path(tempfile.mkdtemp(prefix="doppelcast-soak-beside-"))
        self._json = self._folder / "soak.json"
        self._home = self._folder / "home"
        argv = ["-m", "tests.benchmarks.soak", "--clips", "plain", "--minutes", str(minutes)]
        argv += ["--json", str(self._json), "--home", str(self._home)]
        with (self._folder / "soak.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*_leash(), sys.executable, *argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def said(self) -> str:
        """What it has written by now."""
        return (self._folder / "soak.log").read_text(encoding="utf-8", errors="replace")

    def wait(self) -> int:
        """Its exit code, once it is over."""
        return self._process.wait(self.minutes * 60 + MORE_SECONDS)

    def result(self) -> dict[str, Any]:
        """All that it measured."""
        found: dict[str, Any] = json.loads(self._json.read_text(encoding="utf-8"))
        return found

    def end(self) -> None:
        """End it with everything it started, wherever it stands."""
        if self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(LEAVE_SECONDS)
        self._process.kill()
        self._process.wait()
        sweep(self._home)
        shutil.rmtree(self._folder, ignore_errors=True)


KEY = pytest.StashKey[SoakBeside]()
"""Under which a session keeps its soak."""


def others(config: pytest.Config) -> list[psutil.Process]:
    """This process's children with theirs, but for the soak, whose own come and go."""
    running = config.stash.get(KEY, None)
    mine = [p for p in psutil.Process().children() if running is None or p.pid != running.pid]
    found = list(mine)
    for process in mine:
        with suppress(psutil.NoSuchProcess):
            found += process.children(recursive=True)
    return found


def _leash() -> list[str]:
    """Ends the soak when this process is killed, where util-linux has a way."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
