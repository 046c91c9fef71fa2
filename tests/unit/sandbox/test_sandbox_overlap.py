"""Interval arithmetic: who was on air when."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.sandbox.overlap import Gap, Interval, Intervals, gaps, overlap_seconds, union

intervals = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda t: Interval(t[0], t[0] + t[1])),
    max_size=8,
)


@given(some=intervals)
def test_union_and_overlap_agree_with_counting_seconds(some: list[Interval]) -> None:
    seconds = range(100)
    depth = [sum(one.start <= s < one.end for one in some) for s in seconds]
    assert sum(one.end - one.start for one in union(some)) == sum(d >= 1 for d in depth)
    assert overlap_seconds(some) == sum(d >= 2 for d in depth)


def test_touching_intervals_do_not_overlap() -> None:
    assert overlap_seconds([Interval(0, 5), Interval(5, 9)]) == 0
    assert gaps([Interval(0, 5), Interval(5, 9)], 0) == []


def test_only_gaps_that_are_long_enough_count() -> None:
    some = [Interval(0, 5), Interval(5.5, 9), Interval(12, 13)]
    assert gaps(some, 1.0) == [Gap(9, 3)]


def test_packets_make_intervals_and_silence_ends_them() -> None:
    seen = Intervals()
    for at in (0.0, 0.3, 0.6, 2.0, 2.3):
        seen.seen(1, at)
    seen.ended(1)
    seen.seen(2, 2.1)
    assert seen.all() == [Interval(0.0, 0.6, 1), Interval(2.0, 2.3, 1), Interval(2.1, 2.1, 2)]
