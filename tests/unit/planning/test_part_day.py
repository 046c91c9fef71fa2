"""The first day of a matrix that is applied at noon: what it can't be asked for any more."""

from dataclasses import replace

from orchestrator.ids import BrandId
from orchestrator.planner.checker import Unmet
from orchestrator.planner.problem import Contract
from orchestrator.planning.part_day import only_late, over_at
from tests.unit.planner.days import a_day

LEAF = BrandId("leaf")
DAY = a_day(4, contracts=(Contract(LEAF, 80, prime_percent=50),))
BEGIN = DAY.slots[0].begin.timestamp()
HALF = frozenset({0, 1})


def test_a_slot_that_runs_is_not_over() -> None:
    assert over_at(DAY, BEGIN - 1) == frozenset()
    assert over_at(DAY, BEGIN + 3599) == {0}
    assert over_at(DAY, BEGIN + 3600) == HALF


def test_a_brand_that_lacks_the_part_that_was_over_lacks_it_for_that_alone() -> None:
    assert only_late(DAY, Unmet(LEAF, 40, 0), HALF)
    assert not only_late(DAY, Unmet(LEAF, 41, 0), HALF)
    assert not only_late(DAY, Unmet(LEAF, 10, 0), frozenset())


def test_shops_that_were_closed_till_then_are_no_excuse() -> None:
    late = replace(DAY, shops=(replace(DAY.shops[0], open=frozenset({2, 3})),))
    assert not only_late(late, Unmet(LEAF, 10, 0), HALF)


def test_prime_time_that_was_over_is_an_excuse_and_what_was_to_come_is_none() -> None:
    short = Unmet(LEAF, 0, 30)
    assert not only_late(DAY, short, HALF), "prime time begins with the third slot"
    assert only_late(DAY, short, frozenset({1, 2, 3}))
