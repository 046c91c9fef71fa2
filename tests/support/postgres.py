"""A PostgreSQL of the session's own on loopback, where PostgreSQL is installed."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 20.0


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running server, without a database's name."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL isn't installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="doppelcast-postgres-"))
    owner: dict[str, Any] = {"user": "postgres"} if os.geteuid() == 0 else {}
    if owner:
        shutil.chown(folder, "postgres")
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    data = str(folder / "data")
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"],
        check=True,
        **quiet,
        **owner,
    )
    port = _free_port()
    server = subprocess.Popen(
        [
            *(binaries / "postgres", "-D", data, "-p", str(port), "-k", str(folder)),
            *("-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"),
        ],
        **quiet,
        **owner,
    )
    url = f"postgresql://postgres@127.0.0.1:{port}"
    _wait_until_ready(url)
    yield url
    server.send_signal(signal.SIGINT)
    server.wait(PATIENCE)
    shutil.rmtree(folder, ignore_errors=True)


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


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
