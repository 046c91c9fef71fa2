"""A recipe becomes a clip file: sound, picture, encoding, and the file with its AI metadata.

The same recipe gives the same clip. What isn't in the recipe, nor in the assets that it names by
content, has no influence on what is seen or heard.
"""

import resource
import tempfile
from dataclasses import dataclass
from pathlib import Path

from orchestrator.clock import Clock, SystemClock
from orchestrator.compliance.ai_label import satisfies_the_standard
from orchestrator.compliance.aigc import METADATA_KEY, aigc_value
from orchestrator.compliance.provider import fault_of_producer
from orchestrator.domain.clip import ClipRecipe, clip_key
from orchestrator.errors import ComplianceRefused
from workers.media.flv import write_clip
from workers.render.encode import Encoded, encode
from workers.render.scene import scene, seed_of
from workers.render.sound import Sound, sound_of
from workers.render.still import layout_of, profile_of
from workers.render.subtitles import subtitles


@dataclass(frozen=True)
class Rendered:
    """What a clip is, and what it took."""

    clip_seconds: float
    wall_seconds: float
    cpu_seconds: float
    """This process's and the encoder's."""
    bytes: int
    speech_seconds: float
    """How long the voice is heard in it."""
    speaking_seconds: float
    """Wall-clock seconds that making the voice took; part of `wall_seconds`."""


def render_clip(
    recipe: ClipRecipe,
    assets: Path,
    into: Path,
    ffmpeg: str,
    clock: Clock | None = None,
) -> Rendered:
    """Render a recipe into a file. `assets` holds pictures named by their SHA-256."""
    if not satisfies_the_standard(recipe.label):
        raise ComplianceRefused(
            f"The label {recipe.label!r} lacks AI (or 人工智能) or 生成 (or 合成)."
        )
    fault = fault_of_producer(recipe.producer)
    if fault is not None:
        raise ComplianceRefused(f"{recipe.producer!r} can't be named as producer: {fault}.")
    clock = clock or SystemClock()
    began, spent = clock.monotonic(), _cpu_seconds()
    sound = sound_of(recipe, seed_of(recipe) % 2**31)
    spoken = clock.monotonic()
    _write(recipe, encoded(recipe, sound, assets, ffmpeg), into)
    return Rendered(
        clip_seconds=sound.seconds,
        wall_seconds=clock.monotonic() - began,
        cpu_seconds=_cpu_seconds() - spent,
        bytes=into.stat().st_size,
        speech_seconds=sound.spoken_seconds,
        speaking_seconds=spoken - began,
    )


def encoded(recipe: ClipRecipe, sound: Sound, assets: Path, ffmpeg: str) -> Encoded:
    """A recipe's picture and its sound, encoded."""
    profile, where = profile_of(recipe), layout_of(recipe)
    view = scene(recipe, sound.shapes, sound.frames, assets)
    pieces = subtitles(recipe.text, sound.shapes, sound.seconds, where)
    with tempfile.TemporaryDirectory(prefix="doppelcast-render-") as folder:
        return encode(view, sound, pieces, profile, ffmpeg, Path(folder))


def _write(recipe: ClipRecipe, clip: Encoded, into: Path) -> None:
    label = aigc_value(clip_key(recipe), recipe.producer)
    write_clip(
        into,
        video_config=clip.video_config,
        audio_config=clip.audio_config,
        video=clip.video,
        audio=clip.audio,
        metadata={METADATA_KEY: label},
    )


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)
