"""Where a run stands, and the line that people read."""

from dataclasses import replace

import pytest

from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.ids import FencingToken, StreamId
from tests.unit.stream.hands import HandClock
from workers.stream.standing import Reading, Standing, rates, status_line

STATUS = StreamStatus(
    stream=StreamId("suyun-douyin"),
    token=FencingToken(7),
    phase=Phase.ON_AIR,
    spec_digest="d",
    since=0.0,
    title="林娜·甜美 → 素云家纺@douyin",
    on_air_seconds=760.4,
    fps=25.0,
    kbps=2420.0,
)


def a_standing() -> Standing:
    return Standing(StreamId("suyun-douyin"), FencingToken(7), HandClock())


def on_air() -> Standing:
    standing = a_standing()
    for phase in (Phase.PREPARING, Phase.CONNECTING, Phase.ON_AIR):
        assert standing.move(phase)
    return standing


def test_the_row_reads_like_a_monitor() -> None:
    assert status_line(STATUS) == (
        "ON AIR 00:12:40 · 25.0 fps · 2.4 Mb/s · 林娜·甜美 → 素云家纺@douyin · restarts 0"
    )


def test_a_stream_that_is_off_air_says_why() -> None:
    line = status_line(replace(STATUS, phase=Phase.OFF_AIR, reason="The ingest can't be reached."))
    assert line.startswith("OFF AIR 00:12:40 · 林娜")
    assert line.endswith("The ingest can't be reached.")


def test_phases_move_through_the_one_door() -> None:
    standing = a_standing()
    assert not standing.move(Phase.ON_AIR)
    assert standing.phase is Phase.PLANNED


def test_seconds_on_air_are_counted_over_all_connections() -> None:
    standing = on_air()
    clock = standing.clock
    assert isinstance(clock, HandClock)
    clock.advance(10)
    standing.move(Phase.OFF_AIR, "cut")
    clock.advance(100)
    standing.move(Phase.CONNECTING)
    standing.move(Phase.ON_AIR)
    clock.advance(5)
    assert standing.on_air_seconds == pytest.approx(15)


def test_restarts_are_connections_after_the_first() -> None:
    standing = on_air()
    standing.connects = 3
    assert standing.status().restarts == 2


def test_rates_are_taken_over_the_last_readings() -> None:
    standing = on_air()
    clock = standing.clock
    assert isinstance(clock, HandClock)
    for _ in range(30):
        standing.status()
        clock.advance(1)
        standing.count(frames=25, sent=300_000)
    status = standing.status()
    assert status.fps == 25.0
    assert status.kbps == pytest.approx(2400)


def test_a_slice_more_or_less_in_the_window_is_no_change_of_rate() -> None:
    assert rates(Reading(0.0, 0, 0), Reading(9.9, 248, 0))[0] == 25
    assert rates(Reading(0.0, 0, 0), Reading(10.0, 100, 0))[0] == 10


def test_nothing_flows_off_air() -> None:
    standing = on_air()
    standing.status()
    standing.move(Phase.OFF_AIR)
    assert (standing.status().fps, standing.status().kbps) == (0.0, 0.0)
