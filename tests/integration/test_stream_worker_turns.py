"""A worker follows its shop's day: who is seen at the endpoint, when, and on which connection."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from orchestrator.domain.media import FRAME_MS, UNIT_MS
from orchestrator.domain.schedule import CLOSED
from orchestrator.domain.stream import StreamSpec
from orchestrator.settings import Settings
from tests.support import wallclock
from tests.support.lone_stream import KEY
from tests.support.planned import CALM, NAMES, SWEET, Leg, a_day
from tests.support.processes import eventually
from tests.support.rtmp import Ingest, ingest
from tests.support.stream_worker import Desk, a_stream, desk, some_settings, stream_worker
from tests.support.tinted import seen, stock_day
from tests.support.wallclock import WallClock

EARLY, LATE = 0.1, 2.0
"""Seconds around an edge; a grid unit, the way to the endpoint, and a busy machine."""
OPENS_IN = 6.0
"""A busy machine's worker is to be ready by then."""
FORETASTE_MS = 640
SWEETS, CALMS = NAMES[SWEET], NAMES[CALM]


@pytest.fixture
def config(tmp_path: Path, redis_url: str, redis_prefix: str) -> Settings:
    return some_settings(tmp_path / "home", redis_url, redis_prefix)


@pytest.fixture
def hands(config: Settings) -> Iterator[Desk]:
    with desk(config) as made:
        yield made


def planned(shop: Ingest, begins_at: float, *legs: Leg) -> StreamSpec:
    return a_day(a_stream("suyun-douyin", shop.url, KEY), begins_at, *legs)


def taken(hands: Desk) -> list[dict[str, Any]]:
    return [r["facts"] for r in reversed(hands.reports()) if r["kind"] == "taken"]


def is_on(hands: Desk, spec: StreamSpec, who: str) -> bool:
    """Whether the worker says that it is that double's turn, by that spec."""
    status = hands.status(spec)
    return status is not None and who in status.title and status.spec_digest == spec.digest


def steps(hands: Desk) -> dict[str, str]:
    """The phases that were reported, with their reasons."""
    found = [r["facts"] for r in reversed(hands.reports()) if r["kind"] == "phase"]
    return {facts["phase"]: facts["reason"] for facts in found}


@dataclass(frozen=True)
class Arrivals:
    """Between which moments pictures came to the endpoint, on the wall.

    The stream's times are tied to the clock when the worker has heard the endpoint's answer: not
    before its first packet is there, and not so late that its last ones would have come later.
    """

    first: float
    last: float
    last_ms: int
    """Where the slice begins that came last."""

    def soonest(self, ms: int) -> float:
        """A picture of that time in the stream wasn't there before."""
        return self.first + max(0, ms - FORETASTE_MS) / 1000

    def latest(self, ms: int) -> float:
        """By then it was."""
        return self.last - (self.last_ms - max(ms, FORETASTE_MS)) / 1000


def arrivals(shop: Ingest, ends_ms: int) -> Arrivals:
    """Of all that came on one connection; with the time of its last picture in the stream."""
    first, wall = shop.verdict().first_packet_at, time.time() - time.monotonic()
    assert first is not None
    last = shop.intervals()[-1].end
    return Arrivals(first + wall, last + wall, ends_ms + FRAME_MS - UNIT_MS)


