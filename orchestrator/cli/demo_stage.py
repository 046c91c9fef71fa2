"""What the demo is played on: a home of its own, keys made for the run, ports of this machine."""

import os
import re
import secrets
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from rich.markup import escape

from orchestrator.cli.console import say
from orchestrator.cli.fleet import embedded_broker, free_port, is_free, start_flower, worker_parts
from orchestrator.cli.home import sole_use
from orchestrator.cli.tree import ProcessTree, process_tree
from orchestrator.clock import Clock
from orchestrator.domain.endpoint import Endpoint, target_digest
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import ConfigurationError
from orchestrator.matrixfile import Loaded, load
from orchestrator.sandbox.platform import Sandbox, SandboxEndpoint
from orchestrator.settings import Settings, settings
from orchestrator.wire.secrets import resolve_key

DEMO_MATRIX = Path(__file__).parents[2] / "deploy" / "demo" / "matrix.yaml"
KEY_NAMES = re.compile(r"\benv:([A-Z][A-Z0-9_]*)")
RTMP_PORT = 1935


@dataclass(frozen=True)
class Stage:
    """Where one demo is played, and how its fleet starts there."""

    home: Path
    matrix: Path
    folder: Path
    """For what the platform receives."""
    asked: threading.Event
    """Set when somebody asks for the end."""
    clock: Clock

    def loaded(self) -> Loaded:
        """The matrix, with a key for each endpoint."""
        make_keys(self.matrix)
        return load(self.matrix, resolve_key, settings().font)

    def platform(self, streams: Sequence[StreamSpec]) -> Sandbox:
        """Takes these streams, and judges them."""
        return Sandbox(sandbox_endpoints(streams), self.folder, self.clock)

    @contextmanager
    def broker(self) -> Iterator[tuple[ProcessTree, Settings]]:
        """The fleet's tree, with nothing but a broker in it yet; and where the fleet finds that."""
        with (
            process_tree(self.home / "logs") as tree,
            embedded_broker(tree, self.home, self.clock) as current,
        ):
            yield tree, current

    def start(self, tree: ProcessTree, current: Settings, flower: bool) -> None:
        """All the other processes, and Flower if it is wanted."""
        say("Starting broker, recorder, workers and coordinator ...")
        for part in worker_parts(current):
            tree.start(part)
        if flower:
            say(f"Flower, the admins' dashboard: {escape(start_flower(tree, current).address)}")
        say(f"Logs: {escape(str(self.home / 'logs'))}\n")


@contextmanager
def demo_home() -> Iterator[Path]:
    """A home of the demo's own, in force for this process and the ones it starts.

    Clips stay, so that a second run starts warm; the store, the spools and the logs start anew.
    """
    before = os.environ.get("DOPPELCAST_HOME")
    home = settings().home / "demo"
    with sole_use(home, "demo"):
        for stale in ("store.db", "store.db-wal", "store.db-shm"):
            (home / stale).unlink(missing_ok=True)
        for folder in ("logs", "spool"):
            shutil.rmtree(home / folder, ignore_errors=True)
        os.environ["DOPPELCAST_HOME"] = str(home)
        settings.cache_clear()
        try:
            yield home
        finally:
            os.environ.pop("DOPPELCAST_HOME", None)
            if before is not None:
                os.environ["DOPPELCAST_HOME"] = before
            settings.cache_clear()


def make_keys(matrix: Path) -> None:
    """A fresh key for every `env:` reference of the matrix that has none yet."""
    for name in KEY_NAMES.findall(matrix.read_text(encoding="utf-8", errors="replace")):
        os.environ.setdefault(name, f"demo-{secrets.token_urlsafe(12)}")


def sandbox_endpoints(streams: Sequence[StreamSpec]) -> tuple[SandboxEndpoint, ...]:
    """One endpoint a stream, where its address says."""
    endpoints = []
    for spec in streams:
        url = urlsplit(spec.endpoint.url)
        key = resolve_key(spec.endpoint.key)
        endpoints.append(
            SandboxEndpoint(spec.stream, url.port or RTMP_PORT, url.path.strip("/"), key)
        )
    return tuple(endpoints)


def at_home(streams: Sequence[StreamSpec]) -> tuple[StreamSpec, ...]:
    """The streams, each with its endpoint on a port of this machine of its own.

    Only loopback addresses can be played here. A port that something else listens on, or another
    stream has, is passed over, so that the demo runs beside whatever runs already.
    """
    taken: set[int] = set()
    played = []
    for spec in streams:
        url = _loopback(spec)
        port = url.port or RTMP_PORT
        if port in taken or not is_free(port):
            port = free_port()
        while port in taken:
            port = free_port()
        taken.add(port)
        played.append(_moved(spec, url, port))
    return tuple(played)


def _loopback(spec: StreamSpec) -> SplitResult:
    url = urlsplit(spec.endpoint.url)
    if url.scheme != "rtmp" or url.hostname not in ("127.0.0.1", "localhost"):
        raise ConfigurationError(
            f"{spec.stream} publishes to {url.scheme}://{url.hostname or ''}: the demo plays only "
            "rtmp://127.0.0.1 addresses. For real endpoints use: doppelcast up MATRIX"
        )
    return url


def _moved(spec: StreamSpec, url: SplitResult, port: int) -> StreamSpec:
    if port == (url.port or RTMP_PORT):
        return spec
    address = f"rtmp://127.0.0.1:{port}{url.path}"
    key = resolve_key(spec.endpoint.key)
    target = target_digest(spec.platform, address, key.get_secret_value())
    return replace(spec, endpoint=Endpoint(address, spec.endpoint.key, target))
