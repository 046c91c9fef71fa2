"""How soon a standby leads after the leader was killed or frozen.

    python -m tests.benchmarks.election [TRIALS]

Real coordinator processes on one SQLite store and one Valkey; the row is looked at every 5 ms.
A leader is frozen between two writes, and counted from a few milliseconds later: within one it
would keep SQLite's file locked (see `orchestrator.store.database`).
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from orchestrator.settings import Settings
from orchestrator.store.store import Store
from tests.support.coordinators import freeze_between_writes
from tests.support.processes import Group
from tests.support.valkey import ValkeyProcess

TRIALS = 20


def trials(settings: Settings, store: Store, freeze: bool, count: int) -> list[float]:
    """Seconds from the fault to a new term, once a trial."""
    took: list[float] = []
    running = [_start(settings), _start(settings)]
    for trial in range(count):
        leader = _settled(store, running)
        time.sleep(1.0 + (trial % 10) / 10)
        term = _term(store)
        if freeze:
            freeze_between_writes(leader.process, settings.store)
        began = time.monotonic()
        if not freeze:
            leader.signal(9)
        while _term(store) == term:
            time.sleep(0.005)
        took.append(time.monotonic() - began)
        if freeze:
            leader.thaw()
        else:
            leader.kill()
            running.remove(leader)
            running.append(_start(settings))
    for one in running:
        one.kill()
    return took


def _start(settings: Settings) -> Group:
    env = {"DOPPELCAST_HOME": str(settings.home), "DOPPELCAST_REDIS_URL": settings.redis}
    return Group((sys.executable, "-m", "orchestrator.cli", "coordinator"), env=env)


def _term(store: Store) -> int:
    row = store.leadership.current()
    return 0 if row is None else row.term


def _settled(store: Store, running: list[Group]) -> Group:
    """The leader, once the other one has had the time to begin to watch."""
    deadline = time.monotonic() + 30
    time.sleep(4.0)
    while time.monotonic() < deadline:
        row = store.leadership.current()
        for one in running:
            if row is not None and f"-{one.pid}-" in row.holder:
                return one
        time.sleep(0.05)
    raise SystemExit("nobody leads")


def main() -> None:
    """Print p50, p95 and the maximum of both faults."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    broker = ValkeyProcess()
    broker.start()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate({"home": Path(folder), "redis_url": broker.url})
        store = Store.open(settings.store)
        try:
            for name, freeze in (("killed", False), ("frozen", True)):
                took = sorted(trials(settings, store, freeze, count))
                p95 = took[min(len(took) - 1, round(0.95 * len(took)) - 1)]
                print(
                    f"leader {name}: {len(took)} trials, p50 {statistics.median(took):.2f} s, "
                    f"p95 {p95:.2f} s, max {took[-1]:.2f} s"
                )
        finally:
            store.close()
            broker.close()


if __name__ == "__main__":
    main()
