"""The parts of a clip that stand still, composed once: room, desk, capsule, card or shelf, label.

Rooms are kept per brand and size, stills per card, so that a shop's many lines share one drawing.
"""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from orchestrator.domain.clip import BrandFace, ClipKind, ClipRecipe, Mood
from orchestrator.domain.media import PROFILES, Profile
from orchestrator.domain.phrases import CHINESE as PHRASES
from orchestrator.errors import RenderFailed
from workers.render import sets
from workers.render.card import Sheet, draw_card
from workers.render.colors import legible, lighter
from workers.render.fonts import BOLD, HEAVY, REGULAR, check_glyphs
from workers.render.furniture import draw_header, draw_label
from workers.render.layout import Layout, layout
from workers.render.lettering import Style, baseline_in, fitted, write
from workers.render.planes import Planes, planes
from workers.render.shelf import draw_shelf
from workers.render.svg import Pixels, drawing, raster


def profile_of(recipe: ClipRecipe) -> Profile:
    """The recipe's profile."""
    try:
        return PROFILES[recipe.profile]
    except KeyError as error:
        known = ", ".join(PROFILES)
        raise RenderFailed(f"There is no profile {recipe.profile}; known: {known}.") from error


def layout_of(recipe: ClipRecipe) -> Layout:
    """The recipe's layout."""
    return layout(profile_of(recipe), recipe.label)


def still(recipe: ClipRecipe, assets: Path) -> Planes:
    """Everything but the double and the subtitle; a copy, to be drawn on."""
    check_glyphs(_drawn_text(recipe))
    words = recipe.text if recipe.kind is ClipKind.SLATE else ""
    alike = replace(recipe, text=words, mood=Mood.CALM, variant=0, seconds=0.0)
    kept = _still(alike, assets)
    return kept.cut(0, 0, kept.y.shape[1], kept.y.shape[0])


@lru_cache(maxsize=12)
def _still(recipe: ClipRecipe, assets: Path) -> Planes:
    where = layout_of(recipe)
    slate = recipe.kind is ClipKind.SLATE
    image = Image.fromarray(_ground(recipe.brand, where.width, where.height, slate)).copy()
    draw_header(image, where, recipe)
    sheet = Sheet(image, where, recipe.brand, assets)
    if slate:
        _draw_slate(image, where, recipe)
    elif recipe.card is not None:
        draw_card(sheet, recipe.card)
    elif recipe.shelf:
        draw_shelf(sheet, recipe.shelf)
    draw_label(image, where, recipe.label)
    return planes(np.asarray(image))


def _drawn_text(recipe: ClipRecipe) -> str:
    parts = [recipe.label, recipe.shop_name, recipe.brand.name, recipe.brand.trade, recipe.text]
    if recipe.persona is not None:
        parts.append(recipe.persona.name)
    for card in (*recipe.shelf, *([recipe.card] if recipe.card else [])):
        parts += [card.name, card.price, card.was or "", card.unit, *card.points]
    return "".join(parts)


@lru_cache(maxsize=16)
def _ground(brand: BrandFace, width: int, height: int, slate: bool) -> Pixels:
    if slate:
        document = sets.slate_svg(brand.primary, brand.accent)
    else:
        document = sets.room_svg(brand.primary, brand.accent, brand.trade)
    return raster(document, width, height)


def _slate_words(recipe: ClipRecipe) -> tuple[str, str]:
    """What the slate says, and what it says below that."""
    if not recipe.text:
        return PHRASES.back_soon, PHRASES.back_soon_more
    words, _, more = recipe.text.partition("\n")
    return words, more


def _draw_slate(image: Image.Image, where: Layout, recipe: ClipRecipe) -> None:
    px, middle, white, brand = where.px, where.width / 2, "#ffffff", recipe.brand
    words, more = _slate_words(recipe)
    radius, top = px(104), px(420)
    disc = (
        f'<circle cx="{radius}" cy="{radius}" r="{radius - 4}" fill="#fff" fill-opacity=".14"/>'
        f'<circle cx="{radius}" cy="{radius}" r="{radius - px(16)}" fill="#fff"/>'
    )
    layer = raster(drawing(disc, (0, 0, 2 * radius, 2 * radius)), 2 * radius, 2 * radius)
    image.alpha_composite(Image.fromarray(layer), (round(middle) - radius, top))
    logo = Style(px(96), HEAVY, legible(brand.primary, white, 3.0))
    write(image, (middle, baseline_in(top, 2 * radius, px(96))), brand.name[:1], logo, "ms")
    name, style = fitted(brand.name, Style(px(58), BOLD, white), where.width - px(120), px(34))
    write(image, (middle, px(724)), name, style, "ms")
    large = Style(px(76), HEAVY, white)
    words, large = fitted(words, large, where.width - px(80), px(40))
    write(image, (middle, px(836)), words, large, "ms")
    soft = lighter(brand.accent, 0.7)
    write(image, (middle, px(900)), more, Style(px(30), REGULAR, soft), "ms")
