"""Card and shelf as they are drawn: true prices, nothing over the edge, whatever is declared."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from orchestrator.compliance.ai_label import DEFAULT_TEXT
from orchestrator.domain.clip import ClipKind, ClipRecipe, ProductCard
from orchestrator.domain.media import PROFILES
from orchestrator.domain.phrases import CHINESE
from orchestrator.errors import ComplianceRefused, FontMissing
from orchestrator.ids import ProductId
from workers.render.card import price_style
from workers.render.clip import render_clip
from workers.render.layout import Rect, layout
from workers.render.lettering import Style, titled, width_of, write
from workers.render.planes import pixels_of
from workers.render.preview import sample_recipe
from workers.render.still import still

RGB = NDArray[np.uint8]
LONG = "加厚全棉磨毛秋冬保暖双人云感冬被礼盒装送收纳袋和两只同色枕套"
WIDE = "999999.99"


def a_card(name: str, price: str, **more: str | None) -> ProductCard:
    return ProductCard(
        product=ProductId("p"),
        name=name,
        price=price,
        was=more.get("was"),
        points=("可机洗", "四季可用", "A类面料", "双人尺寸"),
        picture=None,
        unit=more.get("unit") or "",
    )


QUILT, TEA, POT = a_card("云被", "299", unit="床"), a_card("清茶", "68.5"), a_card("小锅", "1299")
SHELVES: tuple[tuple[ProductCard, ...], ...] = ((QUILT,), (QUILT, TEA), (QUILT, TEA, POT))


def drawn(recipe: ClipRecipe) -> RGB:
    return pixels_of(still(recipe, Path()))


def with_shelf(shelf: tuple[ProductCard, ...], profile: str = "portrait-720") -> ClipRecipe:
    return replace(sample_recipe(), card=None, shelf=shelf, profile=profile)


def with_card(card: ProductCard, profile: str = "portrait-720") -> ClipRecipe:
    return replace(sample_recipe(), card=card, profile=profile)


def box(profile: str = "portrait-720") -> Rect:
    return layout(PROFILES[profile], DEFAULT_TEXT).card


def changed(one: RGB, other: RGB) -> tuple[Rect, int]:
    """Where two pictures differ clearly, and in how many pixels."""
    apart = np.abs(one.astype(int) - other).max(axis=2) > 24
    rows, columns = np.flatnonzero(apart.any(axis=1)), np.flatnonzero(apart.any(axis=0))
    if not rows.size:
        return Rect(0, 0, 0, 0), 0
    left, top = int(columns[0]), int(rows[0])
    return Rect(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top), int(apart.sum())


@pytest.mark.parametrize("shelf", SHELVES, ids=["one", "two", "three"])
def test_each_price_on_the_shelf_is_its_own_products(shelf: tuple[ProductCard, ...]) -> None:
    before, rect = drawn(with_shelf(shelf)), box()
    for n, card in enumerate(shelf):
        dearer = (*shelf[:n], replace(card, price="888"), *shelf[n + 1 :])
        where, pixels = changed(before, drawn(with_shelf(dearer)))
        assert pixels > 100
        column = rect.width / len(shelf)
        assert rect.left + n * column <= where.left
        assert where.right <= rect.left + (n + 1) * column
        assert where.top > rect.top + rect.height / 3


@pytest.mark.parametrize("shelf", SHELVES, ids=["one", "two", "three"])
def test_the_shelf_says_what_it_is(shelf: tuple[ProductCard, ...]) -> None:
    first = drawn(with_shelf(shelf))
    corner = box()
    tag = first[corner.top + 12 : corner.top + 52, corner.left + 12 : corner.left + 130]
    ink = Image.new("RGB", (118, 40), sample_recipe().brand.accent)
    write(ink, (13, 28), CHINESE.on_sale, Style(22, 500, "#050406"))
    dark = (np.asarray(ink).max(axis=2) < 90).mean()
    assert (tag.max(axis=2) < 90).mean() == pytest.approx(dark, abs=0.05)


def hard_cases(profile: str) -> Iterator[ClipRecipe]:
    for name, price, was in ((LONG, WIDE, WIDE), ("被", "1", None), (LONG, "12999.9", None)):
        card = a_card(name, price, was=was, unit="一二三四五六七八九十")
        yield with_card(card, profile)
        for count in (1, 2, 3):
            yield with_shelf((card,) * count, profile)


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_runs_over_the_panels_edge(profile: str) -> None:
    rect = box(profile)
    for recipe in hard_cases(profile):
        where, pixels = changed(drawn(recipe), drawn(replace(recipe, card=QUILT, shelf=())))
        assert pixels > 0
        assert rect.left + 8 <= where.left
        assert rect.top + 8 <= where.top
        assert where.right <= rect.right - 8
        assert where.bottom <= rect.bottom - 8


def test_a_price_is_never_cut() -> None:
    for price in ("1", "39.9", "1299", "12999.9", WIDE):
        where = layout(PROFILES["portrait-720"], DEFAULT_TEXT)
        frame = drawn(with_card(a_card("被", price, unit="床")))
        rect = where.card
        line = frame[rect.bottom - 90 : rect.bottom - 30, rect.left + 270 : rect.right].astype(int)
        red = (line[..., 0] > 170) & (line[..., 1:].max(axis=2) < 110)
        columns = red.any(axis=0)
        glyphs = int((np.diff(np.concatenate([[0], columns.view(np.int8)])) == 1).sum())
        assert glyphs >= len(price) + 1, price
        assert width_of(price, price_style(where)) > 0


def test_a_long_name_takes_two_lines_and_loses_only_its_end() -> None:
    lines, look = titled(LONG, Style(34), 374, 29)
    assert len(lines) == 2
    assert look.size == 29
    assert lines[1].endswith("…")
    assert LONG.startswith(lines[0] + lines[1][:-1])
    assert all(width_of(line, look) <= 374 for line in lines)
    assert titled("云被", Style(34), 374, 29) == (["云被"], Style(34))


def test_a_slate_shows_no_goods() -> None:
    slate = replace(sample_recipe(), kind=ClipKind.SLATE, persona=None, card=None)
    assert changed(drawn(slate), drawn(replace(slate, shelf=(QUILT, TEA))))[1] == 0


def test_a_glyph_that_only_the_shelf_lacks_is_named() -> None:
    with pytest.raises(FontMissing, match=r"U\+1F970"):
        drawn(with_shelf((a_card("被\U0001f970", "1"), TEA)))


def test_a_producer_that_cant_be_named_is_refused(tmp_path: Path) -> None:
    recipe = replace(sample_recipe(), producer="001191350100M000100Y4400000")
    with pytest.raises(ComplianceRefused, match="check digit"):
        render_clip(recipe, tmp_path, tmp_path / "clip.flv", "/bin/false")
