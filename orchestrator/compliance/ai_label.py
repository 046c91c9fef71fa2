"""The AI label: what it says, how large it is, where it stands. No option turns it off.

GB 45438-2025 asks a label with an AI element (人工智能 or AI) and a generation element (生成 or
合成), glyphs of at least 5 % of the shorter side (5.4). Order 117, article 37, asks that live
commerce shows it all the time. The draft on digital humans (CAC, 2026-04-03, article 13) adds the
word 数字人. The default text satisfies all three.

"Height" isn't defined by the standard, so the strictest reading holds: every single glyph's inked
box, the Latin capitals included. Noto Sans' capitals ink 73 % of the font size, hence 7 %.
"""

from dataclasses import dataclass

DEFAULT_TEXT = "AI生成 · 数字人主播"
MIN_GLYPH_SHARE = 0.05
FONT_SHARE = 0.072
AI_ELEMENTS = ("AI", "人工智能")
GENERATION_ELEMENTS = ("生成", "合成")


@dataclass(frozen=True)
class LabelBox:
    """Where the label's plate stands on the frame, in pixels."""

    left: int
    top: int
    width: int
    height: int


def satisfies_the_standard(text: str) -> bool:
    """Whether a label text has both elements (GB 45438-2025, 5.4)."""
    return any(e in text for e in AI_ELEMENTS) and any(e in text for e in GENERATION_ELEMENTS)


def font_size(short_side: int) -> int:
    """Pixels of font size at which every glyph reaches the smallest height allowed."""
    return round(short_side * FONT_SHARE)


def min_glyph_height(short_side: int) -> float:
    """Pixels that the lowest glyph that carries meaning must reach."""
    return short_side * MIN_GLYPH_SHARE
