"""Cut-outs and pictures as video planes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workers.render.planes import blend, pixels_of, planes, shifting, sprite, turning
from workers.render.svg import Pixels

CHANNEL = st.integers(0, 255)


def flat(color: tuple[int, int, int, int], width: int = 16, height: int = 12) -> Pixels:
    return np.full((height, width, 4), color, dtype=np.uint8)


@given(CHANNEL, CHANNEL, CHANNEL)
def test_colors_survive_the_way_to_video_and_back(red: int, green: int, blue: int) -> None:
    back = pixels_of(planes(flat((red, green, blue, 255))))
    assert np.abs(back.astype(int) - (red, green, blue)).max() <= 3


@given(CHANNEL, CHANNEL)
def test_an_opaque_cutout_replaces_what_is_under_it(under: int, over: int) -> None:
    ground = planes(flat((under, 40, 90, 255)))
    blend(ground, sprite(flat((over, 200, 10, 255), 8, 6), 4, 2))
    expected = planes(flat((over, 200, 10, 255)))
    assert np.array_equal(ground.y[2:8, 4:12], expected.y[2:8, 4:12])
    assert np.array_equal(ground.u[1:4, 2:6], expected.u[1:4, 2:6])


@given(CHANNEL)
def test_a_clear_cutout_changes_nothing(value: int) -> None:
    ground, untouched = (planes(flat((value, 9, 77, 255))) for _ in range(2))
    blend(ground, sprite(flat((255, 255, 255, 0)), 0, 0), shifting(0.3, 0.7))
    assert np.array_equal(ground.raw(), untouched.raw())


def test_half_a_pixel_of_motion_is_seen() -> None:
    art = flat((0, 0, 0, 0), 32, 32)
    art[8:24, 8:24] = 255
    rested, moved = (planes(flat((0, 0, 0, 255), 32, 32)) for _ in range(2))
    blend(rested, sprite(art, 0, 0))
    blend(moved, sprite(art, 0, 0), shifting(0.5, 0))
    assert moved.y[16, 8] < rested.y[16, 8]
    assert moved.y[16, 24] > rested.y[16, 24]


def test_turning_leaves_its_own_center_where_it_is() -> None:
    matrix = turning(17, (30, 40), (1.1, 0.9))
    assert np.allclose(matrix @ (30, 40, 1), (30, 40, 1))


def test_pasting_a_cut_back_gives_the_same_picture() -> None:
    picture = planes(np.random.default_rng(1).integers(0, 255, (32, 48, 4), dtype=np.uint8))
    before = picture.raw()
    picture.paste(picture.cut(8, 4, 20, 10), 8, 4)
    assert picture.raw() == before
