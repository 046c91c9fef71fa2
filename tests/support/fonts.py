"""The package's Chinese font, for what tests draw themselves."""

from importlib.resources import files
from pathlib import Path

from PIL import ImageFont

_PARTS = ("fonts", "ofl", "notosanssc", "NotoSansSC[wght].ttf")
FONT = Path(str(files("justmytype_intl_cjk").joinpath(*_PARTS)))


def noto(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """Noto Sans SC at a size in pixels and a weight."""
    face = ImageFont.truetype(str(FONT), size)
    face.set_variation_by_axes([weight])
    return face
