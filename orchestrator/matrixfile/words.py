"""What a double says in a shop: the script's lines with their placeholders filled. Pure.

Openings come first, the shop's before the brand's, then each product's, then the persona's
catchphrases, then closings. With a plan, a double that arrives takes the room over in words, and
one whose shop closes says goodbye: where no script has lines for it, with the house's own.
"""

from collections.abc import Iterator, Mapping, Sequence

from orchestrator.domain.casting import brand_of
from orchestrator.domain.clip import Mood
from orchestrator.domain.line import Line, LineKind
from orchestrator.domain.matrix import Brand, Matrix, PersonaSpec, Product, ScriptLine, Shop
from orchestrator.domain.phrases import CHINESE
from orchestrator.domain.script import filled, of_product, of_room
from orchestrator.ids import ProductId

MOODS: Mapping[LineKind, tuple[Mood, ...]] = {
    LineKind.OPENING: (Mood.HAPPY,),
    LineKind.PRODUCT: (Mood.CALM, Mood.EARNEST, Mood.HAPPY),
    LineKind.CATCHPHRASE: (Mood.EXCITED,),
    LineKind.CLOSING: (Mood.EARNEST,),
    LineKind.HANDOVER: (Mood.HAPPY,),
}
"""How lines are said that don't say how: in turn, so that a run of them doesn't sound alike."""


def all_day(matrix: Matrix, shop: Shop, persona: PersonaSpec) -> tuple[Line, ...]:
    """What a double says that is in a shop all day."""
    return tuple(_script(matrix, shop, persona))


def in_turn(matrix: Matrix, shop: Shop, persona: PersonaSpec) -> tuple[Line, ...]:
    """What a double says that takes a shop over, and leaves it when the shop closes."""
    brand = brand_of(matrix, shop)
    room = of_room(matrix.streamer, persona, brand, shop)
    arriving = (*persona.handover, *shop.script.handover, *brand.script.handover)
    lines = [*_said(LineKind.HANDOVER, arriving or _own(CHINESE.handover), room)]
    lines += _script(matrix, shop, persona)
    if not any(line.kind is LineKind.CLOSING for line in lines):
        lines += _said(LineKind.CLOSING, _own(CHINESE.goodbye), room)
    return tuple(lines)


def sold(shop: Shop, brand: Brand) -> tuple[Product, ...]:
    """What a shop sells, in its own order where it chose."""
    if shop.products is None:
        return brand.products
    by_id = {product.id: product for product in brand.products}
    return tuple(by_id[name] for name in shop.products)


def _own(text: str) -> tuple[ScriptLine, ...]:
    return (ScriptLine(text=text),)


def _script(matrix: Matrix, shop: Shop, persona: PersonaSpec) -> Iterator[Line]:
    brand = brand_of(matrix, shop)
    room = of_room(matrix.streamer, persona, brand, shop)
    ours, theirs = brand.script, shop.script
    yield from _said(LineKind.OPENING, (*theirs.opening, *ours.opening), room)
    for product in sold(shop, brand):
        lines = (*ours.products.get(product.id, ()), *theirs.products.get(product.id, ()))
        yield from _said(LineKind.PRODUCT, lines, {**room, **of_product(product)}, product)
    yield from _said(LineKind.CATCHPHRASE, persona.catchphrases, room)
    yield from _said(LineKind.CLOSING, (*ours.closing, *theirs.closing), room)


def _said(
    kind: LineKind,
    lines: Sequence[ScriptLine],
    facts: Mapping[str, str],
    product: Product | None = None,
) -> Iterator[Line]:
    moods = MOODS[kind]
    for number, line in enumerate(lines):
        yield Line(
            line=f"{product.id if product else kind.value}/{number}",
            kind=kind,
            text=filled(line.text, facts),
            mood=line.mood or moods[number % len(moods)],
            product=ProductId(product.id) if product else None,
        )
