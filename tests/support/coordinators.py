"""Coordinators in processes of their own, that can be killed and frozen."""

import signal
import subprocess
import sys

from orchestrator.settings import Settings
from orchestrator.store.leadership import Leader
from orchestrator.store.store import Store

COORDINATE = (
    "from orchestrator.coordinator.run import main; from orchestrator.settings import settings; "
    "raise SystemExit(main(settings()))"
)


class Coordinators:
    """Processes that can be told apart by the name under which they lead."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        environment = {
            "DOPPELCAST_HOME": str(self._settings.home),
            "DOPPELCAST_REDIS_URL": self._settings.redis,
            "DOPPELCAST_STORE_URL": self._settings.store,
            "DOPPELCAST_LEASE_SECONDS": "1.5",
            "DOPPELCAST_RENEW_SECONDS": "0.5",
        }
        log = (self._settings.home / f"coordinator-{len(self._running)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-c", COORDINATE], env=environment, stderr=log
            )
        self._running.append(process)
        return process

    def row(self) -> Leader:
        row = self._store.leadership.current()
        return row or Leader("", 0, 0)

    def leads(self, process: subprocess.Popen[bytes]) -> bool:
        return f"-{process.pid}-" in self.row().holder

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
