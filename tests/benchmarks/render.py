"""Render: seconds of clip per second on two cores, and beside plain ffmpeg on the same raw frames.

Three figures. Picture: clips whose speech is there already, two processes at once. Whole: speech
included. Share: what plain ffmpeg needs to encode the very frames of one clip from raw video, with
the renderer's own encoder settings, as a share of what the renderer needs to make the clip.
"""

import multiprocessing
import subprocess
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.pool import Pool
from pathlib import Path

from orchestrator.domain.clip import ClipRecipe
from orchestrator.domain.media import PROFILES
from orchestrator.domain.stream import StreamSpec, idle_recipe, line_recipe
from tests.benchmarks.workshop import MEDIA, few_specs
from workers.media.ffmpeg import find_ffmpeg
from workers.render.clip import render_clip

PROCESSES = 2


def _render(recipe: ClipRecipe) -> float:
    """Render one clip in this process; gives its seconds."""
    with tempfile.TemporaryDirectory() as folder:
        done = render_clip(
            recipe, MEDIA.absolute() / "assets", Path(folder) / "clip.flv", find_ffmpeg().path
        )
    return done.clip_seconds


def _rate(pool: Pool, recipes: Sequence[ClipRecipe]) -> float:
    started = time.monotonic()
    seconds = sum(pool.imap_unordered(_render, recipes))
    return seconds / (time.monotonic() - started)


def run() -> dict[str, object]:
    """Measure; all rates in seconds of clip per second."""
    specs = few_specs(lines=8)
    lines = [line_recipe(spec, line) for spec in specs for line in spec.lines]
    idles = [idle_recipe(s, v, c.product) for s in specs for c in s.products for v in range(3)]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        _rate(
            pool, idles[: 2 * PROCESSES] + lines[: 2 * PROCESSES]
        )  # models and puppets are loaded
        whole = _rate(pool, lines)
        picture = _rate(pool, idles * 2)
    ours, plain = _beside_plain(specs[0])
    return {
        "picture_rate_two_processes": round(picture, 2),
        "whole_rate_two_processes": round(whole, 2),
        "one_clip_seconds": round(ours, 2),
        "plain_encode_seconds": round(plain, 2),
        "share_of_plain": round(plain / ours, 2),
    }


def _beside_plain(spec: StreamSpec) -> tuple[float, float]:
    """Seconds to make one idle clip, and to encode its frames from raw video; best of three."""
    recipe = idle_recipe(spec, 0, spec.products[0].product)
    with tempfile.TemporaryDirectory() as folder:
        clip, raw = Path(folder) / "clip.flv", Path(folder) / "frames.yuv"
        ours = min(_timed_render(recipe, clip) for _ in range(3))
        decode = [find_ffmpeg().path, "-v", "error", "-y", "-i", str(clip), "-f", "rawvideo",
                  "-pix_fmt", "yuv420p", str(raw)]  # fmt: skip
        subprocess.run(decode, check=True)
        plain = min(_timed_encode(recipe, raw) for _ in range(3))
    return ours, plain


def _timed_render(recipe: ClipRecipe, into: Path) -> float:
    started = time.monotonic()
    render_clip(recipe, MEDIA.absolute() / "assets", into, find_ffmpeg().path)
    return time.monotonic() - started


def _timed_encode(recipe: ClipRecipe, raw: Path) -> float:
    from workers.media.argv_render import encoder_options

    profile = PROFILES[recipe.profile]
    size = f"{profile.width}x{profile.height}"
    source = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        "-s",
        size,
        "-r",
        str(profile.fps),
        "-i",
        str(raw),
    ]
    started = time.monotonic()
    subprocess.run(
        [find_ffmpeg().path, "-v", "error", *source, *encoder_options(profile), "-f", "null", "-"],
        check=True,
    )
    return time.monotonic() - started
