"""Colors of doubles: told apart, and letters on them can be read."""

from itertools import combinations

from orchestrator.planview.palette import luminance, paint

PAINTS = [paint(number) for number in range(40)]


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def test_letters_stand_out_from_every_color() -> None:
    for found in PAINTS:
        light, dark = sorted((luminance(_rgb(found.fill)), luminance(_rgb(found.ink))))[::-1]
        assert (light + 0.05) / (dark + 0.05) >= 4.5, found


def test_no_two_of_forty_doubles_look_alike() -> None:
    for one, other in combinations(PAINTS, 2):
        far = sum(abs(a - b) for a, b in zip(_rgb(one.fill), _rgb(other.fill), strict=True))
        assert far > 0.1, (one, other)


def test_a_double_keeps_its_color() -> None:
    assert paint(3) == paint(3)
    assert paint(40) == paint(0)
