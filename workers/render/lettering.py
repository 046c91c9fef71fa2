"""Letters on a picture: measured, fitted, wrapped as Chinese is, drawn.

Places are in pixels; `baseline` is the line that letters stand on, because tops of Chinese and
Latin letters differ and their baselines don't.
"""

from dataclasses import dataclass

from PIL import Image, ImageDraw

from workers.render.fonts import REGULAR, font

NEVER_FIRST = frozenset("，。！？、；：,.!?;:）)】》」』”’%～~…")
NEVER_LAST = frozenset("（(【《「『“‘¥")
ELLIPSIS = "…"
CAP_MIDDLE = 0.37
"""From the baseline up to the middle of a Chinese letter, in font sizes."""


@dataclass(frozen=True)
class Style:
    """How letters look."""

    size: int
    weight: int = REGULAR
    color: str = "#1f1b20"
    edge: str | None = None
    edge_width: int = 0


def width_of(text: str, style: Style) -> float:
    """How wide a line is."""
    return font(style.size, style.weight).getlength(text)


def write(
    image: Image.Image, at: tuple[float, float], text: str, style: Style, anchor: str = "ls"
) -> float:
    """Draw a line with its baseline at a point; gives the x where it ends (for anchor `ls`)."""
    ImageDraw.Draw(image).text(
        at,
        text,
        font=font(style.size, style.weight),
        fill=style.color,
        anchor=anchor,
        stroke_width=style.edge_width,
        stroke_fill=style.edge,
    )
    return at[0] + width_of(text, style)


def baseline_in(top: float, height: float, size: int) -> int:
    """The baseline at which letters are centered between two heights."""
    return round(top + height / 2 + size * CAP_MIDDLE)


def fitted(text: str, style: Style, width: float, smallest: int) -> tuple[str, Style]:
    """The text in a size at which it fits; at the smallest size it is cut with an ellipsis."""
    size = style.size
    while size > smallest and width_of(text, _sized(style, size)) > width:
        size -= 1
    style = _sized(style, size)
    if width_of(text, style) <= width:
        return text, style
    while text and width_of(text + ELLIPSIS, style) > width:
        text = text[:-1]
    return text + ELLIPSIS, style


def titled(text: str, style: Style, width: float, smallest: int) -> tuple[list[str], Style]:
    """The text on one line, or at the smallest size on two; a third line's worth is cut."""
    line, look = fitted(text, style, width, smallest)
    if line == text:
        return [line], look
    first, *rest = wrapped(text, look, width)
    return [first, fitted("".join(rest), look, width, look.size)[0]], look


def _sized(style: Style, size: int) -> Style:
    return Style(size, style.weight, style.color, style.edge, style.edge_width)


def wrapped(text: str, style: Style, width: float) -> list[str]:
    """Lines of at most that width, broken where Chinese typesetting allows it."""
    lines: list[str] = []
    line = ""
    for word in _words(text):
        if line and width_of(line + word, style) > width and not _sticks(line, word):
            lines.append(line.strip())
            line = word
        else:
            line += word
    if line.strip():
        lines.append(line.strip())
    return lines


def _sticks(line: str, word: str) -> bool:
    return word[0] in NEVER_FIRST or line[-1] in NEVER_LAST


def _words(text: str) -> list[str]:
    """Latin words and numbers whole, everything else letter by letter."""
    words: list[str] = []
    for character in text:
        latin = character.isascii() and (character.isalnum() or character in "-_.%")
        if words and latin and words[-1][-1].isascii() and words[-1][-1].isalnum():
            words[-1] += character
        else:
            words.append(character)
    return words
