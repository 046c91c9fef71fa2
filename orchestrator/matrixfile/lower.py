"""From what an operator declares to what a worker carries: one stream a shop. Pure.

Without a plan a shop's persona is there all day. With one the shop has an act for each double that
is on in its turns; a shop that a plan leaves out is closed all day, and still known by name.
"""

from collections.abc import Mapping
from dataclasses import replace

from orchestrator.compliance.ai_label import DEFAULT_TEXT
from orchestrator.domain.casting import brand_of, cast_of, lead_of
from orchestrator.domain.clip import (
    LOCAL_PRODUCER,
    BrandFace,
    Look,
    PersonaFace,
    ProductCard,
    Voice,
)
from orchestrator.domain.endpoint import Endpoint
from orchestrator.domain.matrix import Brand, Matrix, PersonaSpec, Product, Shop
from orchestrator.domain.schedule import Act, Turn
from orchestrator.domain.script import money
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import BrandId, PersonaId, ProductId, ShopId, StreamId, TargetDigest
from orchestrator.matrixfile.pictures import Picture
from orchestrator.matrixfile.words import all_day, in_turn, sold

Turns = Mapping[ShopId, tuple[Turn, ...]]
CLOSED_ALL_DAY = (Turn(0.0, 0.0, None),)
"""The turns of a shop that a plan leaves out: none that ever comes. No turns would mean all day."""


def streams(
    matrix: Matrix,
    targets: Mapping[ShopId, TargetDigest],
    pictures: Mapping[str, Picture],
    turns: Turns | None = None,
) -> tuple[StreamSpec, ...]:
    """One stream a shop, in the file's order; with turns, as they say."""
    specs = tuple(_stream(matrix, shop, targets, pictures) for shop in matrix.shops)
    if turns is None:
        return specs
    able = acts(matrix)
    return tuple(_in_turns(spec, able, turns) for spec in specs)


def acts(matrix: Matrix) -> Mapping[ShopId, tuple[Act, ...]]:
    """Each shop's doubles: all that may be there, with what they say there."""
    return {
        ShopId(shop.id): tuple(_act(matrix, shop, persona) for persona in cast_of(matrix, shop))
        for shop in matrix.shops
    }


def _act(matrix: Matrix, shop: Shop, persona: PersonaSpec) -> Act:
    lines = in_turn(matrix, shop, persona)
    return Act(PersonaId(persona.id), _persona_face(persona), lines)


def _in_turns(spec: StreamSpec, able: Mapping[ShopId, tuple[Act, ...]], turns: Turns) -> StreamSpec:
    shop = ShopId(spec.stream)
    mine = turns.get(shop) or CLOSED_ALL_DAY
    doubles = {turn.persona_id for turn in mine} - {None}
    chosen = tuple(act for act in able[shop] if act.persona_id in doubles)
    strangers = doubles - {act.persona_id for act in chosen}
    if strangers:
        raise ValueError(f"no persona of {shop} is called {', '.join(map(str, strangers))}")
    return replace(spec, acts=chosen, turns=mine)


def _stream(
    matrix: Matrix,
    shop: Shop,
    targets: Mapping[ShopId, TargetDigest],
    pictures: Mapping[str, Picture],
) -> StreamSpec:
    brand, persona = brand_of(matrix, shop), lead_of(matrix, shop)
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
        products=tuple(_card(product, pictures) for product in sold(shop, brand)),
        lines=all_day(matrix, shop, persona),
        producer=matrix.streamer.aigc_producer or LOCAL_PRODUCER,
    )


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
