"""Reports on their way: never in the worker's way, never lost, confirmed in the end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.ids import NodeId
from orchestrator.recorder.inbox import Inbox
from orchestrator.wire.broker import broker
from orchestrator.wire.courier import WINDOW
from orchestrator.wire.messages import REPORT
from orchestrator.wire.receipts import Receipts
from orchestrator.wire.redis_client import ANSWER_SECONDS, connect
from orchestrator.wire.reports import Reporter
from orchestrator.wire.spool import size
from tests.support.processes import within
from tests.support.valkey import ValkeyProcess

PREFIX = "dc:"
SOON, LATE = 1.0, 600.0
"""After so long reports are sent again: in tests of that, and where it would only disturb."""


def report(number: int) -> Report:
    return Report(f"r{number}", ReportKind.TAKEN, NodeId("n1"), 1.0, facts={"line": "云朵被/1"})


@pytest.fixture
def redis(own_valkey: ValkeyProcess) -> Iterator[Redis]:
    client = connect(own_valkey.url)
    yield client
    client.close()


@pytest.fixture
def inbox(own_valkey: ValkeyProcess, redis: Redis) -> Iterator[Inbox]:
    inbox = Inbox(broker(own_valkey.url, PREFIX, socket_timeout=2.0), Receipts(redis, PREFIX))
    yield inbox
    inbox.close()


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def reporter(own_valkey: ValkeyProcess, spool: Path) -> Iterator[Reporter]:
    reporter = Reporter(own_valkey.url, PREFIX, spool, resend_seconds=LATE)
    yield reporter
    reporter.close()


@pytest.fixture
def eager(own_valkey: ValkeyProcess, spool: Path) -> Iterator[Reporter]:
    """Sends soon again."""
    reporter = Reporter(own_valkey.url, PREFIX, spool, resend_seconds=SOON)
    yield reporter
    reporter.close()


def received(inbox: Inbox) -> list[str]:
    reports = [REPORT.validate_json(body) for body in inbox.take(1000)]
    inbox.acknowledge()
    return [r.report for r in reports]


def collected(inbox: Inbox, count: int, seconds: float = 30.0) -> set[str]:
    found: set[str] = set()

    def all_there() -> bool:
        found.update(received(inbox))
        return len(found) >= count

    within(seconds, all_there)
    return found


def names(*numbers: int) -> set[str]:
    return {f"r{n}" for n in numbers}


def test_a_report_arrives_as_it_was(reporter: Reporter, inbox: Inbox) -> None:
    reporter.report(report(1))
    bodies: list[bytes] = []
    within(30, lambda: bool(bodies.extend(inbox.take(10)) or bodies))
    assert REPORT.validate_json(bodies[0]) == report(1)


def test_what_was_taken_but_not_acknowledged_goes_back(reporter: Reporter, inbox: Inbox) -> None:
    reporter.report(report(1))
    within(30, lambda: len(inbox.take(10)) == 1)
    inbox.close()
    assert collected(inbox, 1) == {"r1"}
    assert inbox.take(10) == []


def test_a_report_waits_until_it_is_confirmed_and_leaves_nothing(
    reporter: Reporter, inbox: Inbox, redis: Redis, spool: Path
) -> None:
    for number in range(10):
        reporter.report(report(number))
    within(30, lambda: len(inbox.take(100)) > 0)
    assert reporter.waiting.reports == 10
    assert reporter.waiting.seconds > 0
    inbox.acknowledge()
    within(30, lambda: bool(received(inbox) or True) and reporter.waiting.reports == 0)
    assert reporter.waiting.seconds == 0
    reporter.close()
    assert list(spool.iterdir()) == []
    assert list(redis.scan_iter("*receipts*")) == []


def test_reports_of_an_outage_wait_on_disk_and_are_sent_later(
    reporter: Reporter, inbox: Inbox, own_valkey: ValkeyProcess, spool: Path
) -> None:
    reporter.report(report(0))
    assert collected(inbox, 1) == {"r0"}
    own_valkey.kill()
    began = time.monotonic()
    for number in range(1, 101):
        reporter.report(report(number))
    assert time.monotonic() - began < ANSWER_SECONDS, "somebody waited for Redis"
    assert reporter.waiting.reports >= 100
    own_valkey.start()
    assert collected(inbox, 100) >= names(*range(1, 101))
    within(30, lambda: bool(received(inbox) or True) and reporter.waiting.reports == 0)


def test_a_redis_that_comes_back_empty_gets_everything_again(
    reporter: Reporter, inbox: Inbox, redis: Redis, own_valkey: ValkeyProcess
) -> None:
    for number in range(50):
        reporter.report(report(number))
    within(30, lambda: redis.llen(f"{PREFIX}reports") == 50)
    own_valkey.restart()
    assert collected(inbox, 50) == names(*range(50))


def test_what_a_dead_recorder_had_taken_is_sent_again(
    eager: Reporter, inbox: Inbox, redis: Redis
) -> None:
    eager.report(report(1))
    within(30, lambda: redis.llen(f"{PREFIX}reports") == 1)
    redis.rpop(f"{PREFIX}reports")  # gone with its connection, before kombu's books had it
    assert collected(inbox, 1) == {"r1"}


def test_reports_that_wait_in_the_queue_are_not_sent_twice(eager: Reporter, redis: Redis) -> None:
    eager.report(report(1))
    within(30, lambda: redis.llen(f"{PREFIX}reports") == 1)
    time.sleep(3 * SOON)
    assert redis.llen(f"{PREFIX}reports") == 1


def test_without_a_recorder_redis_holds_a_window_and_the_disk_the_rest(
    reporter: Reporter, redis: Redis, inbox: Inbox
) -> None:
    for number in range(WINDOW + 500):
        reporter.report(report(number))
    within(30, lambda: redis.llen(f"{PREFIX}reports") == WINDOW)
    time.sleep(1)
    assert redis.llen(f"{PREFIX}reports") == WINDOW
    assert reporter.waiting.reports == WINDOW + 500
    assert collected(inbox, WINDOW + 500) == names(*range(WINDOW + 500))


def test_a_disk_that_takes_nothing_costs_no_report_while_the_process_lives(
    own_valkey: ValkeyProcess, inbox: Inbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    reporter = Reporter(own_valkey.url, PREFIX, tmp_path / "file" / "spool")
    for number in range(20):
        reporter.report(report(number))
    assert collected(inbox, 20) == names(*range(20))
    within(30, lambda: reporter.waiting.reports == 0)
    reporter.close()
    assert reporter.lost == 0
    told = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert told == ["reports can't be written to disk, they are kept in memory while there is room"]


def test_a_report_after_the_end_waits_for_the_next_process(
    own_valkey: ValkeyProcess, reporter: Reporter, inbox: Inbox, spool: Path
) -> None:
    reporter.report(report(1))
    reporter.close()
    reporter.report(report(2))
    assert len(list(spool.glob("*.jsonl"))) == 2  # the first isn't confirmed, either
    assert reporter.lost == 0


def test_a_frozen_broker_delays_nobody(
    reporter: Reporter, inbox: Inbox, own_valkey: ValkeyProcess
) -> None:
    reporter.report(report(0))
    assert collected(inbox, 1) == {"r0"}
    own_valkey.freeze()
    began = time.monotonic()
    for number in range(1, 51):
        reporter.report(report(number))
    assert time.monotonic() - began < ANSWER_SECONDS, "somebody waited for Redis"
    time.sleep(3)
    own_valkey.thaw()
    assert collected(inbox, 50) >= names(*range(1, 51))


def test_what_a_process_left_behind_is_sent_by_the_next(
    own_valkey: ValkeyProcess, inbox: Inbox, spool: Path
) -> None:
    own_valkey.kill()
    first = Reporter(own_valkey.url, PREFIX, spool)
    first.report(report(1))
    first.close()
    assert size(spool) > 0
    own_valkey.start()
    second = Reporter(own_valkey.url, PREFIX, spool)
    second.start()
    assert collected(inbox, 1) == {"r1"}
    second.close()


def test_a_living_process_takes_over_from_a_dead_neighbour(
    reporter: Reporter, inbox: Inbox, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.wire.courier.ADOPT_SECONDS", 0.3)
    reporter.report(report(0))
    script = (
        "import os, sys; from pathlib import Path\n"
        "from orchestrator.wire.spool import Journal\n"
        "Journal(Path(sys.argv[1])).keep(sys.argv[2].encode()); os.kill(os.getpid(), 9)"
    )
    body = REPORT.dump_json(report(7)).decode()
    done = subprocess.run([sys.executable, "-c", script, str(spool), body], check=False)
    assert done.returncode == -signal.SIGKILL
    assert collected(inbox, 2) == names(0, 7)


def test_a_process_that_is_forked_while_its_parent_reports_has_a_journal_of_its_own(
    own_valkey: ValkeyProcess, inbox: Inbox, tmp_path: Path
) -> None:
    script = (
        "import os, sys, time; from pathlib import Path\n"
        "from orchestrator.wire.messages import REPORT\n"
        "from orchestrator.wire.reports import Reporter\n"
        "reporter = Reporter(sys.argv[1], 'dc:', Path(sys.argv[2]))\n"
        "reporter.report(REPORT.validate_json(sys.argv[3]))\n"
        # A thread of the parent may hold any of them just then, and gives it back there.
        "locks = reporter._starting, reporter._news._cond, reporter._journal._lock\n"
        "for lock in locks: lock.acquire()\n"
        "child = os.fork()\n"
        "for lock in locks[:3 if child else 0]: lock.release()\n"
        "reporter.report(REPORT.validate_json(sys.argv[4 if child else 5]))\n"
        "while reporter.waiting.reports: time.sleep(0.02)\n"
        "reporter.close()\n"
        "if child: os.waitpid(child, 0)\n"
        "os._exit(0)\n"
    )
    bodies = [REPORT.dump_json(report(n)).decode() for n in (1, 2, 3)]
    argv = [sys.executable, "-c", script, own_valkey.url, str(tmp_path / "s"), *bodies]
    process = subprocess.Popen(argv)
    assert collected(inbox, 3) == names(1, 2, 3)
    assert process.wait(30) == 0
    assert list((tmp_path / "s").iterdir()) == []


def test_what_a_recorder_died_with_comes_back_after_the_reports_own_timeout(
    own_valkey: ValkeyProcess, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.wire.broker.REPORTS_VISIBILITY_SECONDS", 1)
    monkeypatch.setattr("orchestrator.recorder.inbox.SWEEP_SECONDS", 0.2)
    at = broker(own_valkey.url, PREFIX, socket_timeout=2.0)
    redis.hset(f"{PREFIX}unacked", "celerys", "untouched")
    redis.zadd(f"{PREFIX}unacked_index", {"celerys": 1.0})
    redis.lpush(f"{PREFIX}reports", queued_message("r1"))
    dies, lives = Inbox(at), Inbox(at)
    assert len(dies.take(10)) == 1
    assert redis.hlen(f"{PREFIX}reports.unacked") == 1
    assert collected(lives, 1) == {"r1"}
    lives.close()
    assert redis.hlen(f"{PREFIX}reports.unacked") == 0
    # Celery's own books are swept by Celery, after Celery's own timeout.
    assert redis.hgetall(f"{PREFIX}unacked") == {"celerys": "untouched"}
    dies.acknowledge()
    dies.close()


def test_the_receipts_of_dead_senders_end_by_themselves(
    inbox: Inbox, redis: Redis, own_valkey: ValkeyProcess, spool: Path
) -> None:
    reporter = Reporter(own_valkey.url, PREFIX, spool)
    reporter.report(report(1))
    reporter.close()
    assert collected(inbox, 1) == {"r1"}
    (key,) = redis.scan_iter(f"{PREFIX}receipts:*")
    assert 0 < int(str(redis.ttl(key))) <= 600


def queued_message(name: str) -> str:
    """As an older worker's kombu put it: without a receipt."""
    tag = os.urandom(4).hex()
    properties = {
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": "reports"},
        "priority": 0,
        "delivery_tag": tag,
    }
    body = REPORT.dump_json(Report(name, ReportKind.TAKEN, NodeId("n1"), 1.0)).decode()
    return json.dumps(
        {
            "body": body,
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {},
            "properties": properties,
        }
    )
