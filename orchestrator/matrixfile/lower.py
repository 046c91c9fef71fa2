"""From what an operator declares to what a worker carries: one stream a shop. Pure.

A shop's persona is there all day; its lines are the brand's and its own, openings first, then each
product's, then the persona's catchphrases, then closings. Placeholders are filled from the facts.
"""

from collections.abc import Iterator, Mapping, Sequence

from orchestrator.compliance.ai_label import DEFAULT_TEXT
from orchestrator.domain.clip import (
    LOCAL_PRODUCER,
    BrandFace,
    Look,
    Mood,
    PersonaFace,
    ProductCard,
    Voice,
)
from orchestrator.domain.endpoint import Endpoint
from orchestrator.domain.line import Line, LineKind
from orchestrator.domain.matrix import Brand, Matrix, PersonaSpec, Product, ScriptLine, Shop
from orchestrator.domain.script import filled, money, of_product, of_room
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import BrandId, PersonaId, ProductId, ShopId, StreamId, TargetDigest
from orchestrator.matrixfile.pictures import Picture

MOODS: Mapping[LineKind, tuple[Mood, ...]] = {
    LineKind.OPENING: (Mood.HAPPY,),
    LineKind.PRODUCT: (Mood.CALM, Mood.EARNEST, Mood.HAPPY),
    LineKind.CATCHPHRASE: (Mood.EXCITED,),
    LineKind.CLOSING: (Mood.EARNEST,),
}
"""How lines are said that don't say how: in turn, so that a run of them doesn't sound alike."""


def streams(
    matrix: Matrix, targets: Mapping[ShopId, TargetDigest], pictures: Mapping[str, Picture]
) -> tuple[StreamSpec, ...]:
    """One stream a shop, in the file's order."""
    return tuple(_stream(matrix, shop, targets, pictures) for shop in matrix.shops)


def _stream(
    matrix: Matrix,
    shop: Shop,
    targets: Mapping[ShopId, TargetDigest],
    pictures: Mapping[str, Picture],
) -> StreamSpec:
    brand = next(brand for brand in matrix.brands if brand.id == shop.brand)
    persona = next(persona for persona in matrix.personas if persona.id == shop.persona)
    products = sold(shop, brand)
    return StreamSpec(
        stream=StreamId(shop.id),
        platform=shop.platform,
        brand_id=BrandId(brand.id),
        brand=_brand_face(brand),
        shop_name=shop.name,
        persona_id=PersonaId(persona.id),
        persona=_persona_face(persona),
        streamer_name=matrix.streamer.name,
        endpoint=Endpoint(shop.endpoint.url, shop.endpoint.key or "", targets[ShopId(shop.id)]),
        profile=shop.profile,
        label=matrix.label or DEFAULT_TEXT,
        products=tuple(_card(product, pictures) for product in products),
        lines=tuple(_lines(of_room(matrix.streamer, persona, brand, shop), brand, persona, shop)),
        producer=matrix.streamer.aigc_producer or LOCAL_PRODUCER,
    )


def sold(shop: Shop, brand: Brand) -> tuple[Product, ...]:
    """What a shop sells, in its own order where it chose."""
    if shop.products is None:
        return brand.products
    by_id = {product.id: product for product in brand.products}
    return tuple(by_id[name] for name in shop.products)


def _brand_face(brand: Brand) -> BrandFace:
    return BrandFace(brand.name, brand.colors.primary, brand.colors.accent, brand.trade)


def _persona_face(persona: PersonaSpec) -> PersonaFace:
    look, voice = persona.look, persona.voice
    options = tuple(sorted(look.options.items()))
    return PersonaFace(
        persona.name,
        Look(look.style, options, look.seed or persona.id),
        Voice(voice.name, voice.speed),
    )


def _card(product: Product, pictures: Mapping[str, Picture]) -> ProductCard:
    return ProductCard(
        product=ProductId(product.id),
        name=product.name,
        price=money(product.price),
        was=None if product.was is None else money(product.was),
        points=product.points,
        picture=None if product.picture is None else pictures[product.picture].sha256,
        unit=product.unit,
    )


def _lines(
    room: Mapping[str, str], brand: Brand, persona: PersonaSpec, shop: Shop
) -> Iterator[Line]:
    ours, theirs = brand.script, shop.script
    yield from _said(LineKind.OPENING, (*theirs.opening, *ours.opening), room)
    for product in sold(shop, brand):
        own = theirs.products.get(product.id, ())
        facts = {**room, **of_product(product)}
        yield from _said(
            LineKind.PRODUCT, (*ours.products.get(product.id, ()), *own), facts, product
        )
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
