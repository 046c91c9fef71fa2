"""A PostgreSQL of the session's own on loopback, where PostgreSQL is installed."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import system_part
from tests.support.ports import free_port

PATIENCE = 20.0
REMEDY = "PostgreSQL isn't installed (Debian: apt-get install postgresql)"


class PostgresProcess:
    """One server on loopback with a fresh cluster, on a port that it keeps over restarts."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="doppelcast-postgres-"))
        self._as: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._as |= {"cwd": "/"}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(self._folder, "postgres")
            self._as |= {"user": "postgres"}
        self._data = str(self._folder / "data")
        options = ("-U", "postgres", "-A", "trust", "--no-sync")
        subprocess.run([binaries / "initdb", "-D", self._data, *options], check=True, **self._as)
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._server = subprocess.Popen(
            [
                *(self._binaries / "postgres", "-D", self._data),
                *("-p", str(self._port), "-k", str(self._folder)),
                *("-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"),
            ],
            **self._as,
        )
        _wait_until_ready(self.url)

    def crash(self) -> None:
        """End it at once, as if the power had failed; what was committed is kept."""
        self._end(signal.SIGQUIT)

    def close(self) -> None:
        """End it, and throw everything away."""
        self._end(signal.SIGINT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, by: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(by)
            self._server.wait(PATIENCE)
            self._server = None


def missing() -> str | None:
    """Why there is none, in words."""
    return None if _binaries() else REMEDY


@contextmanager
def postgres() -> Iterator[PostgresProcess]:
    """A running server; skips the test where PostgreSQL isn't installed, and fails it in CI."""
    binaries = _binaries()
    system_part.require(missing())
    assert binaries is not None
    server = PostgresProcess(binaries)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running server, without a database's name."""
    with postgres() as server:
        yield server.url


@contextmanager
def an_empty_database(server: str) -> Iterator[str]:
    """The address of a database of the test's own."""
    import psycopg

    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{server}/{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


def _wait_until_ready(url: str) -> None:
    import psycopg

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(f"{url}/postgres", connect_timeout=1).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "PostgreSQL does not start"
            time.sleep(0.1)
        else:
            return
