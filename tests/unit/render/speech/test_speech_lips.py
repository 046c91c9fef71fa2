"""Phonemes and their lengths become a mouth that closes, opens and rests at the right times."""

import itertools

import numpy as np
import pytest

from workers.render.speech import lips
from workers.render.speech.contract import MouthShape, TimedShape

RATE = 24_000
FRAME = 600


def _lengths(*frames: int) -> np.ndarray:
    return np.array(frames, dtype=np.int64) * FRAME


def _names(timed: list[TimedShape]) -> list[str]:
    return [t.shape.value for t in timed]


def test_each_syllable_shows_its_consonant_and_its_vowel() -> None:
    timed = lips.shapes("ma→fu↘", _lengths(9, 3, 3, 1, 3, 3, 2, 4), RATE)
    assert _names(timed) == ["rest", "closed", "a", "f", "u", "rest"]


def test_the_throat_has_no_shape_and_takes_the_vowel_that_follows() -> None:
    timed = lips.shapes("kʰu", _lengths(9, 2, 2, 4, 1), RATE)
    assert _names(timed) == ["rest", "u", "rest"]


def test_an_aspirated_p_opens_with_its_breath() -> None:
    timed = lips.shapes("pʰa", _lengths(9, 3, 2, 3, 1), RATE)
    assert timed[1].shape is MouthShape.CLOSED
    assert timed[1].end - timed[1].start == pytest.approx(3 * 0.025)


def test_shapes_follow_one_another_without_a_gap() -> None:
    timed = lips.shapes("ni↓ xau↓.", _lengths(9, 2, 3, 3, 1, 2, 3, 4, 9, 6, 1), RATE)
    assert timed[0].start == 0
    assert all(a.end == b.start for a, b in itertools.pairwise(timed))
    assert abs(timed[-1].end - 43 * 0.025) < 1e-9


def test_shapes_come_as_much_earlier_as_the_sound_does() -> None:
    rest, closed, *_ = lips.shapes("pa", _lengths(9, 3, 3, 1), RATE)
    assert rest.end == pytest.approx(9 * 0.025 - lips.SOUND_LEADS)
    assert closed.end == pytest.approx(12 * 0.025 - lips.SOUND_LEADS)


def test_a_closure_is_widened_until_a_frame_of_video_must_show_it() -> None:
    timed = [
        TimedShape(MouthShape.A, 0, 0.5),
        TimedShape(MouthShape.CLOSED, 0.5, 0.525),
        TimedShape(MouthShape.I, 0.525, 1),
    ]
    closed = next(t for t in lips.put_right(timed, []) if t.shape is MouthShape.CLOSED)
    assert closed.end - closed.start >= 0.06 - 1e-9
    assert closed.start < 0.5 < closed.end


def test_the_mouth_rests_where_it_is_silent() -> None:
    timed = [TimedShape(MouthShape.A, 0, 1), TimedShape(MouthShape.I, 1, 2)]
    assert _names(lips.put_right(timed, [(0.8, 1.2)])) == ["a", "rest", "i"]


def test_lips_are_pressed_before_they_burst_even_in_silence() -> None:
    timed = [
        TimedShape(MouthShape.A, 0, 1),
        TimedShape(MouthShape.CLOSED, 1.0, 1.1),
        TimedShape(MouthShape.I, 1.1, 2),
    ]
    assert _names(lips.put_right(timed, [(0.8, 1.09)])) == ["a", "rest", "closed", "i"]


def test_a_pause_is_found_and_a_stop_consonant_is_not() -> None:
    sound = np.sin(np.arange(2 * RATE) * 0.1).astype(np.float32)
    sound[RATE // 2 : RATE // 2 + RATE // 20] = 0  # 50 ms: a stop
    sound[RATE : RATE + RATE * 3 // 10] = 0  # 300 ms: a pause
    ((start, end),) = lips.silences(sound, RATE)
    assert abs(start - 1.0) < 0.02
    assert abs(end - 1.3) < 0.02


def test_every_shape_can_be_made_by_some_phoneme_but_rest() -> None:
    assert set(lips.SHAPES) | {MouthShape.REST} == set(MouthShape)
    assert len(lips.SHAPE_OF) == sum(len(p) for p in lips.SHAPES.values())
