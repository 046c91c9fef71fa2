"""Single frames without encoding: what a recipe looks like at a moment.

python -m workers.render.preview frame.png
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from orchestrator.compliance.ai_label import DEFAULT_TEXT
from orchestrator.domain.clip import (
    BrandFace,
    ClipKind,
    ClipRecipe,
    Look,
    Mood,
    PersonaFace,
    ProductCard,
    Voice,
)
from orchestrator.domain.media import FPS, FRAMES_PER_UNIT, UNIT_MS, units_for
from orchestrator.ids import ProductId
from workers.render.planes import blend, pixels_of, sprite
from workers.render.scene import scene
from workers.render.speech.contract import MouthShape, TimedShape
from workers.render.still import layout_of
from workers.render.subtitles import subtitle_picture, subtitles

MURMUR = (MouthShape.A, MouthShape.I, MouthShape.O, MouthShape.CLOSED, MouthShape.E, MouthShape.S)
LETTER_SECONDS = 0.2


def compose_frame(recipe: ClipRecipe, at_seconds: float, assets: Path) -> NDArray[np.uint8]:
    """The frame at a time, as red, green, blue; lips move as if the text were spoken evenly."""
    shapes = murmured(recipe.text if recipe.kind is ClipKind.LINE else "")
    seconds = max(recipe.seconds, shapes[-1].end if shapes else UNIT_MS / 1000)
    frames = units_for(seconds) * FRAMES_PER_UNIT
    view = scene(recipe, shapes, frames, assets)
    picture = view.still
    picture.paste(
        view.frame(min(frames - 1, round(at_seconds * FPS))), view.stage.left, view.stage.top
    )
    for piece in subtitles(recipe.text, shapes, frames / FPS, layout_of(recipe)):
        if piece.start <= at_seconds < piece.end:
            plate, rect = subtitle_picture(piece, view.where)
            blend(picture, sprite(plate, rect.left, rect.top))
    return pixels_of(picture)


def murmured(text: str) -> tuple[TimedShape, ...]:
    """Mouth shapes for a text that nobody has spoken: a syllable a letter."""
    shapes = []
    for n, letter in enumerate(text):
        shape = MURMUR[n % len(MURMUR)] if letter.isalnum() else MouthShape.REST
        start = 0.3 + n * LETTER_SECONDS
        shapes.append(TimedShape(shape, start, start + LETTER_SECONDS))
    return tuple(shapes)


SAMPLE_LOOK = Look(
    "toon-head",
    (
        ("clothesColor", "#d9798c"),
        ("clothesVariant", "openJacket"),
        ("hairColor", "#4a2f28"),
        ("hairVariant", "bun"),
        ("rearHairVariant", "longWavy"),
        ("skinColor", "#f8d6c0"),
    ),
    "sample",
)
SAMPLE_CARD = ProductCard(
    product=ProductId("sample"),
    name="云感夏凉被",
    price="129.00",
    was="199.00",
    points=("可机洗", "A类面料", "四季可用"),
    picture=None,
    unit="件",
)


def sample_recipe() -> ClipRecipe:
    """A plainly fictional shop's line."""
    return ClipRecipe(
        kind=ClipKind.LINE,
        profile="portrait-720",
        label=DEFAULT_TEXT,
        brand=BrandFace("样例家纺", "#5b7f95", "#e0955f", "家纺"),
        shop_name="样例家纺演示店",
        persona=PersonaFace("小样", SAMPLE_LOOK, Voice("zf_xiaoxiao")),
        text="这床夏凉被摸起来滑滑的，空调房里盖着刚刚好，一家人都喜欢。",
        mood=Mood.HAPPY,
        card=SAMPLE_CARD,
    )


def main(arguments: list[str]) -> int:
    """Write the sample's frame into the file that is named."""
    target = Path(arguments[0]) if arguments else Path("frame.png")
    Image.fromarray(compose_frame(sample_recipe(), 1.5, Path())).save(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
