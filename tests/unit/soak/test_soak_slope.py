"""The slope that a soak judges memory by."""

import random

import pytest

from tests.support.soak.slope import slope

SECONDS = [10.0 * n for n in range(60)]


def test_a_line_has_its_own_slope() -> None:
    found = slope(SECONDS, [100 + 2 * s / 3600 for s in SECONDS])
    assert found.per_hour == pytest.approx(2)
    assert found.resolves == pytest.approx(0, abs=1e-6)


def test_what_stands_still_does_not_grow_whatever_a_few_samples_say() -> None:
    values = [100.0] * 60
    values[7], values[31], values[59] = 180.0, 20.0, 180.0
    assert slope(SECONDS, values).per_hour == 0


def test_noise_is_told_from_growth_by_the_span() -> None:
    noise = random.Random(1)
    still = slope(SECONDS, [100 + noise.gauss(0, 0.2) for _ in SECONDS])
    grows = slope(SECONDS, [100 + 15 * s / 3600 + noise.gauss(0, 0.2) for s in SECONDS])
    assert still.least < 0 < still.most
    assert grows.least < 15 < grows.most
    assert grows.least > still.most


def test_a_share_is_a_streams() -> None:
    found = slope(SECONDS, [100 + 15 * s / 3600 for s in SECONDS]).per(15)
    assert found.per_hour == pytest.approx(1)


def test_one_moment_has_no_slope() -> None:
    with pytest.raises(ValueError, match="two moments"):
        slope([1.0], [1.0])
