"""The fault rig's arithmetic: off air and twice on air, from arrivals alone."""

from dataclasses import replace

import pytest

from tests.faults.outcome import off_air
from tests.support.arrivals import NEVER, Attempt, Connection, Shore, busiest


def connection(number: int, *moments: float) -> Connection:
    return Connection(number, moments[0], tuple((at, 8) for at in moments))


STEADY = connection(1, 1.0, 1.3, 1.6, 1.9)
SUCCESSOR = connection(2, 3.0, 3.3, 3.6)


def test_connections_one_after_the_other_do_not_overlap() -> None:
    shore = Shore("k", (STEADY, SUCCESSOR))
    assert (shore.overlap_ms(), shore.late_messages()) == (0.0, 0)


def test_one_late_packet_of_the_old_holder_counts_from_its_successors_first() -> None:
    old = connection(1, 1.0, 1.3, 3.5)
    shore = Shore("k", (old, SUCCESSOR))
    assert shore.overlap_ms() == pytest.approx(500)
    assert shore.late_messages() == 8


def test_a_gap_lies_between_the_last_media_of_the_old_and_the_first_of_the_new() -> None:
    shore = Shore("k", (STEADY, SUCCESSOR))
    assert shore.gap_of_change(1.7) == pytest.approx(1.1)
    assert shore.changes(1.7) == 1
    assert shore.back_after(4.0) == NEVER


def test_silence_counts_as_off_air_from_a_second_on_and_until_now() -> None:
    shore = Shore("k", (STEADY, SUCCESSOR))
    assert off_air(shore, 1.0, 3.6) == pytest.approx(1.1)
    assert off_air(shore, 1.0, 6.6) == pytest.approx(1.1 + 3.0)
    assert off_air(shore, 3.1, 3.7) == 0.0
    assert shore.longest_silence(1.0, 3.6) == pytest.approx(1.1)


def test_silence_does_not_count_while_the_one_who_notes_was_away() -> None:
    away = Shore("k", (STEADY, SUCCESSOR), pauses=((0.0, 0.5), (1.95, 2.15), (2.9, 9.0)))
    assert away.silence_seconds(1.9, 3.0) == pytest.approx(0.8)
    assert off_air(away, 1.0, 3.6) == 0.0
    assert off_air(replace(away, pauses=((1.2, 1.9),)), 1.0, 3.6) == pytest.approx(1.1)


def test_nothing_at_all_is_silence_for_the_whole_time() -> None:
    assert off_air(Shore("k"), 5.0, 9.0) == 4.0


def test_tries_and_herds_are_counted() -> None:
    shore = Shore("k", (), tuple(Attempt(at, "busy") for at in (1.0, 2.0, 3.0)))
    assert shore.tries(1.5, 3.0) == 1
    assert busiest([1.0, 1.05, 1.09, 2.0], 0.1) == 3
    assert busiest([], 0.1) == 0
