"""Whether the AI label can be read on a picture: expected letters against decoded pixels. Pure.

The text is drawn once, with the font that doubles are labelled in, at the place the rules give;
then each picture's pixels there are compared with it, letter by letter: the letter's shape must be
there (normalized correlation), its ink must be as high as the standard asks, and it must stand out
from its plate. A letter that is covered, cut or washed out fails the whole picture.

Limits: a profile's size and the label's text must be known; another font or place doesn't count.
"""

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from orchestrator.compliance.ai_label import FONT_WEIGHT, LabelBox, label_box, min_glyph_height
from orchestrator.domain.media import Profile
from orchestrator.errors import FontMissing

Pixels = NDArray[np.uint8]
Shape = NDArray[np.float32]

ENOUGH_MATCH: Final = 0.8
"""Correlation of the whole text with the picture."""
ENOUGH_GLYPH_MATCH: Final = 0.7
"""Correlation of each letter; compression blurs small ones more."""
ENOUGH_CONTRAST: Final = 4.5
SEARCH: Final = 2
"""Pixels by which the label may lie elsewhere than expected, for scaling and rounding."""
INKED: Final = 0.9
BARE: Final = 0.02
_PACKAGE, _FONT = "justmytype_intl_cjk", ("fonts", "ofl", "notosanssc", "NotoSansSC[wght].ttf")


@dataclass(frozen=True)
class Letter:
    """One letter that carries meaning, and the columns of the plate it fills."""

    character: str
    left: int
    right: int


@dataclass(frozen=True)
class Expected:
    """The label as it must look: 1 where there is ink, 0 where there is plate."""

    profile: Profile
    box: LabelBox
    ink: Shape
    letters: tuple[Letter, ...]

    @cached_property
    def smallest_glyph_px(self) -> float:
        """The height that every letter must reach."""
        return min_glyph_height(self.profile.short_side)


@dataclass(frozen=True)
class Sight:
    """What was seen on one picture. The figures are those of the worst letter."""

    match: float
    glyph_match: float
    glyph_px: float
    contrast: float
    required_px: float

    @property
    def readable(self) -> bool:
        """The label is there and as the rules want it."""
        return (
            self.match >= ENOUGH_MATCH
            and self.glyph_match >= ENOUGH_GLYPH_MATCH
            and self.glyph_px >= self.required_px
            and self.contrast >= ENOUGH_CONTRAST
        )


def expected_label(profile: Profile, text: str, font: Path | None = None) -> Expected:
    """Draw the label as it must look."""
    box = label_box(profile, text)
    face = _face(font, box.font_size)
    at = (box.text_left - box.left, box.baseline - box.top)
    letters = []
    for index, character in enumerate(text):
        if not character.isalnum():
            continue
        alone = _drawn(box, character, (at[0] + face.getlength(text[:index]), at[1]), face)
        columns = np.flatnonzero((alone > 0.5).any(axis=0))
        letters.append(Letter(character, int(columns[0]), int(columns[-1]) + 1))
    return Expected(profile, box, _drawn(box, text, at, face), tuple(letters))


def look(picture: Pixels, expected: Expected) -> Sight:
    """What a viewer sees of the label on an RGB picture of the profile's size."""
    required = expected.smallest_glyph_px
    profile = expected.profile
    if picture.shape != (profile.height, profile.width, 3):
        return Sight(0.0, 0.0, 0.0, 1.0, required)
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    match, left, top = _found(grey, expected)
    rows = slice(top, top + expected.ink.shape[0])
    columns = slice(left, left + expected.ink.shape[1])
    plate, colors = grey[rows, columns], picture[rows, columns]
    seen = [_letter_sight(plate, colors, expected.ink, letter) for letter in expected.letters]
    glyph_match, heights, contrasts = zip(*seen, strict=True)
    return Sight(match, min(glyph_match), min(heights), min(contrasts), required)


def contrast(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Contrast of two sRGB colors as WCAG 2 computes it: 1 to 21."""
    lights = sorted(_luminance(color) for color in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _found(grey: Shape, expected: Expected) -> tuple[float, int, int]:
    """(correlation, left, top) of the best place near the expected one."""
    box, shape = expected.box, expected.ink.shape
    top, left = max(0, box.top - SEARCH), max(0, box.left - SEARCH)
    around = grey[top : box.top + shape[0] + SEARCH, left : box.left + shape[1] + SEARCH]
    scores = cv2.matchTemplate(around, expected.ink, cv2.TM_CCOEFF_NORMED)
    _, best, _, (dx, dy) = cv2.minMaxLoc(scores)
    return float(best), left + dx, top + dy


def _letter_sight(
    plate: Shape, colors: Pixels, ink: Shape, letter: Letter
) -> tuple[float, float, float]:
    """(correlation, inked height, contrast) of one letter."""
    columns = slice(letter.left, letter.right)
    there, wanted = plate[:, columns], ink[:, columns]
    inked, bare = wanted > INKED, wanted < BARE
    ink_color = np.median(colors[:, columns][inked], axis=0)
    plate_color = np.median(colors[:, columns][bare], axis=0)
    middle = (np.median(there[inked]) + np.median(there[bare])) / 2
    rows = np.flatnonzero((there > middle).any(axis=1))
    height = float(rows[-1] - rows[0] + 1) if rows.size else 0.0
    return _correlation(there, wanted), height, contrast(ink_color, plate_color)


def _correlation(one: Shape, other: Shape) -> float:
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0


def _luminance(color: NDArray[np.float64]) -> float:
    part = np.asarray(color, dtype=np.float64) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def _face(font: Path | None, size: int) -> ImageFont.FreeTypeFont:
    path = font or Path(str(files(_PACKAGE).joinpath(*_FONT)))
    try:
        face = ImageFont.truetype(str(path), size)
        face.set_variation_by_axes([FONT_WEIGHT])
    except OSError as error:
        raise FontMissing(f"The font {path.name} can't be read: {error}.") from error
    return face


def _drawn(
    box: LabelBox, text: str, at: tuple[float, float], face: ImageFont.FreeTypeFont
) -> Shape:
    canvas = Image.new("L", (box.width, box.height), 0)
    ImageDraw.Draw(canvas).text(at, text, font=face, fill=255, anchor="ls")
    return np.asarray(canvas, dtype=np.float32) / np.float32(255)
