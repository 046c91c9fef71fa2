"""What lies over the room: shop capsule, AI label, product card, subtitle, the slate's words.

Shapes with soft shadows come from SVG, letters from the font; everything is drawn onto one still.
"""

from pathlib import Path

from PIL import Image

from orchestrator.compliance.ai_label import FONT_WEIGHT, INK, PLATE
from orchestrator.domain.clip import BrandFace, ClipRecipe, ProductCard
from orchestrator.domain.phrases import CHINESE as PHRASES
from workers.render.colors import darker, hexed, lighter, mix, readable_on
from workers.render.fonts import BOLD, HEAVY, MEDIUM, REGULAR
from workers.render.layout import Layout, Rect
from workers.render.lettering import Style, baseline_in, fitted, width_of, write
from workers.render.pictures import picture
from workers.render.svg import blur, drawing, gradient, raster

PRICE_RED, GREY, DARK = "#e8323c", "#8d878e", "#221d24"


def draw_label(image: Image.Image, where: Layout, text: str) -> None:
    """The AI label: plate and letters, nothing over it, in every frame."""
    box = where.label
    radius = box.height * 0.24
    plate = (
        f'<rect width="{box.width}" height="{box.height}" rx="{radius:g}" fill="{hexed(PLATE)}"/>'
    )
    _lay(image, plate, Rect(box.left, box.top, box.width, box.height))
    style = Style(box.font_size, FONT_WEIGHT, hexed(INK))
    write(image, (box.text_left, box.baseline), text, style)


def draw_header(image: Image.Image, where: Layout, recipe: ClipRecipe) -> None:
    """The capsule: brand's initial, shop's name, who presents."""
    rect, px, brand = where.header, where.px, recipe.brand
    name, name_style = fitted(
        recipe.shop_name, Style(px(29), BOLD, "#ffffff"), rect.width - px(130), px(20)
    )
    host = f"{PHRASES.host} {recipe.persona.name}" if recipe.persona else brand.trade
    host_style = Style(px(21), REGULAR, "#f3ece6")
    host, host_style = fitted(host, host_style, rect.width - px(130), px(17))
    width = round(max(width_of(name, name_style), width_of(host, host_style))) + px(118)
    h = rect.height
    body = (
        f'<rect width="{width}" height="{h}" rx="{h / 2:g}" fill="#1c161a" fill-opacity=".46"/>'
        f'<circle cx="{h / 2:g}" cy="{h / 2:g}" r="{h / 2 - px(5):g}" fill="url(#logo)" '
        f'stroke="#fff" stroke-width="{px(3)}"/>'
    )
    defs = gradient("logo", lighter(brand.primary, 0.1), darker(brand.primary, 0.15))
    _lay(image, body, Rect(rect.left, rect.top, width, h), defs)
    middle = (rect.left + h / 2, baseline_in(rect.top, h, px(34)))
    write(image, middle, brand.name[:1], Style(px(34), BOLD, readable_on(brand.primary)), "ms")
    x = rect.left + h + px(12)
    write(image, (x, rect.top + px(35)), name, name_style)
    write(image, (x, rect.top + px(62)), host, host_style)


def draw_card(
    image: Image.Image, where: Layout, card: ProductCard, brand: BrandFace, assets: Path
) -> None:
    """The product card: picture, name, selling points, price now and before."""
    rect, px = where.card, where.px
    _card_ground(image, where, brand)
    side = rect.height - px(40)
    picture_rect = Rect(rect.left + px(20), rect.top + px(20), side, side)
    draw_picture(image, where, card, brand, (picture_rect, assets))
    x, right = picture_rect.right + px(22), rect.right - px(24)
    _pill(image, where, (rect.left + px(12), rect.top + px(12)), PHRASES.presenting, brand.accent)
    name, style = fitted(card.name, Style(px(34), BOLD, DARK), right - x, px(26))
    write(image, (x, rect.top + px(58)), name, style)
    _points(image, where, card, brand, (x, rect.top + px(80), right))
    _prices(image, where, card, (x, rect.bottom - px(34), right))


