"""A whole fleet as its users start it: `doppelcast up` in a process of its own.

    with up(matrix, tmp_path / "home") as fleet:
        fleet.status()                 # what `doppelcast status --json` says
        fleet.flower.get("/tasks")     # a page of the dashboard it started
        fleet.interrupt()              # Ctrl-C; its exit code

Whatever runs with the fleet's home in its environment belongs to it, whoever its parent is.
"""

import base64
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from orchestrator.settings import Settings
from tests.support.processes import Group, eventually
from tests.support.shops import ShortMatrix

COMMAND = (sys.executable, "-m", "orchestrator.cli")
START_SECONDS = 60.0
END_SECONDS = 60.0
FLOWER = re.compile(r"Flower: (http://\S+)\s")
"""The whole line: the terminal may be read while it is written."""


@dataclass(frozen=True)
class FlowerPages:
    """The dashboard, with the login of this run."""

    address: str

    @property
    def base(self) -> str:
        """The address without the login."""
        parts = urlsplit(self.address)
        return f"http://{parts.hostname}:{parts.port}"

    def get(self, path: str, data: bytes | None = None) -> str:
        """A page's text, for somebody who is logged in."""
        parts = urlsplit(self.address)
        login = base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()
        request = urllib.request.Request(
            self.base + path, data, {"Authorization": f"Basic {login}"}
        )
        with urllib.request.urlopen(request, timeout=20) as page:
            return str(page.read().decode())

    def tasks(self) -> dict[str, dict[str, Any]]:
        """All tasks that it knows, by id."""
        found: dict[str, dict[str, Any]] = json.loads(self.get("/api/tasks"))
        return found


@dataclass(frozen=True)
class Fleet:
    """A running `doppelcast up`."""

    group: Group
    home: Path
    matrix: ShortMatrix
    environment: Mapping[str, str]
    output: Path

    @property
    def said(self) -> str:
        """What the command has written to its terminal by now."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    @property
    def flower(self) -> FlowerPages:
        """The dashboard whose address the command printed."""
        found = FLOWER.search(self.said)
        assert found is not None, self.said
        return FlowerPages(found[1])

    @property
    def settings(self) -> Settings:
        """What a process beside this fleet needs to know, from the note that it left."""
        note = json.loads((self.home / "up.json").read_text(encoding="utf-8"))
        return Settings.model_validate({"home": self.home, "redis_url": note["redis_url"]})

    def status(self) -> dict[str, dict[str, Any]]:
        """What `doppelcast status --json` says of each stream."""
        rows = json.loads(self.run("status", "--json").stdout)["streams"]
        return {row["stream"]: row for row in rows}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Another command in another terminal."""
        return subprocess.run(
            [*COMMAND, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, **self.environment},
        )

    def interrupt(self) -> int:
        """Ctrl-C; its exit code, once it has ended."""
        return self.group.interrupt(END_SECONDS)

    def processes(self) -> list[str]:
        """What still runs of it."""
        return belonging_to(self.home)


@contextmanager
def up(matrix: ShortMatrix, home: Path, *, media: Path | None = None) -> Iterator[Fleet]:
    """A fleet for the length of a block, that begins once the command has printed its addresses."""
    home.mkdir(parents=True, exist_ok=True)
    environment = {"DOPPELCAST_HOME": str(home), "COLUMNS": "200", **matrix.environment}
    if media is not None:
        environment["DOPPELCAST_MEDIA_DIR"] = str(media)
    output = home / "terminal.txt"
    with background([*COMMAND, "up", str(matrix.path)], output, environment) as group:
        fleet = Fleet(group, home, matrix, environment, output)
        started = eventually(lambda: FLOWER.search(fleet.said) is not None, START_SECONDS)
        assert started, fleet.said
        try:
            yield fleet
        finally:
            if group.running:
                fleet.interrupt()


@contextmanager
def background(
    argv: Sequence[str], output: Path, environment: Mapping[str, str]
) -> Iterator[Group]:
    """A command with its terminal in a file; at the end nothing of its home's is left running."""
    group = Group(argv, stderr=output, env=environment, all_output=True)
    try:
        yield group
    finally:
        group.kill()
        sweep(Path(environment["DOPPELCAST_HOME"]))


def belonging_to(home: Path) -> list[str]:
    """Living processes that were started for that home, as `pid command line`."""
    return [f"{pid} {' '.join(argv)[:160]}" for pid, argv in commands_of(home).items()]


def commands_of(home: Path) -> dict[int, list[str]]:
    """The command lines of those processes, by their ids."""
    found = {}
    for process in _processes_of(home):
        with suppress(psutil.Error):  # gone since it was found
            found[process.pid] = process.cmdline()
    return found


def publishes(argv: Sequence[str]) -> bool:
    """Whether that is an ffmpeg that sends to an endpoint; those that render have none."""
    return any(word.startswith("rtmp") for word in argv)


def publishing(home: Path) -> list[int]:
    """The ids of such ffmpegs among them."""
    return [pid for pid, argv in commands_of(home).items() if publishes(argv)]


def sweep(home: Path) -> None:
    """End what a failed test has left."""
    for process in _processes_of(home):
        with suppress(psutil.Error):
            process.kill()


def _processes_of(home: Path) -> list[psutil.Process]:
    """By their environment: it reaches every child, and outlives parents and sessions."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            theirs = process.environ().get("DOPPELCAST_HOME", "")
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and Path(theirs).is_relative_to(home) and process.pid != os.getpid():
                found.append(process)
    return found
