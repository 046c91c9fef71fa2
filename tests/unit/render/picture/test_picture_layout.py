"""Where everything stands, in every profile."""

import pytest

from orchestrator.compliance.ai_label import (
    DEFAULT_TEXT,
    INK,
    PLATE,
    font_size,
    label_box,
    min_glyph_height,
)
from orchestrator.domain.media import PROFILES, Profile
from workers.render.colors import contrast
from workers.render.layout import layout

PROFILE = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


@PROFILE
def test_nothing_ever_lies_over_the_label(profile: Profile) -> None:
    where = layout(profile, DEFAULT_TEXT)
    for other in (where.header, where.stage, where.subtitle, where.card, where.slate_stage):
        assert not where.label_rect.overlaps(other)


@PROFILE
def test_the_label_stands_within_the_frame_with_air_around_it(profile: Profile) -> None:
    box = label_box(profile)
    assert box.left >= profile.width * 0.03
    assert box.top >= profile.height * 0.03
    assert box.left + box.width <= profile.width * 0.97
    assert box.top < box.baseline - box.font_size * 0.8
    assert box.baseline < box.top + box.height


@PROFILE
def test_letters_are_large_enough_that_capitals_reach_the_least_height(profile: Profile) -> None:
    assert font_size(profile.short_side) * 0.73 >= min_glyph_height(profile.short_side)


def test_letters_stand_out_from_their_plate() -> None:
    assert contrast(INK, PLATE) >= 4.5


@PROFILE
def test_what_moves_is_cut_on_even_pixels(profile: Profile) -> None:
    where = layout(profile, DEFAULT_TEXT)
    for box in (where.stage, where.slate_stage):
        assert not any(v % 2 for v in (box.left, box.top, box.width, box.height))
        assert box.left >= 0
        assert box.right <= profile.width
        assert box.bottom <= profile.height


@PROFILE
def test_card_and_subtitle_keep_apart(profile: Profile) -> None:
    where = layout(profile, DEFAULT_TEXT)
    assert not where.card.overlaps(where.subtitle)
    assert not where.card.overlaps(where.stage)


def test_places_are_fractions_of_the_frame() -> None:
    small, large = (layout(PROFILES[n], DEFAULT_TEXT) for n in ("portrait-720", "portrait-1080"))
    for name in ("header", "card", "subtitle", "stage"):
        one, other = getattr(small, name), getattr(large, name)
        assert other.left == pytest.approx(one.left * 1.5, abs=2)
        assert other.bottom == pytest.approx(one.bottom * 1.5, abs=2)
