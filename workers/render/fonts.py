"""The font: one file with Chinese glyphs, at any weight and size, and proof that it has a glyph.

The package's Noto Sans SC (SIL Open Font License 1.1) is variable in weight; a font set by
DOPPELCAST_FONT may be, and is drawn as it is where it isn't.
"""

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from PIL import ImageFont

from orchestrator.errors import FontMissing
from orchestrator.settings import settings

REGULAR, MEDIUM, BOLD, HEAVY = 400, 500, 700, 900
_PACKAGE, _FILE = "justmytype_intl_cjk", ("fonts", "ofl", "notosanssc", "NotoSansSC[wght].ttf")
_INVISIBLE = frozenset("\n\r\t")


def font_file() -> Path:
    """The font in use: the configured one, else the package's."""
    return settings().font or Path(str(files(_PACKAGE).joinpath(*_FILE)))


@lru_cache(maxsize=128)
def font(size: int, weight: int = REGULAR) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels and a weight."""
    path = font_file()
    try:
        face = ImageFont.truetype(str(path), size)
    except OSError as error:
        raise FontMissing(f"The font {path.name} can't be read: {error}.") from error
    try:
        face.set_variation_by_axes([weight])
    except (OSError, NotImplementedError):
        return face
    return face


def check_glyphs(text: str) -> None:
    """Raise `FontMissing` for the first glyph that can't be drawn, and name it."""
    lost = missing_glyphs(text)
    if lost:
        names = ", ".join(f"{c} (U+{ord(c):04X})" for c in lost)
        raise FontMissing(
            f"The font {font_file().name} has no glyph for {names}. Change the text, "
            "or set DOPPELCAST_FONT to a font that has it."
        )


def missing_glyphs(text: Iterable[str]) -> tuple[str, ...]:
    """Characters that the font can't draw, in order, each once."""
    known = _characters(font_file())
    return tuple(dict.fromkeys(c for c in text if ord(c) not in known and c not in _INVISIBLE))


@lru_cache(maxsize=4)
def _characters(path: Path) -> frozenset[int]:
    try:
        with TTFont(path, lazy=True, fontNumber=0) as face:
            return frozenset(face.getBestCmap() or ())
    except (OSError, TTLibError) as error:
        raise FontMissing(f"The font {path.name} can't be read: {error}.") from error
