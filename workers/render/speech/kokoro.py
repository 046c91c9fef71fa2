"""Kokoro speaks: text → spoken text → phonemes → sound, leveled, with the mouth's shapes.

A text is said in pieces of a sentence or a few. Each piece's own silence at both ends is cut off
and replaced by a pause that fits the mark it ends with, so pieces join like two breaths.
Moods change the speed a little; the voice's own speed is the persona's.
"""

from functools import lru_cache
from importlib import resources
from typing import ClassVar

import numpy as np
import soxr

from orchestrator.domain.clip import Mood, Voice
from orchestrator.domain.media import AUDIO_RATE
from orchestrator.domain.voices import voices_of
from orchestrator.errors import SpeechFailed
from workers.render.speech import lips
from workers.render.speech.contract import MouthShape, Samples, Speech, TimedShape
from workers.render.speech.loudness import leveled
from workers.render.speech.model import MODEL_RATE, KokoroModel, Spoken
from workers.render.speech.normalize import normalize
from workers.render.speech.phonemes import Piece, pieces

PACE = {Mood.CALM: 1.0, Mood.HAPPY: 1.06, Mood.EXCITED: 1.15, Mood.EARNEST: 0.94}
SLOWEST, FASTEST = 0.6, 1.6
_STYLES, _STYLE_SIZE = 510, 256
_KEPT_BEFORE, _KEPT_AFTER = 0.08, 0.06
"""Seconds of silence that stay at a piece's ends: breath and decay."""


class KokoroEngine:
    """Kokoro-82M with its Mandarin voices."""

    name: ClassVar[str] = "kokoro"

    def __init__(self, threads: int = 1) -> None:
        self._model = KokoroModel(threads)

    def speak(self, text: str, voice: Voice, mood: Mood) -> Speech:
        """The text as 48 kHz speech at -16 LUFS, and its shapes."""
        styles = _styles(voice)
        said = pieces(normalize(text))
        if not said:
            raise SpeechFailed(f"Nothing in this text can be said: {text[:40]!r}")
        speed = min(FASTEST, max(SLOWEST, voice.speed * PACE[mood]))
        takes = [self._take(piece, styles, speed) for piece in said]
        return _joined(takes, [piece.pause / speed for piece in said])

    def _take(self, piece: Piece, styles: Samples, speed: float) -> Speech:
        style = styles[min(len(piece.phonemes), _STYLES - 1)]
        return _trimmed(piece.phonemes, self._model.say(piece.phonemes, style, speed))


def _trimmed(phonemes: str, spoken: Spoken) -> Speech:
    """A piece without the silence around it, at the model's rate."""
    seconds = len(spoken.samples) / MODEL_RATE
    timed = lips.shapes(phonemes, spoken.lengths, MODEL_RATE)
    quiet = lips.silences(spoken.samples, MODEL_RATE)
    timed = lips.put_right(timed, quiet)
    start = max(0.0, _end_of_lead(quiet) - _KEPT_BEFORE)
    end = min(seconds, _start_of_tail(quiet, seconds) + _KEPT_AFTER)
    if end - start < _KEPT_BEFORE + _KEPT_AFTER:
        raise SpeechFailed("The speech model said nothing.")
    samples = spoken.samples[round(start * MODEL_RATE) : round(end * MODEL_RATE)]
    return Speech(samples, tuple(lips.window(timed, start, end, 0.0)))


def _end_of_lead(quiet: list[lips.Span]) -> float:
    return quiet[0][1] if quiet and quiet[0][0] <= 0 else 0.0


def _start_of_tail(quiet: list[lips.Span], seconds: float) -> float:
    return quiet[-1][0] if quiet and quiet[-1][1] >= seconds - 0.01 else seconds


def _joined(takes: list[Speech], pauses: list[float]) -> Speech:
    """Pieces and the pauses between them as one take, at the grid's rate and loudness."""
    sound: list[Samples] = []
    timed: list[TimedShape] = []
    length = 0
    for take, pause in zip(takes, [*pauses[:-1], 0.0], strict=True):
        at, seconds = length / MODEL_RATE, len(take.samples) / MODEL_RATE
        gap = np.zeros(round(pause * MODEL_RATE), dtype=np.float32)
        sound += [take.samples, gap]
        length += len(take.samples) + len(gap)
        timed += lips.window(take.shapes, 0.0, seconds, at)
        timed.append(TimedShape(MouthShape.REST, at + seconds, length / MODEL_RATE))
    samples = leveled(soxr.resample(np.concatenate(sound), MODEL_RATE, AUDIO_RATE, quality="HQ"))
    return Speech(samples, _ended(lips.merged(timed), len(samples) / AUDIO_RATE))


def _ended(timed: list[TimedShape], seconds: float) -> tuple[TimedShape, ...]:
    """The shapes from the first sample to the last, however trimming was rounded."""
    first, last = timed[0], timed[-1]
    timed[0] = TimedShape(first.shape, 0.0, first.end)
    timed[-1] = TimedShape(timed[-1].shape, timed[-1].start, seconds)
    return tuple(t for t in timed if t.end > t.start) or (TimedShape(last.shape, 0.0, seconds),)


@lru_cache(maxsize=8)
def _styles(voice: Voice) -> Samples:
    if voice.name not in voices_of(KokoroEngine.name):
        known = ", ".join(voices_of(KokoroEngine.name))
        raise SpeechFailed(f"Kokoro has no voice {voice.name!r}. Known: {known}.")
    file = resources.files("workers.render.speech") / "voices" / f"{voice.name}.bin"
    return np.frombuffer(file.read_bytes(), dtype="<f4").reshape(_STYLES, _STYLE_SIZE)
