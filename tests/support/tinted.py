"""Clips whose picture tells whose they are: a color for each double, and who was seen when.

stock_day(media, spec)       everything a planned stream may play
for sight in seen(path): …   stretches of one color in a recording, in its own time
"""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import av
import numpy as np

from orchestrator.domain.rundown import Cue, CueKind
from orchestrator.domain.stream import StreamSpec
from orchestrator.domain.turning import Cast
from tests.support.grid_clips import stock_one
from tests.support.planned import CALM, NAMES, SWEET

COLORS = {NAMES[SWEET]: (200, 0, 0), NAMES[CALM]: (0, 0, 200), "human": (0, 200, 0)}
SLATE = (200, 200, 200)


@dataclass(frozen=True)
class Sight:
    """One color, for a while; in milliseconds of the recording."""

    who: str
    begins_ms: int
    ends_ms: int


def stock_day(media: Path, spec: StreamSpec) -> None:
    """Put everything that a planned stream may play into the store."""
    for cue in Cast(spec).cues():
        red, green, blue = _color(cue)
        stock_one(media, cue, picture=f"color=c=#{red:02x}{green:02x}{blue:02x}:")


def seen(recording: Path) -> list[Sight]:
    """Who is in the picture, one after another."""
    with av.open(str(recording)) as container:
        frames = [
            (
                round(float((f.pts or 0) * (f.time_base or 0)) * 1000),
                _who(f.to_ndarray(format="rgb24")),
            )
            for f in container.decode(video=0)
        ]
    runs = [list(run) for _, run in groupby(frames, key=lambda frame: frame[1])]
    return [Sight(run[0][1], run[0][0], run[-1][0]) for run in runs]


def _color(cue: Cue) -> tuple[int, int, int]:
    if cue.recipe.persona is not None:
        return COLORS[cue.recipe.persona.name]
    return COLORS["human"] if cue.kind is CueKind.HUMAN else SLATE


def _who(picture: np.ndarray) -> str:
    mean = picture.reshape(-1, 3).mean(axis=0)
    known = {**COLORS, "slate": SLATE}
    return min(known, key=lambda name: float(np.abs(mean - known[name]).sum()))
