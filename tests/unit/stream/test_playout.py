"""Stepping along the grid: times without a gap, no drift, no hurry after a standstill."""

from itertools import pairwise

import pytest

from tests.unit.stream.clips import a_clip
from workers.media.flv_tags import HEADER, walk
from workers.stream.playout import (
    BEHIND_SECONDS,
    LEAD_SECONDS,
    SLICE_MS,
    Anchor,
    pieces,
)


def times(data: bytes, kind: int) -> list[int]:
    return [tag.ms for tag in walk(data, 0) if tag.kind == kind]


def test_a_clip_leaves_whole_and_in_slices_of_a_grid_unit() -> None:
    clip = a_clip(units=5)
    parts = list(pieces(clip, base_ms=640))
    assert [part.starts_at for part in parts] == [640 + n * SLICE_MS for n in range(5)]
    assert sum(part.frames for part in parts) == clip.frames
    assert sum(len(part.data()) for part in parts) == len(clip.body)


def test_of_a_clip_that_only_fills_the_time_no_more_leaves_than_is_wanted() -> None:
    clip = a_clip(units=5)
    assert [part.end_ms for part in pieces(clip, 0, 2 * SLICE_MS)] == [SLICE_MS, 2 * SLICE_MS]
    assert len(list(pieces(clip, 0, 9 * SLICE_MS))) == 5


@pytest.mark.parametrize(("kind", "steps"), [(9, {40}), (8, {21, 22})])
def test_times_go_on_evenly_across_joins(kind: int, steps: set[int]) -> None:
    found, base = [], 0
    for units in (3, 1, 7, 2) * 5:
        most = min(units, 4) * SLICE_MS
        for piece in pieces(a_clip(units), base, most):
            found += times(piece.data(), kind)
        base += most
    assert {b - a for a, b in pairwise(found)} == steps
    assert found[0] == 0


def test_slices_of_one_clip_hold_only_what_is_due_in_them() -> None:
    for piece in pieces(a_clip(units=4), base_ms=320):
        found = times(piece.data(), 9) + times(piece.data(), 8)
        assert min(found) >= piece.starts_at
        assert max(found) < piece.starts_at + SLICE_MS


def test_a_slice_is_due_by_its_place_alone_however_many_came_before() -> None:
    anchor = Anchor(zero=1000.0)
    days = 3 * 24 * 3600
    assert anchor.due(days * 1000) == 1000.0 + days - LEAD_SECONDS


def test_being_a_little_late_is_made_up_for() -> None:
    anchor = Anchor(zero=1000.0)
    assert anchor.caught_up(10_000, anchor.due(10_000) + BEHIND_SECONDS * 0.9) is anchor


def test_a_process_that_stood_still_goes_on_from_now_and_says_for_how_long() -> None:
    anchor = Anchor(zero=1000.0)
    now = anchor.due(10_000) + 30.0
    moved = anchor.caught_up(10_000, now)
    assert moved.due(10_000) == pytest.approx(now)
    assert moved.due(10_320) == pytest.approx(now + 0.32)
    assert moved.lost == pytest.approx(30.0)


def test_the_test_clip_is_a_clip() -> None:
    assert a_clip(2).metadata["duration"] == pytest.approx(0.64)
    assert HEADER.startswith(b"FLV")
