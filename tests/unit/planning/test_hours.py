"""A day's slots and hours go by the wall, on the real timeline, also where clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.planning.hours import Grid, instant

BERLIN, NEW_YORK, SHANGHAI = "Europe/Berlin", "America/New_York", "Asia/Shanghai"
FORWARD = {BERLIN: date(2026, 3, 29), NEW_YORK: date(2026, 3, 8)}
BACK = {BERLIN: date(2026, 10, 25), NEW_YORK: date(2026, 11, 1)}


def grid(zone: str, day: date, begins: str = "00:00", minutes: int = 30) -> Grid:
    return Grid.of(day, zone, begins, minutes)


def begins(found: Grid, slots: frozenset[int]) -> list[str]:
    """When the slots begin, as the wall shows it, with the hours it is ahead of UTC."""
    zone = found.day.zone
    return [found.edges[n].astimezone(zone).strftime("%H:%M%z")[:8] for n in sorted(slots)]


def test_an_ordinary_day_has_as_many_slots_as_the_wall_has_half_hours() -> None:
    found = grid(SHANGHAI, date(2026, 11, 22)).slots(["19:00-23:00"])
    assert len(found) == 48
    assert {slot.minutes for slot in found} == {30}
    assert [slot.begin.strftime("%H:%M") for slot in found if slot.prime][0::7] == [
        "19:00",
        "22:30",
    ]


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
def test_a_day_that_loses_an_hour_has_23_and_one_that_gains_one_25(zone: str) -> None:
    assert grid(zone, FORWARD[zone]).count == 46
    assert grid(zone, BACK[zone]).count == 50


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
def test_slots_are_aware_and_as_far_apart_as_they_are_long(zone: str) -> None:
    for day in (FORWARD[zone], BACK[zone]):
        slots = grid(zone, day).slots(())
        for one, other in pairwise(slots):
            apart = other.begin.astimezone(UTC) - one.begin.astimezone(UTC)
            assert apart == timedelta(minutes=one.minutes)


def test_a_span_around_a_gap_is_shorter_by_the_hour_that_the_wall_skips() -> None:
    found = grid(BERLIN, FORWARD[BERLIN])
    covered = found.within(["01:00-04:00"])
    assert begins(found, covered) == ["01:00+01", "01:30+01", "03:00+02", "03:30+02"]


def test_a_span_within_a_gap_is_not_there_that_day() -> None:
    found = grid(BERLIN, FORWARD[BERLIN])
    assert not found.within(["02:00-03:00"])
    assert not found.touched(["02:15-02:45"])


def test_a_span_that_ends_or_begins_in_a_gap_does_so_where_the_wall_goes_on() -> None:
    found = grid(NEW_YORK, FORWARD[NEW_YORK])
    assert begins(found, found.within(["01:00-02:30"])) == ["01:00-05", "01:30-05"]
    assert begins(found, found.within(["02:30-04:00"])) == ["03:00-04", "03:30-04"]


def test_a_span_around_a_fold_is_longer_by_the_hour_that_the_wall_shows_twice() -> None:
    found = grid(NEW_YORK, BACK[NEW_YORK])
    covered = begins(found, found.within(["01:00-02:00"]))
    assert covered == ["01:00-04", "01:30-04", "01:00-05", "01:30-05"]


def test_a_span_within_a_fold_is_there_once() -> None:
    found = grid(BERLIN, BACK[BERLIN])
    assert begins(found, found.within(["02:00-02:30"])) == ["02:00+02"]


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
def test_spans_that_touch_in_a_gap_or_a_fold_leave_nothing_out(zone: str) -> None:
    for day in (FORWARD[zone], BACK[zone]):
        found = grid(zone, day)
        for edge in ("01:30", "02:00", "02:30"):
            assert len(found.within([f"00:00-{edge}", f"{edge}-24:00"])) == found.count
            assert not found.at_begin([f"00:00-{edge}"]) & found.at_begin([f"{edge}-24:00"])


def test_a_day_may_begin_and_end_in_a_gap_or_a_fold_and_the_next_follows() -> None:
    for zone in (BERLIN, NEW_YORK):
        for changed in (FORWARD[zone], BACK[zone]):
            days = [changed + timedelta(days=n) for n in (-1, 0, 1)]
            for clock in ("01:30", "02:30", "06:00"):
                grids = [grid(zone, day, clock) for day in days]
                assert [g.edges[-1] for g in grids[:-1]] == [g.edges[0] for g in grids[1:]]


def test_a_slot_that_the_day_cuts_short_says_how_long_it_is() -> None:
    slots = grid(BERLIN, FORWARD[BERLIN], minutes=240).slots(())
    assert [slot.minutes for slot in slots] == [240] * 5 + [180]


def test_a_day_that_begins_at_six_crosses_midnight() -> None:
    found = grid(SHANGHAI, date(2026, 11, 22), "06:00", 60)
    assert begins(found, found.within(["23:00-01:00"])) == ["23:00+08", "00:00+08"]
    assert begins(found, found.within(["05:00-07:00"])) == ["06:00+08", "05:00+08"]
    assert begins(found, found.until(datetime.fromisoformat("2026-11-23")))[-1] == "23:00+08"


def test_what_covers_a_slot_in_part_touches_it_only() -> None:
    found = grid(SHANGHAI, date(2026, 11, 22))
    assert begins(found, found.within(["08:15-09:45"])) == ["08:30+08", "09:00+08"]
    assert len(found.touched(["08:15-09:45"])) == 4
    assert begins(found, found.at_begin(["08:15-09:15"])) == ["08:30+08", "09:00+08"]


@given(
    zone=st.sampled_from([BERLIN, NEW_YORK, "Australia/Lord_Howe", "America/St_Johns", SHANGHAI]),
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    minutes=st.tuples(st.integers(0, 2880), st.integers(0, 2880)),
)
def test_what_is_later_on_the_wall_is_never_earlier_in_time(
    zone: str, day: date, minutes: tuple[int, int]
) -> None:
    first, second = (instant(day, minute, ZoneInfo(zone)) for minute in sorted(minutes))
    assert first <= second


@given(
    zone=st.sampled_from([BERLIN, NEW_YORK, "Australia/Lord_Howe", "America/St_Johns", SHANGHAI]),
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    begin=st.sampled_from(["00:00", "02:30", "06:00"]),
)
def test_every_minute_of_a_day_is_in_one_slot_and_in_a_whole_days_hours(
    zone: str, day: date, begin: str
) -> None:
    found = grid(zone, day, begin, 15)
    assert found.within(["00:00-24:00"]) == frozenset(range(found.count))
    total = sum(slot.minutes for slot in found.slots(()))
    assert timedelta(minutes=total) == found.edges[-1] - found.edges[0]


def test_an_instant_is_the_first_at_which_the_wall_shows_it() -> None:
    zone = ZoneInfo(BERLIN)
    assert instant(BACK[BERLIN], 150, zone) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant(FORWARD[BERLIN], 150, zone) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
