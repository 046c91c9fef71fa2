"""Calendars: what a calendar program reads from them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from orchestrator.planner.plan import NOTHING, Duty, Plan
from orchestrator.planner.problem import Human
from orchestrator.planview.calendars import calendar
from tests.unit.planview.sheets import LIN, MEI, PLAN, TEA, a_problem, a_sheet

MADE = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def _events(**changes: Any) -> list[Any]:
    sheet = a_sheet(**changes)
    return Calendar.from_ical(calendar(sheet, sheet.lanes[0], MADE)).walk("VEVENT")


def test_each_stay_is_an_entry_with_its_double_shop_and_operator() -> None:
    lin, mei, own = _events()
    assert lin["summary"] == "甜美 · 漫坡茶舍小院"
    assert lin["description"] == "Operator: 吴样例"
    assert mei["location"] == "douyin"
    assert own["summary"] == "林娜 · 漫坡茶舍小院"


def test_operators_that_change_are_named_with_their_hours() -> None:
    duties = {**PLAN, (TEA, 2): Duty(LIN, "li")}
    told = _events(plan=Plan(duties))[0]["description"]
    assert told.splitlines() == ["Operators:", "18:00–19:00 吴样例", "19:00–19:30 李假例"]


def test_times_carry_the_streamers_zone() -> None:
    lin = _events()[0]
    assert lin["dtstart"].params["tzid"] == "Asia/Shanghai"
    assert lin["dtstart"].dt == datetime(2026, 11, 22, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert (lin["dtend"].dt - lin["dtstart"].dt).total_seconds() == 5400


def test_a_changed_plan_replaces_entries_instead_of_doubling_them() -> None:
    before = [event["uid"] for event in _events()]
    duties = {**PLAN, **{(TEA, slot): Duty(MEI, "wu") for slot in (0, 1, 2)}}
    del duties[TEA, 3], duties[TEA, 4]
    after = [event["uid"] for event in _events(plan=Plan(duties))]
    assert len(set(before)) == 3
    assert after[0] == before[0]


def test_an_hour_that_comes_twice_is_right_both_times() -> None:
    begin = datetime(2026, 10, 25, 1, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    problem = a_problem(8, begin)
    duties = {(TEA, slot): Duty(LIN if slot < 4 else MEI, "wu") for slot in range(7)}
    lin, mei, _ = _events(problem=problem, plan=Plan(duties))
    assert lin["dtend"].dt.timestamp() == begin.timestamp() + 4 * 1800
    assert mei["dtstart"].dt.timestamp() == begin.timestamp() + 4 * 1800


def test_a_shop_with_nobody_on_air_has_a_calendar_that_calendars_take() -> None:
    (event,) = _events(problem=a_problem(human=Human()), plan=NOTHING)
    assert event["summary"] == "Nobody on air · 漫坡茶舍小院"
    assert event["transp"] == "TRANSPARENT"
    assert (event["dtend"].dt - event["dtstart"].dt).total_seconds() == 8 * 1800
