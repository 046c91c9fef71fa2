"""Letters stand out from their ground, whatever colors a brand has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.clip import BrandFace
from workers.render.colors import contrast, hexed, legible, mix, readable_on, rgb
from workers.render.furniture import CAPSULE, CAPSULE_OPACITY
from workers.render.props import Tints

COLORS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda c: hexed((c[0], c[1], c[2])))
SMALL, LARGE = 4.5, 3.0


@given(COLORS)
def test_a_tags_letters_can_be_read_on_any_accent(color: str) -> None:
    assert contrast(rgb(readable_on(color)), rgb(color)) >= SMALL
    assert contrast(rgb(readable_on(color, large=True)), rgb(color)) >= LARGE


@given(COLORS)
def test_points_and_initials_can_be_read_on_the_brands_tint(color: str) -> None:
    tint = mix(color, "#ffffff", 0.86)
    assert contrast(rgb(legible(color, tint)), rgb(tint)) >= SMALL


@given(COLORS)
def test_white_letters_can_be_read_on_any_brands_slate(color: str) -> None:
    assert contrast(rgb("#ffffff"), rgb(legible(color, "#ffffff", 5.0))) >= SMALL


@given(COLORS)
def test_the_shops_name_can_be_read_over_any_brands_wall(color: str) -> None:
    lightest = mix(Tints(color, color).wall, "#ffffff", 0.5)
    capsule = mix(lightest, CAPSULE, CAPSULE_OPACITY)
    assert contrast(rgb("#ffffff"), rgb(capsule)) >= SMALL


@pytest.mark.parametrize("color", ["#5b7fae", "#5c7f5a", "#c8553d"])
def test_large_letters_on_a_middling_color_are_white(color: str) -> None:
    assert readable_on(color, large=True) == "#ffffff"


def test_a_color_that_can_be_read_stays_as_it_is() -> None:
    face = BrandFace("样例", "#30507a", "#e8743b", "家纺")
    assert legible(face.primary, "#ffffff") == face.primary
