"""A clip's sound, laid on the grid: the voice in its room, or the room alone.

An AAC frame is decoded together with the one before it. So the encoder hears a little more of the
common room before the clip and after it; what it makes of that is thrown away (`PRIMING` frames),
and at a join the decoder finds on both sides what it would have found inside one take.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from orchestrator.domain.clip import ClipKind, ClipRecipe
from orchestrator.domain.media import (
    AAC_SAMPLES,
    FRAMES_PER_UNIT,
    SAMPLES_PER_UNIT,
    UNIT_MS,
    units_for,
)
from orchestrator.errors import RenderFailed
from workers.render.speech.contract import Samples, TimedShape
from workers.render.speech.engines import engine
from workers.render.speech.loudness import stereo
from workers.render.speech.room import in_room, loop, room_tone

PREROLL = 2
"""AAC frames of room before the clip."""
PRIMING = PREROLL + 1
"""AAC frames to throw away: the encoder's own first one, and the preroll's."""
POSTROLL = 2


@dataclass(frozen=True, eq=False)
class Sound:
    """What is heard, a whole number of grid units long, and the mouth's shapes that go with it."""

    samples: Samples
    shapes: Sequence[TimedShape]
    spoken_seconds: float

    @property
    def units(self) -> int:
        """Grid units."""
        return len(self.samples) // SAMPLES_PER_UNIT

    @property
    def frames(self) -> int:
        """Video frames that go with it."""
        return self.units * FRAMES_PER_UNIT

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.units * UNIT_MS / 1000

    def for_encoder(self) -> bytes:
        """Both channels, with the room that comes before and after."""
        before = loop(-PREROLL * AAC_SAMPLES, PREROLL * AAC_SAMPLES)
        after = loop(0, POSTROLL * AAC_SAMPLES)
        return stereo(np.concatenate([before, self.samples, after])).astype("<f4").tobytes()


def sound_of(recipe: ClipRecipe, seed: int) -> Sound:
    """The sound of a recipe: a line is spoken, everything else is quiet."""
    if recipe.kind is not ClipKind.LINE:
        return Sound(room_tone(units_for(recipe.seconds) * SAMPLES_PER_UNIT, seed), (), 0.0)
    if recipe.persona is None or not recipe.text.strip():
        raise RenderFailed("A line needs a persona and words.")
    voice = recipe.persona.voice
    speech = engine(voice.engine).speak(recipe.text, voice, recipe.mood)
    placed = in_room(speech, seed=seed)
    return Sound(placed.samples, placed.shapes, speech.seconds)
