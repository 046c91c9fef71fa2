"""The product card: picture, name, selling points, the price now and the price before.

Names and prices are the matrix's own; what doesn't fit gets smaller or another line. A name may
lose its end; a price never loses anything.
"""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from orchestrator.domain.clip import BrandFace, ProductCard
from orchestrator.domain.phrases import CHINESE as PHRASES
from workers.render.colors import legible, mix
from workers.render.fonts import BOLD, HEAVY, MEDIUM, REGULAR
from workers.render.furniture import draw_panel, draw_pill, lay
from workers.render.layout import Layout, Rect
from workers.render.lettering import Style, baseline_in, fitted, titled, width_of, write
from workers.render.pictures import picture
from workers.render.svg import drawing, raster

PRICE_RED, GREY, DARK = "#e0222f", "#736d75", "#221d24"
_ROWS = 2
"""Rows between the name and the price now, for points, the price before, a long name's end."""


@dataclass(frozen=True)
class Sheet:
    """What cards are drawn on, and whose colors they wear."""

    image: Image.Image
    where: Layout
    brand: BrandFace
    assets: Path

    def px(self, board: float) -> int:
        """Board pixels as whole pixels."""
        return self.where.px(board)


def draw_card(sheet: Sheet, card: ProductCard, tag: str = PHRASES.presenting) -> None:
    """The whole card, with a small tag on its picture."""
    rect, px = sheet.where.card, sheet.px
    draw_panel(sheet.image, sheet.where, sheet.brand)
    side = rect.height - px(40)
    left, top = rect.left + px(20), rect.top + px(20)
    draw_picture(sheet, card, Rect(left, top, side, side))
    corner = rect.left + px(12), rect.top + px(12)
    draw_pill(sheet.image, sheet.where, corner, tag, sheet.brand.accent)
    x, right = left + side + px(22), rect.right - px(24)
    names, style = titled(card.name, Style(px(34), BOLD, DARK), right - x, px(29))
    for n, line in enumerate(names):
        write(sheet.image, (x, rect.top + px(58) + n * px(42)), line, style)
    rows = _ROWS - (len(names) - 1) - (card.was is not None)
    below = rect.top + px(80) + (len(names) - 1) * px(40)
    _points(sheet, card.points, (x, below, right), rows)
    _prices(sheet, card, (x, rect.bottom - px(34), right))


def draw_picture(sheet: Sheet, card: ProductCard, rect: Rect) -> None:
    """The product's picture with round corners, or its initial where it has none."""
    w, h = rect.width, rect.height
    if card.picture is None:
        photo = _initial(sheet, card.name[:1], (w, h))
    else:
        photo = picture(sheet.assets, card.picture, (w, h)).convert("RGB")
    round_box = f'<rect width="{w}" height="{h}" rx="{sheet.px(18)}" fill="#fff"/>'
    mask = Image.fromarray(raster(drawing(round_box, (0, 0, w, h)), w, h)[..., 3])
    sheet.image.paste(photo, (rect.left, rect.top), mask)


def _initial(sheet: Sheet, letter: str, size: tuple[int, int]) -> Image.Image:
    width, height = size
    tint = mix(sheet.brand.primary, "#ffffff", 0.82)
    ground = Image.new("RGB", size, tint)
    style = Style(round(height * 0.5), BOLD, legible(sheet.brand.primary, tint, 3.0))
    write(ground, (width / 2, baseline_in(0, height, style.size)), letter, style, "ms")
    return ground


def _points(
    sheet: Sheet, points: tuple[str, ...], place: tuple[float, float, float], rows: int
) -> None:
    """Selling points as tags, in as many rows as there are; what doesn't fit stays away."""
    x0, y, right = place
    px, x, row = sheet.px, x0, 0
    tint, height = mix(sheet.brand.primary, "#ffffff", 0.86), px(38)
    style = Style(px(22), REGULAR, legible(sheet.brand.primary, tint))
    for point in points:
        text, _ = fitted(point, style, right - x0 - px(24), px(22))
        width = round(width_of(text, style)) + px(24)
        if x > x0 and x + width > right:
            x, row = x0, row + 1
        if row >= rows:
            return
        top = round(y + row * px(46))
        body = f'<rect width="{width}" height="{height}" rx="{px(8)}" fill="{tint}"/>'
        lay(sheet.image, body, Rect(round(x), top, width, height))
        write(sheet.image, (x + px(12), baseline_in(top, height, px(22))), text, style)
        x += width + px(10)


def _prices(sheet: Sheet, card: ProductCard, place: tuple[float, float, float]) -> None:
    """Price now, large; price before above it, struck through."""
    x0, baseline, right = place
    image, px = sheet.image, sheet.px
    x = write(image, (x0, baseline), PHRASES.now, Style(px(24), MEDIUM, PRICE_RED)) + px(8)
    x = write(image, (x, baseline), PHRASES.currency, Style(px(38), BOLD, PRICE_RED)) + px(3)
    price, style = fitted(card.price, price_style(sheet.where), right - x - px(60), px(40))
    x = write(image, (x, baseline), price, style)
    if card.unit:
        unit, small = fitted(f"/{card.unit}", Style(px(24), REGULAR, GREY), right - x, px(16))
        write(image, (x + px(4), baseline), unit, small)
    if card.was is None:
        return
    text = f"{PHRASES.was} {PHRASES.currency}{card.was}"
    text, style = fitted(text, Style(px(25), REGULAR, GREY), right - x0, px(18))
    above = baseline - px(72)
    end = write(image, (x0, above), text, style)
    _strike(sheet, (x0 - px(2), end + px(2)), above - style.size * 0.36)


def price_style(where: Layout) -> Style:
    """How the price now is written; whoever looks for it on a frame writes it the same way."""
    return Style(where.px(68), HEAVY, PRICE_RED)


def _strike(sheet: Sheet, ends: tuple[float, float], y: float) -> None:
    line = Image.new("RGB", (round(ends[1] - ends[0]), max(2, sheet.px(2))), GREY)
    sheet.image.paste(line, (round(ends[0]), round(y)))
