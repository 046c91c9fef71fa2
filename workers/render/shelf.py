"""The shelf: what the shop sells today, side by side, while nothing of it is being talked about.

A shop with a single product shows that one's card. Prices are the price now, with what it buys; a
price before needs its name beside it, and there is no room for that here.
"""

from collections.abc import Sequence

from orchestrator.domain.clip import ProductCard
from orchestrator.domain.phrases import CHINESE as PHRASES
from workers.render.card import DARK, GREY, PRICE_RED, Sheet, draw_card, draw_picture
from workers.render.fonts import BOLD, HEAVY, MEDIUM, REGULAR
from workers.render.furniture import draw_panel, draw_pill
from workers.render.layout import Rect
from workers.render.lettering import Style, fitted, titled, width_of, write

MARGIN, GAP = 20, 14
PICTURE, PICTURE_WIDTH, SIDE = 158, 184, 164
"""Nearly square, as product pictures are: little of them is cut off."""
LARGEST_PRICE, SMALLEST_PRICE = 38, 22

Part = tuple[str, Style]


def draw_shelf(sheet: Sheet, cards: Sequence[ProductCard]) -> None:
    """Up to three products on one panel."""
    if len(cards) == 1:
        draw_card(sheet, cards[0], PHRASES.on_sale)
        return
    rect, margin, gap = sheet.where.card, sheet.px(MARGIN), sheet.px(GAP)
    draw_panel(sheet.image, sheet.where, sheet.brand)
    width = (rect.width - 2 * margin - (len(cards) - 1) * gap) // len(cards)
    offer = _beside if len(cards) == 2 else _below
    for n, card in enumerate(cards):
        left = rect.left + margin + n * (width + gap)
        offer(sheet, card, Rect(left, rect.top + margin, width, rect.height - 2 * margin))
    corner = rect.left + sheet.px(12), rect.top + sheet.px(12)
    draw_pill(sheet.image, sheet.where, corner, PHRASES.on_sale, sheet.brand.accent)


def _below(sheet: Sheet, card: ProductCard, box: Rect) -> None:
    """One product: picture above, name and price below, about one middle."""
    px, room, width = sheet.px, box.width - sheet.px(8), sheet.px(PICTURE_WIDTH)
    left = box.left + (box.width - width) // 2
    draw_picture(sheet, card, Rect(left, box.top, width, px(PICTURE)))
    name, look = fitted(card.name, Style(px(26), MEDIUM, DARK), room, px(20))
    middle = box.left + box.width / 2
    write(sheet.image, (middle, box.top + px(PICTURE + 32)), name, look, "ms")
    parts = _price(sheet, card, room)
    _in_a_row(sheet, parts, (middle - _width(parts) / 2, box.bottom - px(2)))


def _beside(sheet: Sheet, card: ProductCard, box: Rect) -> None:
    """One product: picture on the left, name and price on the right."""
    px, side = sheet.px, sheet.px(SIDE)
    top = box.top + px(46)
    draw_picture(sheet, card, Rect(box.left, top, side, side))
    x = box.left + side + px(14)
    room = box.left + box.width - x
    names, look = titled(card.name, Style(px(28), MEDIUM, DARK), room, px(23))
    for n, line in enumerate(names):
        write(sheet.image, (x, top + px(54) + n * px(34)), line, look)
    _in_a_row(sheet, _price(sheet, card, room), (x, top + side - px(34)))


def _price(sheet: Sheet, card: ProductCard, room: float) -> list[Part]:
    """Currency, price and unit, smaller where they are wide; then without the unit."""
    for unit in (f"/{card.unit}" if card.unit else "", ""):
        for size in range(sheet.px(LARGEST_PRICE), sheet.px(SMALLEST_PRICE) - 1, -1):
            parts = [
                (PHRASES.currency, Style(round(size * 0.66), BOLD, PRICE_RED)),
                (card.price, Style(size, HEAVY, PRICE_RED)),
                (unit, Style(round(size * 0.56), REGULAR, GREY)),
            ]
            if _width(parts) <= room:
                return parts
    return parts


def _width(parts: Sequence[Part]) -> float:
    return sum(width_of(text, style) for text, style in parts)


def _in_a_row(sheet: Sheet, parts: Sequence[Part], at: tuple[float, float]) -> None:
    x, baseline = at
    for text, style in parts:
        x = write(sheet.image, (x, baseline), text, style)