def test_a_day_is_on_air_as_planned_on_one_connection(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log, record = tmp_path / "worker.log", tmp_path / "record"
    with ingest(key=KEY, record=record) as shop, stream_worker(config, (KEY,), log):
        # Given a shop that opens soon, and a day with two doubles and the streamer's own hours
        legs: tuple[Leg, ...] = ((SWEET, 3.0), (CALM, 3.0), (None, 1.0), (SWEET, 4.0))
        stock_day(config.media, planned(shop, 0.0, *legs))
        opens = time.time() + OPENS_IN
        spec = planned(shop, opens, *legs)
        hands.place(spec)
        # When it has been through
        assert hands.reaches(spec, "on_air"), log.read_text()
        status = hands.status(spec)
        assert status is not None
        assert SWEETS in status.title
        assert eventually(lambda: steps(hands).get("ended") == CLOSED, 60), log.read_text()
        # Then everybody was on in their time, and the endpoint saw one connection
        assert shop.waits_for_endings()
        sights = seen(record / "shop-01.flv")
        assert [sight.who for sight in sights] == [SWEETS, CALMS, "human", SWEETS]
        came, ends = arrivals(shop, sights[-1].ends_ms), sights[-1].ends_ms
        changes = [*(sight.begins_ms for sight in sights), ends]
        for change, edge in zip(changes, (0.0, 3.0, 6.0, 7.0, 11.0), strict=True):
            assert came.latest(change) >= opens + edge - EARLY, sights
            assert came.soonest(change) <= opens + edge + LATE, sights
        assert shop.verdict().clean, shop.verdict()
        assert shop.verdict().endings == {"unpublished": 1}
        assert eventually(lambda: taken(hands)[-1]["line"] == "bye/1", 20)
        clips = taken(hands)
        first = {who: next(c["line"] for c in clips if c["persona"] == who) for who in (CALM, "")}
        assert first == {CALM: "over/1", "": "human"}
        assert clips[0]["line"] == "hello/1"
        assert clips[-1]["persona"] == SWEET
        for before, after in pairwise(clips):
            assert after["start_ms"] == before["start_ms"] + before["duration_ms"]
        assert steps(hands)["ready"] == "waits for the shop to open"


def test_another_plan_is_followed_on_the_same_connection(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log, record = tmp_path / "worker.log", tmp_path / "record"
    with ingest(key=KEY, record=record) as shop, stream_worker(config, (KEY,), log):
        # Given a double that is on for long
        now = time.time()
        spec = planned(shop, now, (SWEET, 900.0))
        stock_day(config.media, planned(shop, now, (SWEET, 1.0), (CALM, 1.0)))
        hands.place(spec)
        assert hands.reaches(spec, "on_air"), log.read_text()
        # When another one is to be on, and then the shop is to close
        other = planned(shop, now, (SWEET, 2.0), (CALM, 900.0))
        hands.want(other, 1)
        assert eventually(lambda: is_on(hands, other, CALMS), 30), log.read_text()
        hands.want(planned(shop, now, (CALM, 3.0)), 1)
        assert eventually(lambda: steps(hands).get("ended") == CLOSED, 60), log.read_text()
        # Then that was all one connection
        assert shop.waits_for_endings()
        assert [sight.who for sight in seen(record / "shop-01.flv")] == [SWEETS, CALMS]
        assert shop.verdict().clean, shop.verdict()
        assert eventually(lambda: taken(hands)[-1]["line"] == "bye/1", 20)
        assert next(c["line"] for c in taken(hands) if c["persona"] == CALM) == "over/1"


def test_a_clock_that_jumps_changes_who_is_on_and_nothing_else(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    wallclock.require()
    log, record = tmp_path / "worker.log", tmp_path / "record"
    clock = WallClock(tmp_path / "offset")
    worker = stream_worker(config, (KEY,), log, env=clock.environment)
    with ingest(key=KEY, record=record) as shop, worker:
        spec = planned(shop, time.time(), (SWEET, 600.0), (CALM, 7200.0))
        stock_day(config.media, spec)
        hands.place(spec)
        assert hands.reaches(spec, "on_air"), log.read_text()
        clock.jump(3600)
        assert eventually(lambda: is_on(hands, spec, CALMS), 30), log.read_text()
        hands.want(spec, 1, wanted=False)
        assert hands.reaches(spec, None), log.read_text()
        assert shop.waits_for_endings()
        assert [sight.who for sight in seen(record / "shop-01.flv")] == [SWEETS, CALMS]
        assert shop.verdict().clean, shop.verdict()
