"""One color for each double, told apart on light and dark pages, on paper and on a terminal.

Colors are made in OKLCH, where equal steps look equal: ten hues in the first ring, light; ten
between them in the second, dark; then both again in between, paler. The letters on a color are
black or white, whichever contrasts more: at least 4.5 to 1 (WCAG 2.2, AA).
"""

from dataclasses import dataclass
from math import cos, radians, sin

RING = 10
TURN = 360 / RING
FIRST_HUE = 25.0
STRIDE = 3
"""Neighbors in the file's order are three hues apart: 3 and 10 share no divisor."""


@dataclass(frozen=True)
class Ring:
    """Lightness and chroma of ten colors, and how far their hues are turned, in steps."""

    lightness: float
    chroma: float
    turned: float


RINGS = (Ring(0.80, 0.115, 0.0), Ring(0.50, 0.125, 0.5), Ring(0.89, 0.06, 0.25),
         Ring(0.40, 0.07, 0.75))  # fmt: skip


@dataclass(frozen=True)
class Paint:
    """A color and the one for letters on it, as #rrggbb."""

    fill: str
    ink: str


def paint(number: int) -> Paint:
    """The color with that number. From the 41st on they come again."""
    ring = RINGS[number // RING % len(RINGS)]
    hue = FIRST_HUE + TURN * (number * STRIDE % RING + ring.turned)
    rgb = _srgb(ring.lightness, ring.chroma, hue)
    light = luminance(rgb)
    ink = "#000000" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "#ffffff"
    return Paint("#" + "".join(f"{round(255 * part):02x}" for part in rgb), ink)


def luminance(rgb: tuple[float, float, float]) -> float:
    """Relative luminance: 0.2126 R + 0.7152 G + 0.0722 B, on linear light (WCAG 2.2)."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _srgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """OKLCH as sRGB, chroma lowered until the screen can show it (Ottosson 2020)."""
    while True:
        linear = _linear(lightness, chroma, hue)
        if all(-1e-4 <= part <= 1.0001 for part in linear) or chroma <= 0:
            red, green, blue = (_gamma(min(1.0, max(0.0, part))) for part in linear)
            return red, green, blue
        chroma -= 0.005


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _gamma(part: float) -> float:
    return float(12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055)
