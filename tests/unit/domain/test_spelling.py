"""What is written in a matrix file means one thing in numbers."""

from decimal import Decimal

import pytest

from orchestrator.domain.planned import PlanSpec
from orchestrator.domain.spelling import (
    cents,
    minute_of,
    minutes_in,
    minutes_of_hours,
    span_of,
    stretches,
)


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        ("00:00-24:00", 0, 1440),
        ("08:00-12:30", 480, 750),
        ("22:00-02:00", 1320, 1560),
        ("22:00-00:00", 1320, 1440),
    ],
)
def test_a_span_ends_after_it_begins_if_need_be_on_the_next_day(
    span: str, first: int, last: int
) -> None:
    assert span_of(span) == (first, last)


@pytest.mark.parametrize("span", ["", "08:00", "08:00-08:00", "24:00-08:00", "8-9", "08:60-09:00"])
def test_what_is_no_span_is_none(span: str) -> None:
    assert span_of(span) is None
    assert stretches(span) is None


def test_a_span_that_runs_past_midnight_is_two_stretches_of_one_day() -> None:
    assert stretches("22:00-02:00") == ((1320, 1440), (0, 120))
    assert stretches("22:00-00:00") == stretches("22:00-24:00") == ((1320, 1440),)


def test_times_and_durations_are_minutes_and_what_is_none_is_nothing() -> None:
    assert [minute_of(clock) for clock in ("00:00", "24:00", "24:01", "7")] == [0, 1440, None, None]
    durations = ("4h", "30m", "1h30m", "90m", "", "h", "m", "1.5h")
    assert [minutes_in(duration) for duration in durations] == [240, 30, 90, 90, 0, 0, 0, 0]


def test_money_and_hours_are_whole_cents_and_minutes() -> None:
    assert cents(Decimal("0.29")) == 29
    assert minutes_of_hours(Decimal("7.75")) == 465
    assert minutes_of_hours(Decimal("0.33")) == 20


@pytest.mark.parametrize(("typed", "meant"), [("06:00", "06:00"), (1170, "19:30"), (0, "00:00")])
def test_a_time_that_yaml_took_for_a_number_is_a_time(typed: object, meant: str) -> None:
    assert PlanSpec.model_validate({"day_begins": typed}).day_begins == meant


@pytest.mark.parametrize("typed", [True, -1, 1440, "6:00", "24:00", 6.5])
def test_what_is_no_time_is_refused(typed: object) -> None:
    with pytest.raises(ValueError, match="day_begins"):
        PlanSpec.model_validate({"day_begins": typed})
