"""What a stream's clips show, and what makes two of them the same clip."""

from dataclasses import replace

from orchestrator.domain.clip import LOCAL_PRODUCER, ClipKind, ProductCard, clip_key
from orchestrator.domain.line import Line, LineKind
from orchestrator.domain.stream import idle_recipe, line_recipe, slate_recipe
from orchestrator.ids import ProductId
from tests.support.streams import a_spec

CARDS = tuple(ProductCard(ProductId(n), n, "9.9", None, (), None) for n in ("a", "b", "c", "d"))
SPEC = replace(a_spec(), products=CARDS)
OPENING = Line("opening/0", LineKind.OPENING, "大家好")
ABOUT_B = Line("b/0", LineKind.PRODUCT, "看这个", product=ProductId("b"))


def test_a_line_about_a_product_shows_its_card_and_no_shelf() -> None:
    recipe = line_recipe(SPEC, ABOUT_B)
    assert recipe.card == CARDS[1]
    assert recipe.shelf == ()


def test_a_line_about_no_product_shows_the_shops_first_three() -> None:
    for recipe in (line_recipe(SPEC, OPENING), idle_recipe(SPEC, 0)):
        assert recipe.card is None
        assert recipe.shelf == CARDS[:3]


def test_a_pause_beside_a_product_keeps_its_card() -> None:
    recipe = idle_recipe(SPEC, 1, ProductId("c"))
    assert recipe.card == CARDS[2]
    assert recipe.shelf == ()


def test_a_product_that_the_shop_lacks_leaves_the_shelf() -> None:
    assert idle_recipe(SPEC, 0, ProductId("gone")).shelf == CARDS[:3]


def test_a_slate_shows_neither_double_nor_goods() -> None:
    recipe = slate_recipe(SPEC)
    assert recipe.kind is ClipKind.SLATE
    assert (recipe.persona, recipe.card, recipe.shelf) == (None, None, ())


def test_a_price_on_the_shelf_is_part_of_the_clip() -> None:
    dearer = replace(SPEC, products=(replace(CARDS[0], price="19.9"), *CARDS[1:]))
    assert clip_key(line_recipe(SPEC, OPENING)) != clip_key(line_recipe(dearer, OPENING))
    assert clip_key(line_recipe(SPEC, ABOUT_B)) == clip_key(line_recipe(dearer, ABOUT_B))


def test_another_producer_makes_every_clip_another_one() -> None:
    other = replace(SPEC, producer="someone-else")
    assert SPEC.producer == LOCAL_PRODUCER
    for made in (
        lambda s: line_recipe(s, OPENING),
        lambda s: idle_recipe(s, 0),
        slate_recipe,
    ):
        assert made(other).producer == "someone-else"
        assert clip_key(made(SPEC)) != clip_key(made(other))
    assert other.digest != SPEC.digest
