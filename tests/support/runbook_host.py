"""A host as the runbook has it: its commands are given to real processes instead of containers.

`compose` is played: services are the processes of a rig, with a real PostgreSQL and Valkey. What
runs inside a container runs here, with the same words.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.postgres import PostgresProcess
from tests.support.processes import eventually
from tests.support.rig import CLI, ROOT, Rig
from tests.support.runbook import Command

STREAMS = ("stream-1", "stream-2")
CONTROL = ("coordinator-1", "coordinator-2", "recorder")
ELSEWHERE = {"render", "flower", "flower-viewer"}
"""Services that carry nothing here."""
ROOM = "suyun-douyin"
BIN = Path(sys.executable).parent


@dataclass
class Host:
    """One host with a fleet on air, and who types commands there."""

    fleet: Rig
    server: PostgresProcess
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    done: list[Command] = field(default_factory=list)

    @property
    def room(self) -> str:
        """The room that the runbook calls suyun-douyin."""
        return str(self.fleet.specs[0].stream)

    def type(self, command: Command) -> str:
        """Do as the runbook says; what is answered."""
        self.done.append(command)
        words = command.text.replace(ROOM, self.room)
        program, _, rest = words.partition(" ")
        if command.words[:2] == ("compose", "build"):
            return ""  # the image is this tree
        if command.words[:2] == ("doppelcast", "status"):
            return self._status()
        if program == "doppelcast":
            return self._shell(f"{shlex.join(CLI)} {rest}")
        if program == "sed":
            return self._shell(words)
        assert program == "compose", command.text
        verb, _, rest = rest.partition(" ")
        return {
            "exec": self._exec,
            "run": self._run,
            "up": self._up,
            "restart": self._up,
            "start": self._up,
            "stop": self._stop,
        }[verb](rest)

    def walk(self, commands: tuple[Command, ...], between: Callable[[], None] | None = None) -> str:
        """One after another, and whatever a person waits for in between."""
        for command in commands:
            said = self.type(command)
            if between is not None and "status" in command.words:
                between()
        return said

    def _status(self) -> str:
        """Looked at until all is as wanted: on a busy machine a beat may be late for one look."""
        shown: list[subprocess.CompletedProcess[str]] = []

        def as_wanted() -> bool:
            shown.append(self._ran(f"{shlex.join(CLI)} status"))
            return shown[-1].returncode == 0

        assert eventually(as_wanted, 60, 1.0), shown[-1].stdout + shown[-1].stderr
        return shown[-1].stdout

    def _exec(self, rest: str) -> str:
        option, service, inner = rest.split(" ", 2)
        assert option == "-T"
        assert service in {"postgres", *STREAMS}
        return self._shell(inner)

    def _run(self, rest: str) -> str:
        option, service = rest.split()
        assert (option, service) == ("--rm", "migrate")
        return self._shell(f"{shlex.join(CLI)} migrate --wait 20")

    def _up(self, rest: str) -> str:
        for service in _services(rest):
            if service == "valkey":
                self.fleet.valkey.restart()
            elif service in STREAMS:
                self._end_node(service)
                self.fleet.start_node(service)
            elif service in CONTROL:
                self._end(service)
                self._start(service)
            else:
                assert service in ELSEWHERE, service
        return ""

    def _stop(self, rest: str) -> str:
        for service in _services(rest):
            self._end(service)
        return ""

    def _end_node(self, name: str) -> None:
        """TERM to the main process, as a container's engine sends it."""
        node = self.fleet.nodes[name]
        if node.group.running:
            node.group.process.terminate()
            node.group.wait(60)

    def _start(self, service: str) -> None:
        if service == "recorder":
            self.fleet.start_recorder()
        else:
            self.fleet.start_coordinator(service)

    def _end(self, service: str) -> None:
        group = (
            self.fleet.recorder if service == "recorder" else self.fleet.coordinators.get(service)
        )
        if group is not None and group.running:
            group.process.terminate()
            group.wait(60)

    def _shell(self, line: str) -> str:
        ended = self._ran(line)
        assert ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def _ran(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", line],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
            cwd=self.folder,
            env=self.environment,
        )

    @property
    def environment(self) -> Mapping[str, str]:
        address = urlsplit(self.server.url)
        path = f"{BIN}:{os.environ['PATH']}"
        mine = {"PATH": path, "PGHOST": str(address.hostname), "PGPORT": str(address.port)}
        python = {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        return {**os.environ, **self.fleet.environment, **mine, **python, **self.variables}

    def on_air(self) -> None:
        """Until every room is on air, and both nodes take rooms."""
        self.fleet.await_on_air()
        assert eventually(lambda: set(STREAMS) <= self.fleet.beats().keys(), 30)


def _services(rest: str) -> list[str]:
    return [word for word in rest.split() if not word.startswith("-")]
