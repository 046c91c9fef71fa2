"""Clips begin and end in the same room, and going from one to another is inaudible."""

import numpy as np
import pytest

from orchestrator.domain.media import AUDIO_RATE, SAMPLES_PER_UNIT
from workers.render.speech.contract import MouthShape, Speech, TimedShape
from workers.render.speech.room import EDGE, LEVEL_DBFS, in_room, loop, room_tone


def _speech(seconds: float) -> Speech:
    count = round(seconds * AUDIO_RATE)
    samples = np.asarray(np.sin(np.arange(count) * 0.05) * 0.3, dtype=np.float32)
    middle = TimedShape(MouthShape.A, 0.0, count / AUDIO_RATE)
    return Speech(samples, (middle,))


def _db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2)))


@pytest.mark.parametrize("samples", [15_360, 15_360 * 16, 100_000, 3_000])
def test_room_tone_has_the_same_faint_level_everywhere(samples: int) -> None:
    tone = room_tone(samples, seed=3)
    assert len(tone) == samples
    assert _db(tone) == pytest.approx(LEVEL_DBFS, abs=1)
    for part in np.array_split(tone, 4):
        assert _db(part) == pytest.approx(LEVEL_DBFS, abs=2.5)


def test_all_clips_begin_and_end_with_the_same_samples() -> None:
    one, other = room_tone(SAMPLES_PER_UNIT * 9, seed=1), room_tone(SAMPLES_PER_UNIT * 5, seed=2)
    assert np.array_equal(one[:EDGE], other[:EDGE])
    assert np.array_equal(one[-EDGE:], other[-EDGE:])
    assert not np.array_equal(one[20_000:30_000], other[20_000:30_000])


def test_the_end_of_a_clip_goes_on_in_the_start_of_the_next() -> None:
    one, other = room_tone(SAMPLES_PER_UNIT * 4, seed=1), room_tone(SAMPLES_PER_UNIT * 4, seed=2)
    across = np.concatenate([one[-EDGE:], other[:EDGE]])
    assert np.array_equal(across, loop(-EDGE, 2 * EDGE))


def test_the_same_seed_gives_the_same_room() -> None:
    assert np.array_equal(room_tone(60_000, seed=5), room_tone(60_000, seed=5))


@pytest.mark.parametrize("seconds", [0.2, 1.0, 3.33])
def test_speech_in_the_room_fills_the_grid_and_keeps_its_place(seconds: float) -> None:
    speech = _speech(seconds)
    room = in_room(speech, lead=0.24, tail=0.3, seed=1)
    assert len(room.samples) % SAMPLES_PER_UNIT == 0
    rest, said, after = room.shapes
    assert (rest.shape, said.shape, after.shape) == (MouthShape.REST, MouthShape.A, MouthShape.REST)
    assert said.start == pytest.approx(0.24)
    assert after.end == pytest.approx(room.seconds)
    assert after.end - after.start >= 0.3 - 1e-6
    assert _db(room.samples[: round(0.23 * AUDIO_RATE)]) < -60


def test_the_ends_of_speech_are_faded_into_the_room() -> None:
    room = in_room(_speech(1.0), seed=1)
    start = round(0.24 * AUDIO_RATE)
    assert np.abs(np.diff(room.samples[start - 50 : start + 50])).max() < 0.01
