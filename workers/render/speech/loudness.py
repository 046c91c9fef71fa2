"""Every voice equally loud: -16 LUFS by ITU-R BS.1770, no true peak above -1 dBTP.

Gain is one number for the whole take, so nothing pumps. The few peaks that would pass the ceiling
are rounded off by a limiter that sees them coming: its gain falls within 6 ms before a peak and
rises within 6 ms after it, too short to be heard as a change of loudness.

Loudness is that of one channel. The same take on two channels at full level is 3 dB louder; use
`stereo`, or a converter that keeps the power (ffmpeg's does), wherever a second channel is made.
"""

import warnings

import numpy as np
import pyloudnorm
import soxr
from numpy.typing import NDArray

from orchestrator.domain.media import AUDIO_RATE
from workers.render.speech.contract import Samples

TARGET_LUFS = -16.0
CEILING_DBTP = -1.0
_MARGIN_DB = 0.15
"""What a true peak can hide between four-fold oversampled points."""
_BLOCK = AUDIO_RATE // 1000
_OVERSAMPLING = 4
_REACH = 6
_ROUNDS = 3
_SHORTEST = 0.8
"""Seconds that are measured at least; the standard's blocks are 0.4 s."""


def loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS; minus infinity for silence.

    A take shorter than the standard's blocks is measured as if it went on: repeated end to end.
    """
    if not len(samples):
        return float("-inf")
    repeats = -(-round(_SHORTEST * AUDIO_RATE) // len(samples))
    meter = pyloudnorm.Meter(AUDIO_RATE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # silence has no logarithm
        return float(meter.integrated_loudness(np.tile(samples, repeats).astype(np.float64)))


def leveled(samples: Samples, target: float = TARGET_LUFS) -> Samples:
    """The take at the target loudness, peaks below the ceiling; silence stays silence."""
    gain_db = 0.0
    result = samples
    for _ in range(_ROUNDS):
        now = loudness(result)
        if not np.isfinite(now):
            return samples
        if abs(target - now) < 0.1 and gain_db:
            break
        gain_db += target - now
        result = limited(samples * np.float32(10 ** (gain_db / 20)))
    return result


def limited(samples: Samples, ceiling_db: float = CEILING_DBTP) -> Samples:
    """The take with its true peaks below the ceiling."""
    ceiling = 10 ** ((ceiling_db - _MARGIN_DB) / 20)
    peaks = block_peaks(samples)
    if not len(peaks) or peaks.max() <= ceiling:
        return samples
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    padded = np.pad(needed, _REACH, constant_values=1.0)
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * _REACH + 1).min(axis=1)
    shape = np.hanning(2 * _REACH + 1)
    smooth = np.convolve(np.pad(lowest, _REACH, mode="edge"), shape / shape.sum(), mode="valid")
    centers = (np.arange(len(smooth)) + 0.5) * _BLOCK
    gain = np.interp(np.arange(len(samples)), centers, smooth)
    return np.asarray(samples * gain, dtype=np.float32)


def true_peak_db(samples: Samples) -> float:
    """The highest true peak in dBTP."""
    peaks = block_peaks(samples)
    return float(20 * np.log10(max(peaks.max(), 1e-9))) if len(peaks) else float("-inf")


def block_peaks(samples: Samples) -> NDArray[np.float64]:
    """The true peak of every millisecond."""
    fine = np.abs(soxr.resample(samples, AUDIO_RATE, AUDIO_RATE * _OVERSAMPLING, quality="HQ"))
    size = _BLOCK * _OVERSAMPLING
    count = -(-len(samples) // _BLOCK)
    padded = np.zeros(count * size)
    padded[: min(len(fine), len(padded))] = fine[: len(padded)]
    return np.asarray(padded.reshape(count, size).max(axis=1))


def stereo(samples: Samples) -> Samples:
    """The take on two channels, as loud as it was on one: shape (n, 2)."""
    return np.repeat((samples * np.float32(np.sqrt(0.5)))[:, np.newaxis], 2, axis=1)
