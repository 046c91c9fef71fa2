"""Reports on their way: never in the worker's way, never lost, through outages of the broker."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.ids import NodeId
from orchestrator.recorder.inbox import Inbox
from orchestrator.wire.broker import broker
from orchestrator.wire.messages import REPORT
from orchestrator.wire.reports import Reporter
from orchestrator.wire.spool import Spool
from tests.support.valkey import ValkeyProcess

PREFIX = "dc:"


def report(number: int) -> Report:
    return Report(f"r{number}", ReportKind.TAKEN, NodeId("n1"), 1.0, facts={"line": "云朵被/1"})


def within(seconds: float, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def inbox(own_valkey: ValkeyProcess) -> Iterator[Inbox]:
    inbox = Inbox(broker(own_valkey.url, PREFIX, socket_timeout=2.0))
    yield inbox
    inbox.close()


@pytest.fixture
def reporter(own_valkey: ValkeyProcess, tmp_path: Path) -> Iterator[Reporter]:
    reporter = Reporter(own_valkey.url, PREFIX, tmp_path / "spool")
    yield reporter
    reporter.close()


def received(inbox: Inbox) -> set[str]:
    reports = [REPORT.validate_json(body) for body in inbox.take(1000)]
    inbox.acknowledge()
    return {r.report for r in reports}


def collected(inbox: Inbox, count: int, seconds: float = 15.0) -> set[str]:
    found: set[str] = set()

    def all_there() -> bool:
        found.update(received(inbox))
        return len(found) >= count

    within(seconds, all_there)
    return found


def test_a_report_arrives_as_it_was(reporter: Reporter, inbox: Inbox) -> None:
    reporter.report(report(1))
    bodies: list[bytes] = []
    within(5, lambda: bool(bodies.extend(inbox.take(10)) or bodies))
    assert REPORT.validate_json(bodies[0]) == report(1)


def test_what_was_taken_but_not_acknowledged_goes_back(reporter: Reporter, inbox: Inbox) -> None:
    reporter.report(report(1))
    within(5, lambda: len(inbox.take(10)) == 1)
    inbox.close()
    assert collected(inbox, 1) == {"r1"}
    assert inbox.take(10) == []


def test_reports_of_an_outage_are_spooled_and_sent_later(
    reporter: Reporter, inbox: Inbox, own_valkey: ValkeyProcess, tmp_path: Path
) -> None:
    reporter.report(report(0))
    assert collected(inbox, 1) == {"r0"}
    own_valkey.kill()
    began = time.monotonic()
    for number in range(1, 101):
        reporter.report(report(number))
    assert time.monotonic() - began < 0.5
    within(5, lambda: Spool(tmp_path / "spool").size() > 0)
    own_valkey.start()
    assert collected(inbox, 100) == {f"r{n}" for n in range(1, 101)}
    within(5, lambda: Spool(tmp_path / "spool").size() == 0)


def test_a_frozen_broker_delays_nobody(
    reporter: Reporter, inbox: Inbox, own_valkey: ValkeyProcess
) -> None:
    reporter.report(report(0))
    assert collected(inbox, 1) == {"r0"}
    own_valkey.freeze()
    began = time.monotonic()
    for number in range(1, 51):
        reporter.report(report(number))
    assert time.monotonic() - began < 0.5
    time.sleep(3)
    own_valkey.thaw()
    assert collected(inbox, 50) >= {f"r{n}" for n in range(1, 51)}


def test_what_a_process_left_behind_is_sent_by_the_next(
    own_valkey: ValkeyProcess, inbox: Inbox, tmp_path: Path
) -> None:
    own_valkey.kill()
    first = Reporter(own_valkey.url, PREFIX, tmp_path / "spool")
    first.report(report(1))
    first.close()
    assert Spool(tmp_path / "spool").size() > 0
    own_valkey.start()
    second = Reporter(own_valkey.url, PREFIX, tmp_path / "spool")
    second.report(report(2))
    assert collected(inbox, 2) == {"r1", "r2"}
    second.close()


def test_a_full_spool_refuses_and_the_reporter_counts(tmp_path: Path) -> None:
    spool = Spool(tmp_path, limit_bytes=10)
    assert spool.keep([b"x" * 20])
    assert not spool.keep([b"y"])
    spool.close()


def test_another_process_file_is_left_alone_while_it_lives(tmp_path: Path) -> None:
    living, other = Spool(tmp_path), Spool(tmp_path)
    living.keep([b"mine"])
    sent: list[bytes] = []
    assert other.drain(sent.append) == 0
    living.close()
    assert other.drain(sent.append) == 1
    assert sent == [b"mine"]


def test_draining_that_stops_in_the_middle_begins_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.keep([b"1", b"2", b"3"])
    sent: list[bytes] = []

    def fails_at_two(line: bytes) -> None:
        if line == b"2" and sent.count(b"1") < 2:
            raise ConnectionResetError
        sent.append(line)

    with pytest.raises(ConnectionResetError):
        spool.drain(fails_at_two)
    assert spool.drain(fails_at_two) == 3
    assert sent == [b"1", b"1", b"2", b"3"]


def test_a_torn_line_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "dead.jsonl").write_bytes(b"whole\nto")
    sent: list[bytes] = []
    assert Spool(tmp_path).drain(sent.append) == 1
    assert sent == [b"whole"]
