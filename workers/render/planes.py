"""Pictures as video keeps them: a plane of brightness and two of color at half the size.

Everything that moves is warped and blended in this form (8 bit, BT.709, 4:2:0, limited range), so
that a frame needs no conversion on its way to the encoder and the still around it has the very same
numbers. A `Sprite` is a cut-out: its planes are multiplied by its opacity beforehand. They come in
fours, two of them empty, because OpenCV warps four channels more than twice as fast as two.

All places and sizes are even, as 4:2:0 asks. Out of scope: HDR, other matrices.
"""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.render.svg import Pixels

cv2.setNumThreads(1)  # render processes fill the cores by themselves

Plane: TypeAlias = NDArray[np.uint8]
Matrix: TypeAlias = NDArray[np.float64]
Fine: TypeAlias = NDArray[np.float32]

_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722
_HALF = np.array([[2.0, 0.0, 0.5], [0.0, 2.0, 0.5], [0.0, 0.0, 1.0]])
"""From places in the half-size planes to places in the full-size plane."""


@dataclass(frozen=True, eq=False)
class Planes:
    """An opaque picture."""

    y: Plane
    u: Plane
    v: Plane

    def cut(self, left: int, top: int, width: int, height: int) -> "Planes":
        """A copy of a box of it."""
        x, y, w, h = left // 2, top // 2, width // 2, height // 2
        return Planes(
            self.y[top : top + height, left : left + width].copy(),
            self.u[y : y + h, x : x + w].copy(),
            self.v[y : y + h, x : x + w].copy(),
        )

    def paste(self, other: "Planes", left: int, top: int) -> None:
        """Put another picture onto this one."""
        height, width = other.y.shape
        x, y = left // 2, top // 2
        self.y[top : top + height, left : left + width] = other.y
        self.u[y : y + height // 2, x : x + width // 2] = other.u
        self.v[y : y + height // 2, x : x + width // 2] = other.v

    def raw(self) -> bytes:
        """As ffmpeg's `yuv420p` reads it."""
        return b"".join(plane.tobytes() for plane in (self.y, self.u, self.v))


@dataclass(frozen=True, eq=False)
class Sprite:
    """A cut-out that stands at an even place on its stage."""

    left: int
    top: int
    bright: Plane
    """Height × width × 4: brightness, opacity, and two that are empty."""
    color: Plane
    """Half height × half width × 4: the two colors, opacity, and an empty one."""

    def with_patch(self, patch: "Sprite") -> None:
        """Replace a box of this cut-out by another one's, opacity included."""
        x, y = patch.left - self.left, patch.top - self.top
        height, width = patch.bright.shape[:2]
        self.bright[y : y + height, x : x + width] = patch.bright
        x, y, width, height = x // 2, y // 2, width // 2, height // 2
        self.color[y : y + height, x : x + width] = patch.color

    def copy(self) -> "Sprite":
        """One that may be changed."""
        return Sprite(self.left, self.top, self.bright.copy(), self.color.copy())


def planes(pixels: Pixels) -> Planes:
    """An opaque picture's planes; its opacity is not looked at."""
    y, u, v = _yuv(pixels)
    return Planes(_byte(y), _byte(_halved(u)), _byte(_halved(v)))


def sprite(pixels: Pixels, left: int, top: int) -> Sprite:
    """A picture with opacity as a cut-out at a place."""
    y, u, v = _yuv(pixels)
    alpha = pixels[..., 3].astype(np.float32)
    share = alpha / np.float32(255)
    small = _halved(share)
    colors = (_byte(_halved(_fine(plane * share))) for plane in (u, v))
    bright = _fours(_byte(y * share), pixels[..., 3])
    return Sprite(left, top, bright, _fours(*colors, _byte(small * 255)))


def pixels_of(picture: Planes) -> NDArray[np.uint8]:
    """Back to red, green, blue, for looking at single frames."""
    y = (picture.y.astype(np.float32) - 16) / 219
    size = picture.y.shape[1], picture.y.shape[0]
    u, v = (
        (cv2.resize(p, size, interpolation=cv2.INTER_LINEAR).astype(np.float32) - 128) / 224
        for p in (picture.u, picture.v)
    )
    red = y + 2 * (1 - _RED) * v
    blue = y + 2 * (1 - _BLUE) * u
    green = (y - _RED * red - _BLUE * blue) / _GREEN
    return _byte(np.dstack([red, green, blue]) * 255)


def blend(onto: Planes, cutout: Sprite, move: Matrix | None = None) -> None:
    """Lay a cut-out onto a picture, moved by a 3 × 3 matrix in the picture's own places."""
    height, width = cutout.bright.shape[:2]
    bright, color = cutout.bright, cutout.color
    if move is not None:
        here = _shifted(move, cutout.left, cutout.top)
        bright = _warped(bright, here)
        color = _warped(color, np.linalg.inv(_HALF) @ here @ _HALF)
    x, y = cutout.left, cutout.top
    over, opacity = _channels(bright, 2)
    _lay(onto.y[y : y + height, x : x + width], over, opacity)
    x, y, width, height = x // 2, y // 2, width // 2, height // 2
    over_u, over_v, opacity = _channels(color, 3)
    _lay(onto.u[y : y + height, x : x + width], over_u, opacity)
    _lay(onto.v[y : y + height, x : x + width], over_v, opacity)


def turning(degrees: float, about: tuple[float, float], scale: tuple[float, float]) -> Matrix:
    """A matrix that turns and stretches about a point."""
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array(
        [[cos * scale[0], -sin * scale[1], 0.0], [sin * scale[0], cos * scale[1], 0.0], [0, 0, 1.0]]
    )
    center = np.array(about)
    matrix[:2, 2] = center - matrix[:2, :2] @ center
    return matrix


def shifting(right: float, down: float) -> Matrix:
    """A matrix that moves."""
    return np.array([[1.0, 0.0, right], [0.0, 1.0, down], [0.0, 0.0, 1.0]])


def _lay(onto: Plane, over: Plane, opacity: Plane) -> None:
    rest = cv2.bitwise_not(opacity)
    under = cv2.multiply(onto, rest, scale=1 / 255)
    cv2.add(under, over, dst=under)
    onto[...] = under


def _channels(plane: Plane, count: int) -> list[Plane]:
    return [np.asarray(part, dtype=np.uint8) for part in cv2.split(plane)[:count]]


def _fours(*parts: Plane) -> Plane:
    empty = np.zeros_like(parts[0])
    return np.ascontiguousarray(np.dstack([*parts, *[empty] * (4 - len(parts))]))


def _shifted(move: Matrix, left: int, top: int) -> Matrix:
    matrix: Matrix = shifting(-left, -top) @ move @ shifting(left, top)
    return matrix


def _warped(plane: Plane, matrix: Matrix) -> Plane:
    height, width = plane.shape[:2]
    out = cv2.warpAffine(
        plane,
        matrix[:2],
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,  # a body that the stage's edge cuts off goes on below it
    )
    return np.asarray(out, dtype=np.uint8)


def _yuv(pixels: Pixels) -> tuple[Fine, Fine, Fine]:
    red, green, blue = (pixels[..., i].astype(np.float32) / np.float32(255) for i in range(3))
    y = _RED * red + _GREEN * green + _BLUE * blue
    u = (blue - y) / (2 * (1 - _BLUE))
    v = (red - y) / (2 * (1 - _RED))
    return _fine(16 + 219 * y), _fine(128 + 224 * u), _fine(128 + 224 * v)


def _fine(plane: NDArray[np.floating]) -> Fine:
    return plane.astype(np.float32, copy=False)


def _halved(plane: Fine) -> Fine:
    height, width = plane.shape
    small = cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def _byte(plane: NDArray[np.floating]) -> Plane:
    rounded: Plane = np.clip(np.rint(plane), 0, 255).astype(np.uint8)
    return rounded
