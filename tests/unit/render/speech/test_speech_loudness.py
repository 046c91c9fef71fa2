"""Takes of any level come out at -16 LUFS with their peaks below the ceiling."""

import numpy as np
import pytest

from workers.render.speech import loudness
from workers.render.speech.contract import Samples

RATE = 48_000


def _syllables(seconds: float, level: float, crest: float = 1.0) -> Samples:
    """Noise that comes and goes four times a second, with peaks that stand out."""
    random = np.random.default_rng(7)
    count = round(seconds * RATE)
    noise = random.standard_normal(count) * (
        0.55 + 0.45 * np.sin(np.arange(count) * 8 * np.pi / RATE)
    )
    noise[:: RATE // 20] *= crest
    return np.asarray(noise * level, dtype=np.float32)


@pytest.mark.parametrize("level", [0.003, 0.05, 0.3])
@pytest.mark.parametrize("seconds", [0.2, 0.39, 1.0, 4.0])
def test_any_take_comes_to_the_target(level: float, seconds: float) -> None:
    leveled = loudness.leveled(_syllables(seconds, level))
    assert loudness.loudness(leveled) == pytest.approx(-16, abs=0.5)


def test_peaks_stay_below_the_ceiling_between_samples_too() -> None:
    leveled = loudness.leveled(_syllables(3.0, 0.1, crest=4.0))
    assert loudness.true_peak_db(leveled) <= -1.0


def test_what_has_no_high_peaks_is_only_made_louder() -> None:
    take = _syllables(2.0, 0.01)
    leveled = loudness.leveled(take)
    if loudness.true_peak_db(leveled) < -1.2:
        assert np.ptp(leveled[take != 0] / take[take != 0]) < 1e-3


def test_a_peak_lowers_only_what_is_within_thirteen_milliseconds_of_it() -> None:
    take = np.asarray(np.sin(np.arange(RATE) * 0.05) * 0.5, dtype=np.float32)
    take[RATE // 2] = 1.6
    limited = loudness.limited(take)
    far = np.abs(np.arange(RATE) - RATE // 2) > RATE * 13 // 1000
    assert np.array_equal(limited[far], take[far])
    assert loudness.true_peak_db(limited) <= -1.0


def test_silence_stays_silence() -> None:
    silence = np.zeros(RATE, dtype=np.float32)
    assert not loudness.leveled(silence).any()


def test_two_channels_are_as_loud_as_one() -> None:
    take = loudness.leveled(_syllables(2.0, 0.1))
    power = np.sum(loudness.stereo(take).astype(np.float64) ** 2, axis=1)
    assert np.mean(power) == pytest.approx(np.mean(take.astype(np.float64) ** 2), rel=1e-5)
