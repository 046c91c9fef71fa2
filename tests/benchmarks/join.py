"""Join: fifty joins in decoded sound, beside takes inside one clip."""

import itertools
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from orchestrator.domain.clip import ClipRecipe, clip_key
from orchestrator.domain.stream import idle_recipe, line_recipe
from tests.benchmarks.workshop import clip_store, few_specs, render_all
from tests.support.joins import decoded, quiet_places, window, write_stream
from workers.media.flv import read_clip

JOINS = 50
ROOM_MARGIN_DB = 6.0


def run() -> dict[str, object]:
    """Measure; the worst join beside the worst place inside a clip."""
    specs = few_specs(count=1)
    render_all(specs)
    clips, spec = clip_store(), specs[0]
    lines = [line_recipe(spec, line) for line in spec.lines]
    idles = [idle_recipe(spec, v, None) for v in range(3)]
    order = _order(lines, idles)
    played = [read_clip(clips.fetch(clip_key(recipe))) for recipe in order]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "joined.flv"
        joins = write_stream(path, played)
        sound = decoded(path)
    at_joins = [window(sound, at) for at in joins]
    loudest = max(w.level_db for w in at_joins)
    inside = [window(sound, at) for at in quiet_places(sound, joins, loudest + ROOM_MARGIN_DB)]
    return {
        "joins": len(at_joins),
        "places_inside": len(inside),
        "step_at_joins": _worst(w.step for w in at_joins),
        "step_inside": _worst(w.step for w in inside),
        "click_at_joins": _worst(w.click for w in at_joins),
        "click_inside": _worst(w.click for w in inside),
        "silence_at_joins_ms": _worst(w.silent_ms for w in at_joins),
        "silence_inside_ms": _worst(w.silent_ms for w in inside),
        "level_at_joins_db": round(float(np.median([w.level_db for w in at_joins])), 1),
    }


def _order(lines: list[ClipRecipe], idles: list[ClipRecipe]) -> list[ClipRecipe]:
    pairs = zip(itertools.cycle(lines), itertools.cycle(idles), strict=False)
    return list(itertools.islice(itertools.chain.from_iterable(pairs), JOINS + 1))


def _worst(values: Iterable[float]) -> float:
    return float(f"{max(values):.2e}")
