"""The double as cut-outs, ready to move: drawn once per look and size, posed every frame.

A face changes only within two boxes, so each different mouth and each different pair of eyes is
drawn once as a patch of the head and kept; a frame copies two patches into the head, then moves
three cut-outs: hair behind, body, head.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from orchestrator.domain.clip import Look
from workers.render.face import NEUTRAL, Face
from workers.render.layout import PUPPET_CENTER_X, PUPPET_SCALE, PUPPET_TOP, Layout
from workers.render.motion import Pose
from workers.render.planes import Matrix, Planes, Sprite, blend, shifting, sprite, turning
from workers.render.puppet_art import (
    BODY,
    CENTER_X,
    EYES_BOX,
    HEIGHT,
    MOUTH_BOX,
    NECK,
    REAR,
    WIDTH,
    Art,
    art,
)
from workers.render.svg import Box, raster

MARGIN = 24
"""Board pixels around a cut-out, into which it may move."""
MOST_PATCHES = 256
"""Some 40 MB at 720 x 1280; a render process lives for months."""


@dataclass(frozen=True)
class Place:
    """How the drawing's units become the stage's pixels."""

    scale: float
    left: float
    top: float
    width: int
    height: int

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Stage pixels as a box of the drawing."""
        s = self.scale
        return (left - self.left) / s, (top - self.top) / s, (right - left) / s, (bottom - top) / s

    def even(self, box: Box) -> tuple[int, int, int, int]:
        """A box of the drawing as even stage pixels around it, within the stage."""
        x, y, w, h = box
        left = max(0, int((x * self.scale + self.left) // 2 * 2))
        top = max(0, int((y * self.scale + self.top) // 2 * 2))
        right = min(self.width, int(-(-((x + w) * self.scale + self.left) // 2) * 2))
        bottom = min(self.height, int(-(-((y + h) * self.scale + self.top) // 2) * 2))
        return left, top, right, bottom

    def point(self, at: tuple[float, float]) -> tuple[float, float]:
        """A point of the drawing on the stage."""
        return at[0] * self.scale + self.left, at[1] * self.scale + self.top


@dataclass
class Puppet:
    """One look at one size."""

    art: Art
    place: Place
    board: float
    """Pixels per board pixel: what a pose is measured in."""
    rear: Sprite
    body: Sprite
    head: Sprite
    patches: dict[Face, Sprite] = field(default_factory=dict)

    def draw(self, onto: Planes, pose: Pose, face: Face) -> None:
        """Put the double onto the stage."""
        head = self.head.copy()
        head.with_patch(self._patch(replace(NEUTRAL, mouth=face.mouth), MOUTH_BOX))
        head.with_patch(self._patch(replace(face, mouth=NEUTRAL.mouth), EYES_BOX))
        lean = self._lean(pose)
        blend(onto, self.rear, lean @ self._turn(pose, 0.6))
        blend(onto, self.body, lean)
        blend(onto, head, lean @ self._turn(pose, 1.0))

    def _patch(self, face: Face, box: Box) -> Sprite:
        found = self.patches.get(face)
        if found is None:
            if len(self.patches) >= MOST_PATCHES:
                self.patches.clear()
            found = _drawn(self.place, self.place.even(box), lambda b: self.art.head(face, b))
            self.patches[face] = found
        return found

    def _lean(self, pose: Pose) -> Matrix:
        foot = (self.place.point((CENTER_X, 0))[0], float(self.place.height))
        return turning(pose.lean, foot, (1 + 0.004 * pose.breath, 1 + 0.009 * pose.breath))

    def _turn(self, pose: Pose, share: float) -> Matrix:
        neck = self.place.point(NECK)
        turn = turning(pose.turn * share, neck, (1.0, 1.0))
        moved: Matrix = shifting(pose.right * share * self.board, pose.down * self.board) @ turn
        return moved


@lru_cache(maxsize=6)
def puppet(look: Look, where: Layout) -> Puppet:
    """The puppet of a look in a layout; kept, patches and all, while the process lives."""
    place = _place(where)
    drawn = art(look)
    whole = (0.0, -20.0, float(WIDTH), HEIGHT + 20.0)
    full = place.even(whole)
    rear = _trimmed(_drawn(place, full, lambda b: drawn.layer(REAR, b)), where.px(MARGIN))
    body = _trimmed(_drawn(place, full, lambda b: drawn.layer(BODY, b)), where.px(MARGIN))
    head = _trimmed(_drawn(place, full, lambda b: drawn.head(NEUTRAL, b)), where.px(MARGIN))
    return Puppet(drawn, place, where.scale, rear, body, head)


def _place(where: Layout) -> Place:
    scale = PUPPET_SCALE * where.scale
    left = PUPPET_CENTER_X * where.scale - CENTER_X * scale - where.stage.left
    top = PUPPET_TOP * where.scale - where.stage.top
    return Place(scale, left, top, where.stage.width, where.stage.height)


def _drawn(place: Place, box: tuple[int, int, int, int], svg: Callable[[Box], str]) -> Sprite:
    left, top, right, bottom = box
    pixels = raster(svg(place.box(*box)), right - left, bottom - top)
    return sprite(pixels, left, top)


def _trimmed(cutout: Sprite, margin: int) -> Sprite:
    """Only what is drawn, with a margin that it may move into."""
    opaque = cutout.bright[..., 1] > 0
    if not opaque.any():
        return Sprite(0, 0, cutout.bright[:2, :2].copy(), cutout.color[:1, :1].copy())
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    top, left = (max(0, int(i[0]) - margin) // 2 * 2 for i in (rows, columns))
    bottom = min(opaque.shape[0], (int(rows[-1]) + margin + 2) // 2 * 2)
    right = min(opaque.shape[1], (int(columns[-1]) + margin + 2) // 2 * 2)
    return Sprite(
        cutout.left + left,
        cutout.top + top,
        np.ascontiguousarray(cutout.bright[top:bottom, left:right]),
        np.ascontiguousarray(cutout.color[top // 2 : bottom // 2, left // 2 : right // 2]),
    )
