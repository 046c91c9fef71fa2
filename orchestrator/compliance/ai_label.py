"""The AI label: what it says, how large it is, where it stands. No option turns it off.

GB 45438-2025 asks a label with an AI element (人工智能 or AI) and a generation element (生成 or
合成), glyphs of at least 5 % of the shorter side (5.4). Order 117, article 37, asks that live
commerce shows it all the time. The draft on digital humans (CAC, 2026-04-03, article 13) adds the
word 数字人. The default text satisfies all three.

"Height" isn't defined by the standard, so the strictest reading holds: every single glyph's inked
box, the Latin capitals included. Noto Sans' capitals ink 73 % of the font size, hence 7 %.

Where it stands is computed here, from the profile and the text alone, so that whoever judges a
stream from outside looks at the same place as whoever draws it: white letters on a dark plate,
below the shop's capsule, in the part of the frame that platforms keep free of their own buttons.
"""

from dataclasses import dataclass

from orchestrator.domain.media import Profile

DEFAULT_TEXT = "AI生成 · 数字人主播"
MIN_GLYPH_SHARE = 0.05
FONT_SHARE = 0.072
AI_ELEMENTS = ("AI", "人工智能")
GENERATION_ELEMENTS = ("生成", "合成")

FONT_WEIGHT = 700
INK = (255, 255, 255)
PLATE = (17, 19, 24)
"""Contrast of ink on plate is 18.6 to 1; 4.5 is asked of text anywhere else."""

LEFT_SHARE = 24 / 720
TOP_SHARE = 116 / 1280
PAD_EM = 0.42
PLATE_EM = 1.44
LATIN_EM = 0.66
NARROW_EM = 0.33
NARROW = frozenset(" :.,|-I1")
BASELINE_EM = 0.37
"""From the middle of the letters' ink down to the baseline."""


@dataclass(frozen=True)
class LabelBox:
    """Where the label's plate stands on the frame, in pixels, and where its letters begin."""

    left: int
    top: int
    width: int
    height: int
    font_size: int
    text_left: int
    """Left edge of the first letter."""
    baseline: int
    """Line that the letters stand on; their ink is centered between plate's top and bottom."""


def satisfies_the_standard(text: str) -> bool:
    """Whether a label text has both elements (GB 45438-2025, 5.4)."""
    return any(e in text for e in AI_ELEMENTS) and any(e in text for e in GENERATION_ELEMENTS)


def font_size(short_side: int) -> int:
    """Pixels of font size at which every glyph reaches the smallest height allowed."""
    return round(short_side * FONT_SHARE)


def min_glyph_height(short_side: int) -> float:
    """Pixels that the lowest glyph that carries meaning must reach."""
    return short_side * MIN_GLYPH_SHARE


def label_box(profile: Profile, text: str = DEFAULT_TEXT) -> LabelBox:
    """Where the label stands in every frame of a profile; the whole frame is its limit."""
    size = font_size(profile.short_side)
    pad = round(size * PAD_EM)
    left = round(profile.width * LEFT_SHARE)
    top, height = round(profile.height * TOP_SHARE), round(size * PLATE_EM)
    width = round(size * sum(_advance(c) for c in text)) + 2 * pad
    return LabelBox(
        left=left,
        top=top,
        width=min(width, profile.width - 2 * left),
        height=height,
        font_size=size,
        text_left=left + pad,
        baseline=round(top + height / 2 + size * BASELINE_EM),
    )


def _advance(character: str) -> float:
    if character in NARROW:
        return NARROW_EM
    return LATIN_EM if character.isascii() else 1.0
