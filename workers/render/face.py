"""A face that moves: mouth, eyes and brows drawn from a handful of numbers.

The numbers are coarse on purpose (whole steps), so that a clip needs some dozens of different
mouths and eyes and each is drawn once. Shapes follow the ToonHead style's own eyes and brows; units
and places are those of workers.render.puppet_art.
"""

from dataclasses import dataclass
from enum import StrEnum

from workers.render.colors import darker, mix

MOUTH_X, MOUTH_Y = 384, 502
EYES_X, EYES_Y = 253, 367
LIP, LIP_LINE, CAVITY, TONGUE, TEETH = "#cf6a66", "#9c4a48", "#6d1a20", "#e2716c", "#fdf8f0"
IRIS, LASH, WHITE = "#4b2422", "#3d1f1d", "#fffaf2"


class Gaze(StrEnum):
    """How wide the eyes stand open when they are open."""

    WIDE = "wide"
    SMILING = "smiling"


@dataclass(frozen=True)
class Mouth:
    """A mouth: half its width, how far the lower lip is down, how much of the teeth is seen."""

    width: int
    drop: int
    teeth: int = 0
    smile: int = 5
    """How far the corners are up when the lips are closed."""


@dataclass(frozen=True)
class Face:
    """One state of a face, in steps."""

    mouth: Mouth
    lid: int = 0
    """0 open, 1 and 2 on the way, 3 closed."""
    look_x: int = 0
    look_y: int = 0
    """Where the pupils look: -2 to 2 steps, right and down are positive."""
    brow: int = 0
    """How far the brows are up, in steps."""
    gaze: Gaze = Gaze.WIDE


NEUTRAL_MOUTH = Mouth(36, 0)
NEUTRAL = Face(NEUTRAL_MOUTH)


def mouth_svg(face: Face) -> str:
    """The mouth."""
    mouth = face.mouth
    inner = _closed(mouth) if mouth.drop < 3 else _open(mouth)
    return f'<g transform="translate({MOUTH_X} {MOUTH_Y})">{inner}</g>'


def _closed(mouth: Mouth) -> str:
    w, s = mouth.width, mouth.smile
    return (
        f'<path d="M{-w} {-s}C{-w * 0.55:g} {s * 1.5 + 3:g} {w * 0.55:g} {s * 1.5 + 3:g} {w} {-s}'
        f"C{w * 0.5:g} {s * 2.3 + 8:g} {-w * 0.5:g} {s * 2.3 + 8:g} {-w} {-s}Z"
        f'" fill="{LIP}"/>'
        f'<path d="M{-w - 3} {-s - 2}C{-w * 0.55:g} {s * 1.5 + 3:g} {w * 0.55:g} {s * 1.5 + 3:g} '
        f'{w + 3} {-s - 2}" stroke="{LIP_LINE}" stroke-width="4" stroke-linecap="round"/>'
        f'<path d="M-13 {s * 2 + 21}Q0 {s * 2 + 28} 13 {s * 2 + 21}" stroke="#000" '
        'stroke-opacity=".13" stroke-width="5" stroke-linecap="round"/>'
    )


def _open(mouth: Mouth) -> str:
    w, h = mouth.width, mouth.drop
    rise = max(4.0, h * 0.28 * (1.5 - w / 50))
    corner = -2 if w > 26 else 2
    path = (
        f"M{-w} {corner}C{-w * 0.6:g} {-rise:g} {w * 0.6:g} {-rise:g} {w} {corner}"
        f"C{w * 0.92:g} {h * 0.75:g} {w * 0.5:g} {h:g} 0 {h:g}"
        f"C{-w * 0.5:g} {h:g} {-w * 0.92:g} {h * 0.75:g} {-w} {corner}Z"
    )
    inside = [f'<path d="{path}" fill="{CAVITY}"/>']
    if h > 14:
        y, r = h * 1.02, h * 0.42
        inside.append(f'<ellipse cx="0" cy="{y:g}" rx="{w * 0.72:g}" ry="{r:g}" fill="{TONGUE}"/>')
    if mouth.teeth:
        depth = min(h - 3, 3 + 3 * mouth.teeth)
        inside.append(
            f'<path d="M{-w} {-rise - 4:g}H{w}V{depth - 4:g}Q0 {depth + 3:g} {-w} {depth - 4:g}Z" '
            f'fill="{TEETH}"/>'
        )
    return (
        f'<clipPath id="m"><path d="{path}"/></clipPath>'
        f'<g clip-path="url(#m)">{"".join(inside)}</g>'
        f'<path d="{path}" stroke="{LIP}" stroke-width="5.5" stroke-linejoin="round"/>'
        f'<path d="M-12 {h + 15}Q0 {h + 21} 12 {h + 15}" stroke="#000" stroke-opacity=".12" '
        'stroke-width="5" stroke-linecap="round"/>'
    )