def draw_picture(
    image: Image.Image,
    where: Layout,
    card: ProductCard,
    brand: BrandFace,
    place: tuple[Rect, Path],
) -> None:
    """The product's picture with round corners, or its initial where it has none."""
    rect, assets = place
    radius = where.px(18)
    mask = raster(
        drawing(
            f'<rect width="{rect.width}" height="{rect.height}" rx="{radius}" fill="#fff"/>',
            (0, 0, rect.width, rect.height),
        ),
        rect.width,
        rect.height,
    )
    if card.picture is None:
        ground = Image.new("RGB", (rect.width, rect.height), mix(brand.primary, "#ffffff", 0.82))
        size = round(rect.height * 0.5)
        at = (rect.width / 2, baseline_in(0, rect.height, size))
        write(ground, at, card.name[:1], Style(size, BOLD, brand.primary), "ms")
        photo = ground
    else:
        photo = picture(assets, card.picture, (rect.width, rect.height)).convert("RGB")
    image.paste(photo, (rect.left, rect.top), Image.fromarray(mask[..., 3]))


def _card_ground(image: Image.Image, where: Layout, brand: BrandFace) -> None:
    rect, pad, radius = where.card, where.px(24), where.px(30)
    w, h = rect.width, rect.height
    body = (
        f'<rect x="{pad}" y="{pad + where.px(6)}" width="{w}" height="{h}" rx="{radius}" '
        'fill="#1a0f0a" fill-opacity=".34" filter="url(#s)"/>'
        f'<rect x="{pad}" y="{pad}" width="{w}" height="{h}" rx="{radius}" fill="url(#c)"/>'
    )
    defs = blur("s", where.px(9)) + gradient("c", "#ffffff", lighter(brand.primary, 0.93))
    _lay(image, body, Rect(rect.left - pad, rect.top - pad, w + 2 * pad, h + 2 * pad), defs)


def _pill(
    image: Image.Image, where: Layout, corner: tuple[int, int], text: str, color: str
) -> None:
    """A small tag whose left top corner is given."""
    px = where.px
    style = Style(px(22), MEDIUM, readable_on(color))
    width, height = round(width_of(text, style)) + px(26), px(40)
    left, top = corner
    body = (
        f'<rect width="{width}" height="{height}" rx="{height / 2:g}" fill="#fff"/>'
        f'<rect x="2" y="2" width="{width - 4}" height="{height - 4}" rx="{height / 2 - 2:g}" '
        f'fill="{color}"/>'
    )
    _lay(image, body, Rect(left, top, width, height))
    write(image, (left + width / 2, baseline_in(top, height, px(22))), text, style, "ms")


def _points(
    image: Image.Image,
    where: Layout,
    card: ProductCard,
    brand: BrandFace,
    place: tuple[float, float, float],
) -> None:
    """Selling points as tags: two rows, or one where the price before needs the other."""
    x0, y, right = place
    px, x, row = where.px, x0, 0
    style = Style(px(22), REGULAR, darker(brand.primary, 0.25))
    ground, height = mix(brand.primary, "#ffffff", 0.86), px(38)
    for point in card.points:
        text, _ = fitted(point, style, right - x0 - px(24), px(22))
        width = round(width_of(text, style)) + px(24)
        if x + width > right:
            x, row = x0, row + 1
        if row > (0 if card.was else 1):
            row -= 1
            x = right
            continue
        top = round(y + row * px(46))
        body = f'<rect width="{width}" height="{height}" rx="{px(8)}" fill="{ground}"/>'
        _lay(image, body, Rect(round(x), top, width, height))
        write(image, (x + px(12), baseline_in(top, height, px(22))), text, style)
        x += width + px(10)


def _prices(
    image: Image.Image, where: Layout, card: ProductCard, place: tuple[float, float, float]
) -> None:
    """Price now, large; price before above it, struck through."""
    x0, baseline, right = place
    px = where.px
    x = write(image, (x0, baseline), PHRASES.now, Style(px(24), MEDIUM, PRICE_RED)) + px(8)
    x = write(image, (x, baseline), PHRASES.currency, Style(px(38), BOLD, PRICE_RED)) + px(3)
    price, style = fitted(card.price, price_style(where), right - x - px(60), px(40))
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
    _strike(image, where, (x0 - px(2), end + px(2)), above - style.size * 0.36)


def price_style(where: Layout) -> Style:
    """How the price now is written; whoever looks for it on a frame writes it the same way."""
    return Style(where.px(68), HEAVY, PRICE_RED)


def _strike(image: Image.Image, where: Layout, ends: tuple[float, float], y: float) -> None:
    height = max(2, where.px(3))
    line = Image.new("RGB", (round(ends[1] - ends[0]), height), GREY)
    image.paste(line, (round(ends[0]), round(y)))


def _lay(image: Image.Image, body: str, rect: Rect, defs: str = "") -> None:
    document = drawing(body, (0, 0, rect.width, rect.height), defs)
    layer = Image.fromarray(raster(document, rect.width, rect.height))
    image.alpha_composite(layer, (rect.left, rect.top))
