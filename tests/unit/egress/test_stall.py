"""Who holds a stream up, by what the kernel says, and who is not to be blamed."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.process.kernel_acks import Acks
from workers.stream.egress.stall import (
    FROZEN_SECONDS,
    SHUT_SECONDS,
    SILENT_SECONDS,
    UNREAD_SECONDS,
    Culprit,
    Stall,
    Watch,
    stalled,
    watched,
)

EVERY = 0.25
RATE = 40_000
"""Bytes a second."""
ROOM = 120_000

Look = tuple[float, Acks, int]


def look(
    at: float, acked: float, waiting: int = 0, flying: int = 0, room: int | None = ROOM
) -> Look:
    """What is seen at a moment at which all that was sent by then has been taken by ffmpeg."""
    return at, Acks(int(acked), waiting, flying, room), int(RATE * at)


def first_stall(looks: Iterable[Look]) -> tuple[float, Stall] | None:
    watch: Watch | None = None
    for now, acks, sent in looks:
        watch = watched(watch, acks, sent, now)
        if stall := stalled(watch, now):
            return now, stall
    return None


def moments(seconds: float, begin: float = 0.0) -> list[float]:
    return [begin + n * EVERY for n in range(int(seconds / EVERY) + 1)]


def test_a_stream_that_is_taken_and_read_stalls_for_nobody() -> None:
    assert first_stall(look(t, RATE * t, 900, 2) for t in moments(60)) is None


def test_a_server_that_stops_reading_is_noticed_long_before_its_buffer_is_full() -> None:
    reading = [look(t, RATE * t, room=6_000_000) for t in moments(3)]
    not_reading = [
        look(t, RATE * t, room=6_000_000 - int(RATE * (t - 3))) for t in moments(10, begin=3.25)
    ]
    found = first_stall(reading + not_reading)
    assert found is not None
    at, stall = found
    assert stall.culprit is Culprit.ENDPOINT
    assert "hasn't read" in stall.words
    assert UNREAD_SECONDS <= at - 3 <= UNREAD_SECONDS + 2 * EVERY


def test_a_server_whose_buffer_is_full_is_noticed() -> None:
    looks = [look(t, 5000, 90_000, 1, room=0) for t in moments(5)]
    found = first_stall(looks)
    assert found is not None
    assert found[0] == pytest.approx(SHUT_SECONDS, abs=EVERY)
    assert found[1].culprit is Culprit.ENDPOINT


def test_a_window_that_is_shut_is_seen_without_its_size_too() -> None:
    found = first_stall(look(t, 5000, 90_000, 0, room=None) for t in moments(5))
    assert found is not None
    assert found[0] == pytest.approx(SHUT_SECONDS, abs=EVERY)


def test_a_line_that_loses_everything_for_a_second_is_forgiven() -> None:
    """Lost from 5.0 to 6.0 s; TCP's repeats bring the first acknowledgement at 7.5 s at worst."""
    before = [look(t, RATE * t) for t in moments(5)]
    dark = [look(t, RATE * 5, int(RATE * (t - 5)), 4) for t in moments(2, begin=5.25)]
    after = [look(t, RATE * t) for t in moments(5, begin=7.5)]
    assert first_stall(before + dark + after) is None


def test_a_line_that_stays_dark_is_noticed() -> None:
    before = [look(t, RATE * t) for t in moments(5)]
    dark = [look(t, RATE * 5, int(RATE * (t - 5)), 4) for t in moments(5, begin=5.25)]
    found = first_stall(before + dark)
    assert found is not None
    assert found[1].culprit is Culprit.LINE
    assert SILENT_SECONDS <= found[0] - 5 <= SILENT_SECONDS + 2 * EVERY


def test_an_ffmpeg_that_passes_nothing_on_is_to_blame_itself() -> None:
    before = [look(t, RATE * t) for t in moments(5)]
    frozen = [look(t, RATE * 5) for t in moments(5, begin=5.25)]
    found = first_stall(before + frozen)
    assert found is not None
    assert found[1].culprit is Culprit.FFMPEG
    assert found[0] - 5 <= FROZEN_SECONDS + 2 * EVERY


def test_a_stream_with_nothing_to_send_stalls_for_nobody() -> None:
    before = [look(t, RATE * t) for t in moments(5)]
    silent = [(t, Acks(RATE * 5, 0, 0, ROOM), RATE * 5) for t in moments(20, 5.25)]
    assert first_stall(before + silent) is None


def test_whoever_slept_himself_blames_nobody_after_waking() -> None:
    """Between the looks at 5 s and 25 s this process was frozen; it has just sent again."""
    before = [look(t, RATE * t) for t in moments(5)]
    awake = [(25.0, Acks(RATE * 5, 3000, 1, ROOM - 3000), RATE * 5 + 3000)]
    after = [(t, Acks(int(RATE * (t - 20)), 0, 0, ROOM), 0) for t in moments(5, 25.25)]
    assert first_stall(before + awake + after) is None


def test_room_that_is_told_in_large_steps_doesn_t_mislead() -> None:
    """A reader at 20 kB/s whose window moves by 16 KiB at a time, up and down."""
    looks = [
        look(t, 20_000 * t, room=ROOM - 16_384 * (n % 8 > 3)) for n, t in enumerate(moments(30))
    ]
    assert first_stall(looks) is None


@given(
    st.integers(5_000, 1_000_000),
    st.lists(st.floats(0.0, 0.9), min_size=20, max_size=120),
    st.integers(50_000, 6_000_000),
)
def test_a_server_that_never_leaves_a_second_unread_is_never_blamed(
    rate: int, unread_seconds: list[float], room: int
) -> None:
    """Whatever it leaves in its buffer between two looks, as long as that is less than a second."""
    looks = []
    for n, seconds in enumerate(unread_seconds):
        at = n * EVERY
        unread = min(room, int(rate * min(seconds, at)))
        looks.append((at, Acks(int(rate * at), 0, 0, room - unread), int(rate * at)))
    assert first_stall(looks) is None
