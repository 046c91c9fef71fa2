"""The recorder between a real broker and a real store."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.stream import Phase
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.recorder.run import run as record
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.broker import broker, queue
from orchestrator.wire.courier import ReportSender
from orchestrator.wire.queues import REPORTS
from orchestrator.wire.redis_client import connect
from orchestrator.wire.reports import Reporter
from tests.support.coordinators import running
from tests.support.processes import within
from tests.support.valkey import ValkeyProcess

PATIENCE = 30.0
RECORD = (
    "from orchestrator.recorder.run import main; from orchestrator.settings import settings; "
    "raise SystemExit(main(settings()))"
)


@pytest.fixture
def reporter(settings: Settings) -> Iterator[Reporter]:
    reporter = Reporter(settings.redis, settings.redis_prefix, settings.home / "spool")
    yield reporter
    reporter.close()


@pytest.fixture
def recorder(settings: Settings) -> Iterator[None]:
    with running(record, settings):
        yield


def phase(number: int, what: Phase, token: int = 7) -> Report:
    facts = {"phase": what.value, "reason": ""}
    return Report(
        *(f"r{number}", ReportKind.PHASE, NodeId("n1"), float(number)),
        *(StreamId("a"), FencingToken(token), facts),
    )


def taken(number: int) -> Report:
    return Report(f"t{number}", ReportKind.TAKEN, NodeId("n1"), float(number))


def count(store: Store) -> int:
    return len(store.reporting.latest(ReportKind.TAKEN, limit=10_000))


def test_reports_reach_the_store_and_phases_are_observed(
    recorder: None, reporter: Reporter, store: Store
) -> None:
    reporter.report(phase(1, Phase.PREPARING))
    reporter.report(phase(2, Phase.ON_AIR))
    reporter.report(phase(3, Phase.ENDED, token=6))  # a run of an older placement
    within(PATIENCE, lambda: len(store.reporting.latest(ReportKind.PHASE)) == 3)
    (seen,) = store.observations()
    assert (seen.phase, seen.token) == (Phase.ON_AIR, 7)


def test_what_cannot_be_read_does_not_stop_the_rest(
    recorder: None, reporter: Reporter, store: Store, settings: Settings
) -> None:
    sender = ReportSender(broker(settings.redis, settings.redis_prefix))
    sender.send(b'{"report": 5')
    sender.close()
    reporter.report(taken(1))
    within(PATIENCE, lambda: count(store) == 1)


def test_what_no_store_can_hold_does_not_stop_the_rest(
    recorder: None, reporter: Reporter, store: Store
) -> None:
    reporter.report(phase(1, Phase.ON_AIR, token=2**70))
    reporter.report(taken(1))
    within(PATIENCE, lambda: count(store) == 1)
    within(PATIENCE, lambda: reporter.waiting.reports == 0)  # and nobody sends it for ever
    assert store.reporting.latest(ReportKind.PHASE) == ()


def test_the_recorder_outlives_an_outage_of_the_broker(
    recorder: None, reporter: Reporter, store: Store, own_valkey: ValkeyProcess
) -> None:
    reporter.report(taken(1))
    within(PATIENCE, lambda: count(store) == 1)
    own_valkey.restart()
    reporter.report(taken(2))
    within(PATIENCE, lambda: count(store) == 2)


ROUNDS, OF_EACH = 3, 400
"""How often a recorder is ended, and how many reports more there are each time."""


def test_a_recorder_that_is_ended_and_started_again_loses_and_doubles_nothing(
    reporter: Reporter, store: Store, settings: Settings
) -> None:
    environment = {
        "DOPPELCAST_HOME": str(settings.home),
        "DOPPELCAST_REDIS_URL": settings.redis,
    }
    redis = connect(settings.redis)
    for last in range(ROUNDS):
        for number in range(OF_EACH):
            reporter.report(taken(last * OF_EACH + number))
        before = count(store)
        with subprocess.Popen([sys.executable, "-c", RECORD], env=environment) as process:
            within(PATIENCE, lambda before=before: count(store) > before)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
    with running(record, settings):
        within(PATIENCE, lambda: count(store) == ROUNDS * OF_EACH)
        within(PATIENCE, lambda: reporter.waiting.reports == 0)
        within(PATIENCE, lambda: redis.llen(f"{settings.redis_prefix}{REPORTS}") == 0)
    redis.close()
    with broker(settings.redis, settings.redis_prefix).connection() as connection:
        assert queue(REPORTS)(connection.channel()).get() is None
