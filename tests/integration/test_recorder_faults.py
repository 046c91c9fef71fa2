"""Faults from outside, on what workers report: nothing is lost, and nothing counts twice.

The judge is what the reporting processes wrote down as taken by `report`, against the store.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from orchestrator.recorder.run import run as record
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.redis_client import connect
from tests.support.coordinators import running
from tests.support.postgres import an_empty_database
from tests.support.processes import within
from tests.support.reporting import RecordingProcess, ReportingProcess, accepted, recorded
from tests.support.valkey import ValkeyProcess

PATIENCE = 40.0
ENOUGH = 500
"""Reports in a test, at least."""


@pytest.fixture
def recorder(settings: Settings, store: Store) -> Iterator[RecordingProcess]:
    process = RecordingProcess(settings)
    yield process
    process.close()


class Reporting:
    """Processes that report, one after the other or at once, on one folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._processes: list[ReportingProcess] = []
        self.logs: list[Path] = []

    def start(self, pause: float = 0.002) -> ReportingProcess:
        name = f"n1/boot{len(self.logs)}/a/7"
        log = self._settings.home / f"told-{len(self.logs)}"
        process = ReportingProcess(self._settings, name, log, pause)
        self.logs.append(log)
        self._processes.append(process)
        within(PATIENCE, lambda: log.exists() and log.stat().st_size > 0)
        return process

    def rest(self) -> None:
        """All that live report nothing more; what they have told is final soon."""
        for process in self._processes:
            process.rest()
        sizes: list[int] = []

        def final() -> bool:
            time.sleep(0.1)
            before, sizes[:] = list(sizes), [log.stat().st_size for log in self.logs]
            return before == sizes

        within(PATIENCE, final)

    def close(self) -> None:
        for process in self._processes:
            process.kill()


@pytest.fixture
def reporting(settings: Settings) -> Iterator[Reporting]:
    reporting = Reporting(settings)
    yield reporting
    reporting.close()


def settled(reporting: Reporting, store: Store) -> None:
    """All that was taken, and that is enough, is in the store, once and as it was."""
    within(PATIENCE, lambda: len(accepted(reporting.logs)) > ENOUGH)
    reporting.rest()
    taken = accepted(reporting.logs)
    within(PATIENCE, lambda: taken.keys() <= dict(recorded(store)).keys())
    rows = recorded(store)
    found = dict(rows)
    assert len(rows) == len(found), "something counts twice"
    assert {name: found[name] for name in taken} == taken
    # A process that is killed between `report` and its own note has reported one more.
    assert len(found) - len(taken) <= len(reporting.logs)


def progress(store: Store) -> Callable[[], bool]:
    """Whether more is recorded than when this was called."""
    before = len(recorded(store))
    return lambda: len(recorded(store)) > before


def test_redis_that_is_killed_and_comes_back_empty(
    own_valkey: ValkeyProcess, recorder: RecordingProcess, reporting: Reporting, store: Store
) -> None:
    reporting.start()
    for _ in range(4):
        within(PATIENCE, progress(store))
        own_valkey.kill()
        time.sleep(0.3)
        own_valkey.start()
    settled(reporting, store)


def test_redis_frozen_for_five_seconds(
    own_valkey: ValkeyProcess, recorder: RecordingProcess, reporting: Reporting, store: Store
) -> None:
    reporting.start()
    within(PATIENCE, progress(store))
    own_valkey.freeze()
    time.sleep(5)
    own_valkey.thaw()
    within(PATIENCE, progress(store))
    settled(reporting, store)


def test_the_recorder_killed_ten_times(
    recorder: RecordingProcess, reporting: Reporting, store: Store
) -> None:
    reporting.start()
    for trial in range(10):
        within(PATIENCE, progress(store))
        time.sleep(0.013 * trial)  # at different moments of its round
        recorder.kill()
    settled(reporting, store)


def test_the_reporting_process_killed_and_started_again(
    own_valkey: ValkeyProcess, recorder: RecordingProcess, reporting: Reporting, store: Store
) -> None:
    reporting.start().kill()
    own_valkey.kill()
    for _ in range(3):
        process = reporting.start(pause=0.0005)
        time.sleep(0.3)
        process.kill()
    reporting.start()
    own_valkey.start()
    settled(reporting, store)


def test_two_recorders_and_deliveries_that_come_twice(
    settings: Settings, own_valkey: ValkeyProcess, reporting: Reporting, store: Store
) -> None:
    redis = connect(settings.redis)
    queue = f"{settings.redis_prefix}reports"
    reporting.start()
    for _ in range(2):
        within(PATIENCE, lambda: int(str(redis.llen(queue))) > 200)
        waiting = redis.lrange(queue, 0, -1)
        redis.lpush(queue, *waiting)  # type: ignore[misc]  # redis-py leaves open if it is async
        with running(record, settings), running(record, settings):
            within(PATIENCE, progress(store))
            within(PATIENCE, lambda: int(str(redis.llen(queue))) < 10)
    with running(record, settings), running(record, settings):
        settled(reporting, store)
    redis.close()


def test_a_store_that_is_locked_for_long(
    settings: Settings, recorder: RecordingProcess, reporting: Reporting, store: Store
) -> None:
    reporting.start()
    within(PATIENCE, progress(store))
    blocker = sqlite3.connect(settings.home / "store.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    time.sleep(6)  # longer than the recorder waits for a lock
    blocker.execute("ROLLBACK")
    blocker.close()
    within(PATIENCE, progress(store))
    settled(reporting, store)


def test_a_postgresql_that_goes_away(
    own_valkey: ValkeyProcess, tmp_path: Path, postgres_server: str
) -> None:
    with an_empty_database(postgres_server) as url:
        values = {"home": tmp_path, "redis_url": own_valkey.url, "store_url": url}
        settings = Settings.model_validate(values)
        store = Store.open(settings.store)
        reporting = Reporting(settings)
        with running(record, settings), running(record, settings):
            reporting.start()
            within(PATIENCE, progress(store))
            allow_connections(postgres_server, url, False)
            time.sleep(1.5)
            allow_connections(postgres_server, url, True)
            within(PATIENCE, progress(store))
            settled(reporting, store)
            reporting.close()
        store.close()


def allow_connections(server: str, url: str, allowed: bool) -> None:
    """Let a database be used; or end all its connections, and let nobody in."""
    name = url.rpartition("/")[2]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        # The name is one that the test has made.
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}".encode())
        if not allowed:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )


@pytest.mark.parametrize("seed", [1])
def test_faults_in_any_order(
    seed: int,
    own_valkey: ValkeyProcess,
    recorder: RecordingProcess,
    reporting: Reporting,
    store: Store,
) -> None:
    chance = random.Random(seed)
    processes = [reporting.start(), reporting.start()]

    def redis_dies() -> None:
        own_valkey.kill()
        time.sleep(chance.uniform(0, 0.5))
        own_valkey.start()

    def redis_freezes() -> None:
        own_valkey.freeze()
        time.sleep(chance.uniform(0.1, 1.5))
        own_valkey.thaw()

    def reporter_dies() -> None:
        processes.pop(0).kill()
        processes.append(reporting.start())

    faults = [redis_dies, redis_freezes, reporter_dies, recorder.kill, recorder.kill]
    for _ in range(12):
        time.sleep(chance.uniform(0, 0.4))
        chance.choice(faults)()
    settled(reporting, store)
