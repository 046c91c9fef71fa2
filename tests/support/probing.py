"""A fleet's processes with their metrics ports, and what their probes say."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.support.ports import free_port
from tests.support.processes import Group, eventually

CLI = (sys.executable, "-m", "orchestrator.cli")
COMMANDS: Mapping[str, Sequence[str]] = {
    "coordinator": ("coordinator",),
    "standby": ("coordinator",),
    "recorder": ("recorder",),
    "stream": ("worker", "--kind", "stream"),
    "render": ("worker", "--kind", "render"),
}


def asked(port: int, page: str) -> tuple[int, dict[str, Any]]:
    """Status and document of a process' page; 0 while nobody listens."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/{page}", timeout=5) as answer:
            return int(answer.status), json.loads(answer.read())
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())
    except OSError:
        return 0, {}


@dataclass(frozen=True)
class Probed:
    """One process."""

    name: str
    group: Group
    port: int

    def ask(self, page: str) -> tuple[int, dict[str, Any]]:
        """Status and document of a page; 0 while nobody listens."""
        return asked(self.port, page)

    @property
    def lives(self) -> bool:
        """Whether its loops turn."""
        return self.ask("healthz")[0] == 200

    @property
    def ready(self) -> bool:
        """Whether it can do its work."""
        return self.ask("readyz")[0] == 200

    def becomes(self, *, ready: bool, seconds: float = 60.0) -> bool:
        """Whether it gets there within that time."""
        status = 200 if ready else 503
        return eventually(lambda: self.ask("readyz")[0] == status, seconds)

    def why_not(self) -> str:
        """The reasons why it isn't ready."""
        return "; ".join(self.ask("readyz")[1].get("reasons", ()))


@contextmanager
def probed(name: str, home: Path, environment: Mapping[str, str]) -> Iterator[Probed]:
    """A process of the fleet whose home that is; killed with its children at the end."""
    port = free_port()
    env = {**environment, "DOPPELCAST_HOME": str(home), "DOPPELCAST_METRICS_PORT": str(port)}
    group = Group((*CLI, *COMMANDS[name]), stderr=home / f"{name}.log", env=env)
    try:
        yield Probed(name, group, port)
    finally:
        group.thaw()
        group.kill()