_WHITES = {
    Gaze.WIDE: "M68.5 6.47c29 10 22.5 53 22.5 53s-8 21-52.5 11c-27.15-6.1-26.5-41-26.5-41s27.5-33 "
    "56.5-23",
    Gaze.SMILING: "M65.5 13.68c29 10 25.5 40 25.5 40s-8 17-52.5 9c-27.15-5-26.5-37-26.5-37s24.5-22 "
    "53.5-12",
}
_LASHES = {
    Gaze.WIDE: "M13.5 13.97h7s22.06-25.11 53-8c23.5 13 18 43 18 43s1.25-43-37-43-37.5 46-37.5 46-"
    "3.18-5.55-4.25-9.75L10 31.47l-10-7.5h18.5z",
    Gaze.SMILING: "m13.5 11.18 13.5 3s20.5-18 50 1.5c16.64 11 14 34.5 14 34.5s-5.25-32-43.5-32-30.5"
    " 31-30.5 31-3.18-5.55-4.25-9.75L10 28.68l-10-7.5h18.5z",
}
_CLOSED_LASH = (
    "m21.5 33.75-4.25 11c27.75 0 40.74 15.54 64.25 0C98.14 33.75 96 23 96 23s-2.75 16.93-41 16.93"
    "c-22.71 0-28-19-47-10z"
)
_SQUASH = (1.0, 0.72, 0.36)
_EYE_PITCH = 261.06
"""The right eye is the left one mirrored about the middle of this width."""


def eyes_svg(face: Face, skin: str) -> str:
    """Both eyes."""
    left, right = _eye(face, skin, 1), _eye(face, skin, -1)
    return (
        f'<g transform="translate({EYES_X} {EYES_Y})">{left.replace("@", "l")}'
        f'<g transform="translate({_EYE_PITCH} 0) scale(-1 1)">{right.replace("@", "r")}</g></g>'
    )


def _eye(face: Face, skin: str, side: int) -> str:
    """The left eye (side 1), or the right one before it is mirrored (side -1)."""
    if face.lid >= len(_SQUASH):
        return f'<path d="{_CLOSED_LASH}" transform="translate(0 6)" fill="{LASH}"/>'
    k = _SQUASH[face.lid]
    middle = 44
    shade = darker(mix(skin, "#e08a78", 0.35), 0.06)
    x, y = 58 + 4.5 * face.look_x * side, 43 + 3 * face.look_y
    return (
        f'<g transform="translate(0 {middle * (1 - k):g}) scale(1 {k:g})">'
        f'<path d="M16 10Q52 -22 92 16" stroke="{shade}" stroke-opacity=".55" stroke-width="6" '
        'stroke-linecap="round"/>'
        f'<clipPath id="w@"><path d="{_WHITES[face.gaze]}"/></clipPath>'
        f'<g clip-path="url(#w@)"><path d="{_WHITES[face.gaze]}" fill="{WHITE}"/>'
        f'<circle cx="{x:g}" cy="{y:g}" r="28" fill="{IRIS}"/>'
        f'<circle cx="{x:g}" cy="{y + 9:g}" r="17" fill="#8a4f3d" fill-opacity=".75"/>'
        f'<circle cx="{x:g}" cy="{y:g}" r="14" fill="#1d0d0d"/>'
        f'<circle cx="{x + 9 * side:g}" cy="{y - 11:g}" r="8.5" fill="#fff"/>'
        f'<circle cx="{x - 9 * side:g}" cy="{y + 11:g}" r="4" fill="#fff" fill-opacity=".8"/>'
        f'<path d="M0 -4H110V14Q56 2 8 26Z" fill="#5a3a3a" fill-opacity=".16"/></g>'
        f'<path d="{_LASHES[face.gaze]}" fill="{LASH}"/></g>'
    )


def brows_svg(face: Face, hair: str) -> str:
    """Both brows, softer and thinner than the style's own."""
    color = mix(darker(hair, 0.1), "#6b4236", 0.25)
    lift = 322 - 4.0 * face.brow
    one = "M0 14C16 -3 44 -8 70 4C74 6 75 12 70 12C46 4 22 8 2 19C-2 20 -3 17 0 14Z"
    return (
        f'<g fill="{color}"><path d="{one}" transform="translate(272 {lift:g})"/>'
        f'<path d="{one}" transform="translate(496 {lift:g}) scale(-1 1)"/></g>'
    )
