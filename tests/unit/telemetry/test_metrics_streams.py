"""What a stream worker shows of a run, and what a run counts."""

import pytest

from orchestrator.domain.stream import Phase
from orchestrator.errors import (
    BroadcastError,
    EndpointClosed,
    EndpointDropped,
    EndpointEnded,
    EndpointReplaced,
    EndpointUnreachable,
    EndpointWedged,
    FFmpegFailed,
    RenderFailed,
)
from orchestrator.ids import FencingToken, StreamId
from tests.support.streams import a_spec
from tests.unit.stream.hands import HandClock
from workers.stream.figures import Elapsed, Figures, reason_of
from workers.stream.metrics import of_a_stream, speakers
from workers.stream.standing import Standing

LABELS = ("suyun-douyin", "suyun", "douyin", "n1")


def a_run(token: int = 7, clock: HandClock | None = None) -> Standing:
    run = Standing(StreamId("suyun-douyin"), FencingToken(token), clock or HandClock())
    run.know(a_spec())
    return run


def shown(run: Standing, clock: HandClock) -> dict[tuple[str, tuple[str, ...]], float]:
    readings = of_a_stream(run, "n1", clock.monotonic())
    return {(one.metric.name, one.labels): one.value for one in readings}


def test_a_run_that_is_on_air_is_shown_with_what_it_has_counted() -> None:
    clock = HandClock()
    run = a_run(clock=clock)
    for phase in (Phase.PREPARING, Phase.CONNECTING):
        run.move(phase)
        clock.advance(3.0)
    run.move(Phase.ON_AIR)
    run.figures.took("line", stands_in=False)
    run.figures.took("idle", stands_in=True)
    run.figures.progressed(5000, clock.wall())
    run.count(8, 6000)
    clock.advance(10.0)
    found = shown(run, clock)
    assert {name for name, labels in found if labels[:4] != LABELS} == set()
    assert found["stream_on_air", LABELS] == 1.0
    assert found["stream_token", LABELS] == 7.0
    assert found["stream_on_air_seconds", LABELS] == 10.0
    assert found["stream_off_air_seconds", LABELS] == 3.0
    assert found["stream_acknowledged_bytes", LABELS] == 5000.0
    assert found["stream_last_progress_timestamp_seconds", LABELS] == clock.wall() - 10
    assert found["stream_takes", (*LABELS, "line")] == 1.0
    assert found["stream_clip_misses", LABELS] == 1.0


def test_counters_are_there_from_the_first_scrape_on() -> None:
    """A counter that begins with its first event hides that event from `increase`."""
    clock = HandClock()
    found = {name for name, _ in shown(a_run(clock=clock), clock)}
    assert {"stream_stalls", "stream_connects", "stream_clip_misses"} <= found
    assert "stream_last_progress_timestamp_seconds" not in found


def test_of_two_runs_the_one_on_air_speaks_and_else_the_newer() -> None:
    older, newer = a_run(7), a_run(8)
    assert [run.token for run in speakers([newer, older])] == [8]
    for phase in (Phase.PREPARING, Phase.CONNECTING, Phase.ON_AIR):
        older.move(phase)
    assert [run.token for run in speakers([newer, older])] == [7]


def test_a_run_that_does_not_know_its_stream_yet_is_not_shown() -> None:
    unknown = Standing(StreamId("s"), FencingToken(1), HandClock())
    assert speakers([unknown]) == []


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (EndpointDropped, "dropped"),
        (EndpointEnded, "ended"),
        (EndpointReplaced, "replaced"),
        (EndpointClosed, "closed"),
        (EndpointUnreachable, "unreachable"),
        (EndpointWedged, "stalled"),
        (FFmpegFailed, "ffmpeg"),
        (RenderFailed, "other"),
    ],
)
def test_the_end_of_a_connection_is_counted_by_its_narrowest_reason(
    error: type[BroadcastError], word: str
) -> None:
    assert reason_of(error("so")) == word


def test_what_was_acknowledged_never_shrinks() -> None:
    figures = Figures()
    figures.progressed(100, 1.0)
    figures.progressed(40, 2.0)
    assert (figures.acknowledged, figures.progress_at) == (100, 1.0)


def test_time_passes_only_while_it_is_so() -> None:
    elapsed = Elapsed()
    assert elapsed.seconds(5.0) == 0.0
    elapsed.switch(True, 10.0)
    elapsed.switch(True, 12.0)
    assert elapsed.seconds(15.0) == 5.0
    elapsed.switch(False, 20.0)
    assert elapsed.seconds(99.0) == 10.0
