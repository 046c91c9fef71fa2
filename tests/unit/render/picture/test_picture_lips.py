"""Timed shapes become mouths."""

import pytest

from workers.render.lips import mouths, openness
from workers.render.speech.contract import MouthShape, TimedShape

REST, CLOSED, A, U, I = (  # noqa: E741 - the name of the vowel
    MouthShape.REST,
    MouthShape.CLOSED,
    MouthShape.A,
    MouthShape.U,
    MouthShape.I,
)


def held(*shapes: tuple[MouthShape, float]) -> list[TimedShape]:
    out, at = [], 0.0
    for shape, seconds in shapes:
        out.append(TimedShape(shape, at, at + seconds))
        at += seconds
    return out


def test_lips_are_closed_in_silence() -> None:
    frames = mouths(held((REST, 1), (A, 1), (REST, 1)), 75, smile=5)
    assert all(openness(m) == 0 for m in [*frames[:25], *frames[50:]])


def test_lips_are_closed_after_the_last_sound_and_where_nothing_is_said() -> None:
    assert all(m.drop == 0 for m in mouths([], 8, smile=5))
    assert all(m.drop == 0 for m in mouths(held((A, 0.2)), 30, smile=5)[6:])


def test_an_open_vowel_opens_the_mouth_wide() -> None:
    assert openness(mouths(held((A, 1)), 25, smile=5)[12]) > 0.9


@pytest.mark.parametrize("vowel", [A, U, I])
def test_pressed_lips_are_closed_whatever_their_neighbors(vowel: MouthShape) -> None:
    frames = mouths(held((vowel, 0.4), (CLOSED, 0.08), (vowel, 0.4)), 22, smile=5)
    assert any(m.drop == 0 for m in frames[9:13])


def test_round_vowels_are_narrow_and_flat_ones_wide() -> None:
    narrow, wide = (mouths(held((v, 1)), 25, smile=5)[12].width for v in (U, I))
    assert narrow < 20 < 40 < wide


def test_neighbors_flow_into_one_another() -> None:
    drops = [m.drop for m in mouths(held((A, 0.4), (I, 0.4)), 20, smile=5)]
    assert len(set(drops)) >= 3
    assert drops == sorted(drops, reverse=True) or max(drops) == drops[1]


def test_a_mouth_that_speaks_uses_few_different_drawings() -> None:
    shapes = held(*[(s, 0.11) for s in list(MouthShape) * 30])
    assert len(set(mouths(shapes, 800, smile=5))) < 150
