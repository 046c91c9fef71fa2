"""What lies over every room: the shop's capsule and the AI label; and the parts cards are made of.

Shapes with soft shadows come from SVG, letters from the font; everything is drawn onto one still.
"""

from PIL import Image

from orchestrator.compliance.ai_label import FONT_WEIGHT, INK, PLATE
from orchestrator.domain.clip import BrandFace, ClipRecipe
from orchestrator.domain.phrases import CHINESE as PHRASES
from workers.render.colors import darker, hexed, lighter, readable_on
from workers.render.fonts import BOLD, MEDIUM, REGULAR
from workers.render.layout import Layout, Rect
from workers.render.lettering import Style, baseline_in, fitted, width_of, write
from workers.render.svg import blur, drawing, gradient, raster

CAPSULE, CAPSULE_OPACITY = "#1c161a", 0.62


def draw_label(image: Image.Image, where: Layout, text: str) -> None:
    """The AI label: plate and letters, nothing over it, in every frame."""
    box = where.label
    radius = box.height * 0.24
    plate = (
        f'<rect width="{box.width}" height="{box.height}" rx="{radius:g}" fill="{hexed(PLATE)}"/>'
    )
    lay(image, plate, Rect(box.left, box.top, box.width, box.height))
    style = Style(box.font_size, FONT_WEIGHT, hexed(INK))
    write(image, (box.text_left, box.baseline), text, style)


def draw_header(image: Image.Image, where: Layout, recipe: ClipRecipe) -> None:
    """The capsule: brand's initial, shop's name, who presents."""
    rect, px, brand = where.header, where.px, recipe.brand
    name, name_style = fitted(
        recipe.shop_name, Style(px(29), BOLD, "#ffffff"), rect.width - px(130), px(20)
    )
    host = f"{PHRASES.host} {recipe.persona.name}" if recipe.persona else brand.trade
    host_style = Style(px(21), REGULAR, "#f9f5f1")
    host, host_style = fitted(host, host_style, rect.width - px(130), px(17))
    width = round(max(width_of(name, name_style), width_of(host, host_style))) + px(118)
    h = rect.height
    body = (
        f'<rect width="{width}" height="{h}" rx="{h / 2:g}" fill="{CAPSULE}" '
        f'fill-opacity="{CAPSULE_OPACITY}"/>'
        f'<circle cx="{h / 2:g}" cy="{h / 2:g}" r="{h / 2 - px(5):g}" fill="url(#logo)" '
        f'stroke="#fff" stroke-width="{px(3)}"/>'
    )
    defs = gradient("logo", lighter(brand.primary, 0.1), darker(brand.primary, 0.15))
    lay(image, body, Rect(rect.left, rect.top, width, h), defs)
    middle = (rect.left + h / 2, baseline_in(rect.top, h, px(34)))
    initial = Style(px(34), BOLD, readable_on(brand.primary, large=True))
    write(image, middle, brand.name[:1], initial, "ms")
    x = rect.left + h + px(12)
    write(image, (x, rect.top + px(35)), name, name_style)
    write(image, (x, rect.top + px(62)), host, host_style)


def draw_panel(image: Image.Image, where: Layout, brand: BrandFace) -> None:
    """The white panel that a card or a shelf stands on, with its shadow."""
    rect, pad, radius = where.card, where.px(24), where.px(30)
    w, h = rect.width, rect.height
    body = (
        f'<rect x="{pad}" y="{pad + where.px(6)}" width="{w}" height="{h}" rx="{radius}" '
        'fill="#1a0f0a" fill-opacity=".34" filter="url(#s)"/>'
        f'<rect x="{pad}" y="{pad}" width="{w}" height="{h}" rx="{radius}" fill="url(#c)"/>'
    )
    defs = blur("s", where.px(9)) + gradient("c", "#ffffff", lighter(brand.primary, 0.93))
    lay(image, body, Rect(rect.left - pad, rect.top - pad, w + 2 * pad, h + 2 * pad), defs)


def draw_pill(
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
    lay(image, body, Rect(left, top, width, height))
    write(image, (left + width / 2, baseline_in(top, height, px(22))), text, style, "ms")


def lay(image: Image.Image, body: str, rect: Rect, defs: str = "") -> None:
    """Put a drawing of a box's own size onto the picture."""
    document = drawing(body, (0, 0, rect.width, rect.height), defs)
    layer = Image.fromarray(raster(document, rect.width, rect.height))
    image.alpha_composite(layer, (rect.left, rect.top))
