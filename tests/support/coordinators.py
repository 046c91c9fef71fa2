"""Coordinators and recorders: in threads of the test, or in processes, to be killed and frozen."""

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psutil
from sqlalchemy.engine import make_url

from orchestrator.settings import Settings
from orchestrator.store.leadership import Leader
from orchestrator.store.store import Store
from tests.support.ports import free_port
from tests.support.probing import asked
from tests.support.processes import eventually

COORDINATE = (
    "from orchestrator.coordinator.run import main; from orchestrator.settings import settings; "
    "raise SystemExit(main(settings()))"
)
LEASE_SECONDS, RENEW_SECONDS = 1.5, 0.5
"""Leases so short that a test can wait for their end."""


@contextmanager
def running(
    work: Callable[[Settings, threading.Event], None], settings: Settings
) -> Iterator[None]:
    """A coordinator or a recorder works, in a thread."""
    ending = threading.Event()
    thread = threading.Thread(target=work, args=(settings, ending))
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def freeze_between_writes(process: subprocess.Popen[bytes], store_url: str) -> None:
    """Stop a process where it doesn't write to that SQLite store, and no matter where else.

    In the midst of a write it would keep the file locked, and nobody else could lead.
    """
    seen = psutil.Process(process.pid)
    for _ in range(20):
        process.send_signal(signal.SIGSTOP)
        assert eventually(lambda: seen.status() == psutil.STATUS_STOPPED, 20, 0.001)
        if _may_be_written(store_url):
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.05)
    raise AssertionError("whenever it is stopped, it writes")


def _may_be_written(store_url: str) -> bool:
    path = str(make_url(store_url).database)
    with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
    return True


class Coordinators:
    """Processes that can be told apart by the name under which they lead."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._running: list[subprocess.Popen[bytes]] = []
        self._ports: dict[int, int] = {}

    def start(self) -> subprocess.Popen[bytes]:
        port = free_port()
        environment = {
            "DOPPELCAST_METRICS_PORT": str(port),
            "DOPPELCAST_HOME": str(self._settings.home),
            "DOPPELCAST_REDIS_URL": self._settings.redis,
            "DOPPELCAST_STORE_URL": self._settings.store,
            "DOPPELCAST_LEASE_SECONDS": str(self._settings.lease_seconds),
            "DOPPELCAST_RENEW_SECONDS": str(self._settings.renew_seconds),
        }
        log = (self._settings.home / f"coordinator-{len(self._running)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-c", COORDINATE], env=environment, stderr=log
            )
        self._running.append(process)
        self._ports[process.pid] = port
        return process

    def row(self) -> Leader:
        row = self._store.leadership.current()
        return row or Leader("", 0, 0)

    def leads(self, process: subprocess.Popen[bytes]) -> bool:
        return f"-{process.pid}-" in self.row().holder

    def watches(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it has looked at the leader's beat, and stands by."""
        status, document = asked(self._ports[process.pid], "readyz")
        return status == 200 and document["role"] == "stands by"

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
