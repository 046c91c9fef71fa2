"""Room tone: the faint sound of a quiet room that every clip begins and ends in.

Clips follow one another in any order, so the edges of all of them are cut from one loop that is one
grid unit long. A clip is a whole number of units: its end is the end of the loop, the next clip's
start is the loop's start, and the sound goes on sample by sample across any join. Away from the
edges the noise is the clip's own, so that no period can be heard. An encoder that is fed `loop`
before a clip's first sample and after its last sees one unbroken room, too.
"""

from functools import lru_cache

import numpy as np

from orchestrator.domain.media import AUDIO_RATE, SAMPLES_PER_UNIT
from workers.render.speech.contract import MouthShape, Samples, Speech, TimedShape
from workers.render.speech.lips import merged, window

LEVEL_DBFS = -66.0
EDGE = 4 * 1024
"""Samples at each end that are the same in every clip: four AAC frames."""
_CROSSFADE = 1024
_FADE_SECONDS = 0.005
_LOOP_SEED = 20_180
_CORNER_HZ = 2_500.0


def room_tone(samples: int, seed: int) -> Samples:
    """That many samples of a quiet room: ends as in every clip, the rest the seed's own."""
    if samples < 2 * (EDGE + _CROSSFADE):
        return loop(-samples, samples) if samples % SAMPLES_PER_UNIT else loop(0, samples)
    own = _noise(samples, seed)
    weight = np.zeros(samples, dtype=np.float32)
    ramp = np.linspace(0, 1, _CROSSFADE, dtype=np.float32)
    weight[EDGE : EDGE + _CROSSFADE] = ramp
    weight[EDGE + _CROSSFADE : samples - EDGE - _CROSSFADE] = 1
    weight[samples - EDGE - _CROSSFADE : samples - EDGE] = ramp[::-1]
    half = samples // 2
    shared = np.concatenate([loop(0, half), loop(half - samples, samples - half)])
    mixed = own * np.sin(weight * np.pi / 2) + shared * np.cos(weight * np.pi / 2)
    return np.asarray(mixed, dtype=np.float32)


def loop(start: int, samples: int) -> Samples:
    """The room that all clips share: what an encoder gets before (`start` < 0) and after a clip."""
    return np.take(_unit(), np.arange(start, start + samples), mode="wrap")


def in_room(
    speech: Speech,
    lead: float = 0.24,
    tail: float = 0.3,
    seed: int = 0,
    grid: int = SAMPLES_PER_UNIT,
) -> Speech:
    """Speech laid over room tone, up to a multiple of `grid` samples; the mouth rests around it."""
    before = round(lead * AUDIO_RATE)
    least = before + len(speech.samples) + round(tail * AUDIO_RATE)
    total = -(-least // grid) * grid
    samples = room_tone(total, seed)
    samples[before : before + len(speech.samples)] += _faded(speech.samples)
    start, end = before / AUDIO_RATE, before / AUDIO_RATE + speech.seconds
    around = [
        TimedShape(MouthShape.REST, 0.0, start),
        *window(speech.shapes, 0.0, speech.seconds, start),
        TimedShape(MouthShape.REST, end, total / AUDIO_RATE),
    ]
    return Speech(samples, tuple(merged(around)))


def _faded(samples: Samples) -> Samples:
    count = min(round(_FADE_SECONDS * AUDIO_RATE), len(samples) // 2)
    faded = samples.copy()
    ramp = np.linspace(0, 1, count, dtype=np.float32)
    faded[:count] *= ramp
    faded[len(faded) - count :] *= ramp[::-1]
    return faded


@lru_cache(maxsize=1)
def _unit() -> Samples:
    unit = _noise(SAMPLES_PER_UNIT, _LOOP_SEED)
    unit.setflags(write=False)
    return unit


def _noise(samples: int, seed: int) -> Samples:
    """Noise that falls gently with frequency, periodic in its own length, at the room's level."""
    white = np.random.default_rng(seed).standard_normal(samples)
    spectrum = np.fft.rfft(white)
    frequency = np.fft.rfftfreq(samples, 1 / AUDIO_RATE)
    spectrum /= np.sqrt(1 + (frequency / _CORNER_HZ) ** 2)
    spectrum[frequency < 40] = 0
    shaped = np.fft.irfft(spectrum, samples)
    level = np.sqrt(np.mean(shaped**2))
    return np.asarray(shaped / level * 10 ** (LEVEL_DBFS / 20), dtype=np.float32)
