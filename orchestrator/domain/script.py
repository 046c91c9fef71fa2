"""What a line says once its placeholders are filled, and how a price is written.

Prices reach card and speech from the product's facts alone. A line that names a sum of its own is
found here, before it can contradict the card.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from string import Formatter

from orchestrator.domain.matrix import Brand, PersonaSpec, Product, Shop, Streamer

SUM = re.compile(r"[¥￥]\s*(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)\s*(?:元|块)")
SILENT = re.compile(r"[\W_]+")


def money(amount: Decimal) -> str:
    """A price without needless zeros: `129`, `39.9`."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces, in order. `ValueError` where the braces don't match."""
    names = []
    for _, name, form, conversion in Formatter().parse(text):
        if name is None:
            continue
        if form or conversion or not name.isidentifier():
            raise ValueError(name)
        names.append(name)
    return tuple(names)


def of_room(streamer: Streamer, persona: PersonaSpec, brand: Brand, shop: Shop) -> dict[str, str]:
    """What a room's placeholders stand for."""
    return {
        "streamer": streamer.name,
        "persona": persona.name,
        "brand": brand.name,
        "shop": shop.name,
    }


def of_product(product: Product) -> dict[str, str]:
    """What a product's placeholders stand for. `was` and `save` only where there is a `was`."""
    facts = {"name": product.name, "price": f"{money(product.price)}元"}
    if product.unit:
        facts["unit"] = product.unit
    if product.was is not None:
        facts["was"] = f"{money(product.was)}元"
        facts["save"] = f"{money(product.was - product.price)}元"
    return facts


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The line as it is said."""
    return text.format_map(facts).strip()


def sums(text: str) -> tuple[Decimal, ...]:
    """The sums of money that a text names."""
    return tuple(Decimal(a or b) for a, b in SUM.findall(text))


def heard(text: str) -> str:
    """What is left of a line for the ear: two lines that are equal here sound the same."""
    return SILENT.sub("", text).casefold()
