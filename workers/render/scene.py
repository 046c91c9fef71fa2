"""A clip's picture: what stands still, what moves on its stage, and when.

`Scene.frame` is a pure function of the frame's number, so that any single frame can be looked at
and a clip is the same whoever renders it.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from pathlib import Path

import numpy as np

from orchestrator.domain.clip import ClipKind, ClipRecipe
from orchestrator.domain.media import FPS
from orchestrator.errors import RenderFailed
from workers.render import motion
from workers.render.colors import lighter
from workers.render.face import NEUTRAL_MOUTH, Face, Mouth
from workers.render.layout import Layout, Rect
from workers.render.lips import mouths, openness
from workers.render.planes import Planes, Sprite, blend, shifting, sprite
from workers.render.puppet import puppet
from workers.render.speech.contract import TimedShape
from workers.render.still import layout_of, still
from workers.render.svg import drawing, glow, raster

Frame = Callable[[int], Planes]


@dataclass(frozen=True)
class Scene:
    """A clip's picture before it is encoded."""

    still: Planes
    stage: Rect
    frames: int
    where: Layout
    frame: Frame
    """The stage at a frame's number."""


def scene(recipe: ClipRecipe, shapes: Sequence[TimedShape], frames: int, assets: Path) -> Scene:
    """The picture of a recipe that lasts that many frames."""
    where = layout_of(recipe)
    ground = still(recipe, assets)
    if recipe.kind is ClipKind.SLATE:
        stage, frame = where.slate_stage, _slate(recipe, ground, where, frames)
    else:
        stage, frame = where.stage, _presented(recipe, ground, where, (shapes, frames))
    return Scene(ground, stage, frames, where, frame)


def seed_of(recipe: ClipRecipe) -> int:
    """What a clip's sway, blinks and glances are drawn from."""
    text = f"{recipe.kind}|{recipe.text}|{recipe.variant}|{recipe.persona and recipe.persona.name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def faces(recipe: ClipRecipe, shapes: Sequence[TimedShape], frames: int) -> list[Face]:
    """One face a frame."""
    seconds, seed = frames / FPS, seed_of(recipe)
    plan = motion.gestures(seconds, seed)
    temper = motion.TEMPERS[recipe.mood]
    lips = mouths(shapes, frames, temper.smile)
    found = []
    for n, mouth in enumerate(lips):
        t = n / FPS
        right, down = motion.glance(plan, t)
        near = [openness(m) for m in lips[max(0, n - 4) : n + 5]]
        found.append(
            Face(
                mouth=_settled(mouth, n, frames),
                lid=motion.lid(plan, t),
                look_x=right,
                look_y=down,
                brow=motion.brow(t, seconds, recipe.mood, sum(near) / len(near)),
                gaze=motion.gaze(plan, t, recipe.mood),
            )
        )
    return found


def _settled(mouth: Mouth, n: int, frames: int) -> Mouth:
    """The neutral smile at a clip's very ends; the mood's own grows from it step by step."""
    if mouth.drop or mouth.width != NEUTRAL_MOUTH.width:
        return mouth
    away = min(n, frames - 1 - n) // 3
    change = mouth.smile - NEUTRAL_MOUTH.smile
    step = max(-away, min(away, change))
    return Mouth(mouth.width, 0, 0, NEUTRAL_MOUTH.smile + step)


def _presented(
    recipe: ClipRecipe,
    ground: Planes,
    where: Layout,
    sound: tuple[Sequence[TimedShape], int],
) -> Frame:
    if recipe.persona is None:
        raise RenderFailed(f"A clip of kind {recipe.kind} needs a persona.")
    shapes, frames = sound
    double, seconds, seed = puppet(recipe.persona.look, where), frames / FPS, seed_of(recipe)
    states, stage = faces(recipe, shapes, frames), where.stage
    empty = ground.cut(stage.left, stage.top, stage.width, stage.height)

    def frame(n: int) -> Planes:
        picture = empty.cut(0, 0, stage.width, stage.height)
        double.draw(picture, motion.pose(n / FPS, seconds, recipe.mood, seed), states[n])
        return picture

    return frame


def _slate(recipe: ClipRecipe, ground: Planes, where: Layout, frames: int) -> Frame:
    """Soft lights that circle, and three dots that take turns; a whole number of turns a clip."""
    stage = where.slate_stage
    empty = ground.cut(stage.left, stage.top, stage.width, stage.height)
    light = _light(where, lighter(recipe.brand.accent, 0.6), 150)
    dots = [_dot(where, i) for i in (-1, 0, 1)]
    px = where.px

    def frame(n: int) -> Planes:
        picture = empty.cut(0, 0, stage.width, stage.height)
        angle = 2 * pi * n / frames
        blend(picture, light, shifting(px(24) * sin(angle), px(16) * sin(2 * angle)))
        turns = max(1, round(frames / FPS / 1.6))
        for i, dot in enumerate(dots):
            share = (1 - cos(turns * angle - i * 0.9)) / 2
            blend(picture, _faded(dot, 0.3 + 0.7 * share), shifting(0, -px(9) * share))
        return picture

    return frame


def _light(where: Layout, color: str, radius: int) -> Sprite:
    size = where.px(2 * radius) // 2 * 2
    body = f'<circle cx="{size / 2:g}" cy="{size / 2:g}" r="{size / 2 - 30:g}" fill="url(#l)"/>'
    document = drawing(body, (0, 0, size, size), glow("l", color, 0.34))
    stage = where.slate_stage
    left = (where.px(552) - stage.left - size // 2) // 2 * 2
    top = (where.px(480) - stage.top - size // 2) // 2 * 2
    return sprite(raster(document, size, size), left, top)


def _dot(where: Layout, place: int) -> Sprite:
    size = where.px(60) // 2 * 2
    body = f'<circle cx="{size / 2:g}" cy="{size / 2:g}" r="{where.px(10)}" fill="#fff"/>'
    stage = where.slate_stage
    left = (stage.width // 2 + place * where.px(46) - size // 2) // 2 * 2
    top = (where.px(984) - stage.top - size // 2) // 2 * 2
    return sprite(raster(drawing(body, (0, 0, size, size)), size, size), left, top)


def _faded(cutout: Sprite, share: float) -> Sprite:
    bright, color = (
        np.rint(plane * np.float32(share)).astype(np.uint8)
        for plane in (cutout.bright, cutout.color)
    )
    return Sprite(cutout.left, cutout.top, bright, color)
