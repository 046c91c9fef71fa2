"""Phonemes and how long each lasts → what the mouth looks like when.

The timing is the model's own: it predicts how many frames each phoneme lasts, and makes the sound
from that, 60 ms earlier than it says (measured on all voices: the quietest point of 135 closures
lies 60 to 70 ms before the predicted one, the hiss of sibilants 40 to 60 ms before).

Two more things are put right by what is known of mouths and of the sound:
- a phoneme without a shape of its own (throat, tone, aspiration, stress, mark) takes its
  neighbor's, and a lip closure lasts at least 60 ms, so that a picture 40 ms long can't miss it;
- where the sound is silent for longer than a stop consonant's closure, the mouth rests.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workers.render.speech.contract import MouthShape, Samples, TimedShape

SHAPES = {
    MouthShape.CLOSED: "pbm",
    MouthShape.F: "fvβɸ",
    MouthShape.L: "tdnlɾθðɳɲ",
    MouthShape.S: "ʨʦꭧɕʂszʃʒʧʤʣʥɻ",
    MouthShape.A: "aɑæɐIWʌɒ",
    MouthShape.O: "oɔOQYœø",
    MouthShape.U: "uʊwyɥɹʋ",
    MouthShape.E: "eɛəɤɚɜAᵊç",
    MouthShape.I: "ijɨɪᵻɯ",
}
SHAPE_OF = {phoneme: shape for shape, phonemes in SHAPES.items() for phoneme in phonemes}
TAKES_NEXT = frozenset("kɡxhʰq")
"""Made in the throat, or breath only: the lips are on their way to what follows."""

SOUND_LEADS = 0.06
"""Seconds by which the sound is ahead of the predicted durations."""
LEAST_CLOSURE = 0.06
STOP_CLOSURE = 0.12
"""Silences up to this long occur inside words."""
SILENT_DB = -42.0
"""Below the loud parts of the piece."""
_WINDOW_SECONDS = 0.01

Span = tuple[float, float]


def shapes(phonemes: str, lengths: NDArray[np.int64], rate: int) -> list[TimedShape]:
    """One shape a phoneme, as the model timed them; the pads at both ends rest."""
    ends = np.cumsum(lengths) / rate
    edges = np.concatenate([[0.0], np.maximum(ends[:-1] - SOUND_LEADS, 0.0), ends[-1:]])
    found = [MouthShape.REST, *_shapes_of(phonemes), MouthShape.REST]
    timed = [
        TimedShape(shape, float(start), float(end))
        for shape, start, end in zip(found, edges[:-1], edges[1:], strict=True)
    ]
    return merged(timed)


def _shapes_of(phonemes: str) -> list[MouthShape]:
    found: list[MouthShape] = []
    for index, phoneme in enumerate(phonemes):
        own = SHAPE_OF.get(phoneme)
        if own is None and phoneme in TAKES_NEXT:
            own = _next_shape(phonemes[index + 1 :])
        found.append(own or (found[-1] if found else MouthShape.REST))
    return found


def _next_shape(following: str) -> MouthShape | None:
    return next((SHAPE_OF[p] for p in following if p in SHAPE_OF), None)


def silences(samples: Samples, rate: int, at_least: float = STOP_CLOSURE) -> list[Span]:
    """Where nothing is heard for at least that long, in seconds."""
    window = round(rate * _WINDOW_SECONDS)
    level = levels(samples, window)
    quiet = level < np.percentile(level, 95) + SILENT_DB
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    spans = [
        (int(a) * _WINDOW_SECONDS, int(b) * _WINDOW_SECONDS)
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    return [(a, b) for a, b in spans if b - a >= at_least - _WINDOW_SECONDS / 2]


def levels(samples: Samples, window: int) -> NDArray[np.float64]:
    """Loudness of each window in dB; the last, shorter one is filled with silence."""
    count = -(-len(samples) // window)
    padded = np.zeros(count * window)
    padded[: len(samples)] = samples
    power = np.mean(padded.reshape(count, window) ** 2, axis=1)
    return np.asarray(10 * np.log10(power + 1e-12))


def put_right(timed: Sequence[TimedShape], quiet: Sequence[Span]) -> list[TimedShape]:
    """The shapes with rest wherever it's silent, and every lip closure long enough to be seen.

    A closure stands even in silence: lips are pressed before they burst open.
    """
    result = list(timed)
    for start, end in quiet:
        result = _covered(result, TimedShape(MouthShape.REST, start, end))
    limit = timed[-1].end if timed else 0.0
    for closure in (s for s in timed if s.shape is MouthShape.CLOSED):
        result = _covered(result, _widened(closure, limit))
    return merged(result)


def _widened(closure: TimedShape, limit: float) -> TimedShape:
    """Taken from both neighbors, more from the one before: lips close sooner than they open."""
    lack = max(0.0, LEAST_CLOSURE - (closure.end - closure.start))
    start = max(0.0, closure.start - lack * 2 / 3)
    return TimedShape(closure.shape, start, min(limit, max(closure.end, start + LEAST_CLOSURE)))


def _covered(timed: Sequence[TimedShape], over: TimedShape) -> list[TimedShape]:
    """One shape laid over the others."""
    before = [_clipped(s, 0.0, over.start) for s in timed if s.start < over.start]
    after = [_clipped(s, over.end, float("inf")) for s in timed if s.end > over.end]
    return [*before, over, *after]


def _clipped(timed: TimedShape, start: float, end: float) -> TimedShape:
    return TimedShape(timed.shape, max(timed.start, start), min(timed.end, end))


def merged(timed: Sequence[TimedShape]) -> list[TimedShape]:
    """Equal neighbors as one; nothing that lasts no time."""
    result: list[TimedShape] = []
    for shape in (s for s in timed if s.end > s.start):
        if result and result[-1].shape is shape.shape:
            result[-1] = TimedShape(shape.shape, result[-1].start, shape.end)
        else:
            result.append(shape)
    return result


def window(timed: Sequence[TimedShape], start: float, end: float, at: float) -> list[TimedShape]:
    """What happens between two times, moved so that `start` becomes `at`."""
    inside = [_clipped(s, start, end) for s in timed if s.end > start and s.start < end]
    return [TimedShape(s.shape, s.start - start + at, s.end - start + at) for s in inside]
