"""What every speech engine gives: sound at the grid's rate, and which shape the mouth has when.

An engine has two members, a name and `speak`, so another one fits by adding a module and a line in
`engines.py`. Whatever the engine, samples are mono, 48 kHz, -16 LUFS; shapes follow one another
without a gap from the first sample to the last, and pauses are `REST`.

The shapes are what a drawn mouth can show. Tongue and throat (k, g, h, ng) have none: they take
the shape of the vowel beside them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from orchestrator.domain.clip import Mood, Voice
from orchestrator.domain.media import AUDIO_RATE

Samples = NDArray[np.float32]


class MouthShape(StrEnum):
    """How the mouth looks."""

    REST = "rest"
    """Closed, at ease: silence."""
    CLOSED = "closed"
    """Lips pressed: m b p."""
    A = "a"
    """Wide open: 啊."""
    O = "o"  # noqa: E741 - the name of the vowel
    """Round and open: 哦."""
    U = "u"
    """Round and small: 乌, 鱼."""
    E = "e"
    """Half open: 鹅, 诶."""
    I = "i"  # noqa: E741 - the name of the vowel
    """Wide and narrow: 衣."""
    F = "f"
    """Teeth on the lip: f v."""
    L = "l"
    """Slightly open, tongue up: t d n l."""
    S = "s"
    """Teeth together: z c s zh ch sh r j q x."""


@dataclass(frozen=True)
class TimedShape:
    """A shape and when it is held, in seconds from the first sample."""

    shape: MouthShape
    start: float
    end: float


@dataclass(frozen=True, eq=False)
class Speech:
    """What was said: mono samples at 48 kHz, and shapes that cover them in order."""

    samples: Samples
    shapes: tuple[TimedShape, ...]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / AUDIO_RATE


class SpeechEngine(Protocol):
    """Says a text. The same text, voice and mood give the same samples."""

    @property
    def name(self) -> str:
        """What `Voice.engine` calls it."""
        ...

    def speak(self, text: str, voice: Voice, mood: Mood) -> Speech:
        """The text as sound and shapes; `SpeechFailed` where it can't be said."""
        ...
