"""Every step and every alarm of a run is told, once, with its reason."""

import logging

import pytest

from orchestrator.domain.evidence import Report
from orchestrator.domain.stream import Phase
from orchestrator.ids import FencingToken, StreamId
from tests.unit.stream.hands import HandClock
from workers.stream.course import Course
from workers.stream.standing import Standing
from workers.stream.trace import Trace


class Pigeonhole:
    """Keeps what is reported."""

    def __init__(self) -> None:
        self.reports: list[Report] = []

    def report(self, report: Report) -> None:
        self.reports.append(report)


class Voyage:
    """A course, and who hears of it."""

    def __init__(self) -> None:
        self.kept, self.told = Pigeonhole(), 0
        clock = HandClock()
        self.standing = Standing(StreamId("suyun-douyin"), FencingToken(7), clock)
        trace = Trace(self.kept, self.standing, "node-1/b/suyun-douyin/7", clock)  # type: ignore[arg-type]
        self.course = Course(self.standing, trace, self.tell)

    def tell(self) -> None:
        self.told += 1

    @property
    def facts(self) -> list[dict[str, object]]:
        return [dict(report.facts) for report in self.kept.reports]


def test_a_step_reaches_status_recorder_and_heartbeat() -> None:
    voyage = Voyage()
    voyage.course.move(Phase.PREPARING, "the stream is placed here")
    assert voyage.facts == [
        {"phase": "preparing", "reason": "the stream is placed here", "permanent": 0}
    ]
    assert voyage.standing.status().reason == "the stream is placed here"
    assert voyage.told == 1


def test_what_is_no_step_is_told_to_nobody() -> None:
    voyage = Voyage()
    voyage.course.move(Phase.ON_AIR, "too soon")
    assert (voyage.facts, voyage.told) == ([], 0)


def test_an_alarm_is_raised_once_and_ended_once(caplog: pytest.LogCaptureFixture) -> None:
    voyage = Voyage()
    with caplog.at_level(logging.INFO):
        for words in ("", "look there", "look there", "", ""):
            voyage.course.alarm(words)
    assert voyage.facts == [{"alarm": "look there"}, {"alarm": ""}]
    assert voyage.told == 2
    raised = [r for r in caplog.records if getattr(r, "action", "") == "alarm"]
    assert [r.levelno for r in raised] == [logging.ERROR]


def test_an_alarm_stands_in_the_status_while_it_lasts() -> None:
    voyage = Voyage()
    voyage.course.alarm("look there")
    assert voyage.standing.status().alarm == "look there"
    voyage.course.alarm("")
    assert voyage.standing.status().alarm == ""
