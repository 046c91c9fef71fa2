"""Processes that report and record, for tests that kill them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from orchestrator.domain.evidence import ReportKind
from orchestrator.settings import Settings
from orchestrator.store.store import Store

RECORD = """
import os, signal
from orchestrator.recorder.run import main
from orchestrator.settings import settings

# Who is told to end before `main` listens has done nothing yet, and ends as well.
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
# Forks, so that a killed recorder's successor is there within milliseconds.
while True:
    child = os.fork()
    if not child:
        os._exit(main(settings()))
    print(child, flush=True)
    if os.waitpid(child, 0)[1] == 0:
        break
"""
REPORT = """
import os, signal, sys, time
from pathlib import Path
from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.ids import NodeId
from orchestrator.wire.reports import Reporter

url, prefix, folder, name, pause, log = sys.argv[1:7]
reporter = Reporter(url, prefix, Path(folder), resend_seconds=2.0)
told = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
quiet = []
signal.signal(signal.SIGTERM, lambda *_: quiet.append(True))
number = 0
while not quiet:
    number += 1
    id = f"{name}/{number}"
    facts = {"seconds": 1.0, "bytes": number, "frames": 25}
    reporter.report(Report(id, ReportKind.TRAFFIC, NodeId("n1"), float(number), facts=facts))
    os.write(told, f"{id} {number}\\n".encode())
    time.sleep(float(pause))
while True:
    signal.pause()
"""


class ReportingProcess:
    """Reports traffic until it is killed, and writes down what `report` took."""

    def __init__(self, settings: Settings, name: str, log: Path, pause: float = 0.002) -> None:
        folder = settings.home / "spool" / "n1"
        argv = [settings.redis, settings.redis_prefix, str(folder), name, str(pause), str(log)]
        self._process = subprocess.Popen([sys.executable, "-c", REPORT, *argv])

    def rest(self) -> None:
        """Report nothing more, but live on."""
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class RecordingProcess:
    """The recorder as its command runs it, under a supervisor that starts it again."""

    def __init__(self, settings: Settings) -> None:
        names = {
            "DOPPELCAST_HOME": str(settings.home),
            "DOPPELCAST_REDIS_URL": settings.redis,
            "DOPPELCAST_REDIS_PREFIX": settings.redis_prefix,
            "DOPPELCAST_STORE_URL": settings.store,
        }
        self._supervisor = subprocess.Popen(
            [sys.executable, "-c", RECORD], env={**os.environ, **names}, stdout=subprocess.PIPE
        )
        self._pid = self._next()

    def kill(self) -> None:
        """SIGKILL it; returns when its successor runs."""
        os.kill(self._pid, signal.SIGKILL)
        self._pid = self._next()

    def close(self) -> None:
        """End it, and its supervisor."""
        os.kill(self._pid, signal.SIGTERM)
        self._supervisor.wait(30)
        assert self._supervisor.stdout is not None
        self._supervisor.stdout.close()

    def _next(self) -> int:
        assert self._supervisor.stdout is not None
        return int(self._supervisor.stdout.readline())


def accepted(logs: Iterable[Path]) -> dict[str, int]:
    """What `report` took, by the reporting processes' own account: bytes by id."""
    found = {}
    for log in logs:
        for line in log.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                name, amount = line.split()
                found[name] = int(amount)
    return found


def recorded(store: Store) -> list[tuple[str, int]]:
    """What counts in the store: id and bytes of each traffic report."""
    rows = store.reporting.latest(ReportKind.TRAFFIC, limit=1_000_000)
    return [(row.report, int(str(row.facts["bytes"]))) for row in rows]
