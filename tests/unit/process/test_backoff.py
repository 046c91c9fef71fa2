"""Delays between attempts."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from workers.process.backoff import Backoff


def test_the_first_retry_comes_soon_and_the_others_double() -> None:
    steady = Backoff(first=0.3, longest=5.0, jitter=0.0)
    delays = [steady.delay(n, Random(1)) for n in range(8)]
    assert delays == [0.0, 0.3, 0.6, 1.2, 2.4, 4.8, 5.0, 5.0]


@given(st.integers(0, 10_000), st.integers())
def test_no_delay_leaves_its_bounds(failures: int, seed: int) -> None:
    assert 0.0 <= Backoff().delay(failures, Random(seed)) <= 5.0 * 1.25


def test_those_who_failed_together_return_apart() -> None:
    assert len({Backoff().delay(5, Random(seed)) for seed in range(20)}) == 20
