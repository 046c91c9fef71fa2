"""A plan's slots become each shop's turns, whatever the clocks on the wall do."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from orchestrator.domain.schedule import Turn, open_at, turn_at
from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.plan import Duty, Plan
from orchestrator.planning.day import problem_of
from orchestrator.planning.turns import PAST_SECONDS, Tempo, followed, joined, turns_of
from tests.support.matrices import a_matrix, a_shop

DAY = date(2026, 11, 22)
ONE, TWO = ShopId("one"), ShopId("two")
SWEET, WISE = PersonaId("sweet"), PersonaId("wise")


def at(clock: str, zone: str = "Asia/Shanghai", day: str = "2026-11-22") -> float:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).timestamp()


def duties(shop: ShopId, *stays: tuple[int, int, PersonaId, str]) -> dict[tuple[ShopId, int], Duty]:
    return {
        (shop, slot): Duty(who, operator)
        for first, last, who, operator in stays
        for slot in range(first, last + 1)
    }


def test_slots_that_follow_one_another_are_one_turn_and_empty_ones_are_none() -> None:
    problem = problem_of(a_matrix(shops=[a_shop("one"), a_shop("two")]), DAY)
    plan = Plan(
        duties(ONE, (16, 19, SWEET, "zhou"), (20, 21, WISE, "zhou"), (24, 24, WISE, "zhou"))
    )
    turns = turns_of(problem, plan, {"zhou": "周示例"})
    assert turns[ONE] == (
        Turn(at("08:00"), at("10:00"), SWEET, "周示例"),
        Turn(at("10:00"), at("11:00"), WISE, "周示例"),
        Turn(at("12:00"), at("12:30"), WISE, "周示例"),
    )
    assert turns[TWO] == ()


def test_a_change_of_operators_alone_begins_a_turn() -> None:
    problem = problem_of(a_matrix(), DAY)
    plan = Plan(duties(ONE, (16, 17, SWEET, "zhou"), (18, 19, SWEET, "wu")))
    assert [(turn.persona_id, turn.operator) for turn in turns_of(problem, plan)[ONE]] == [
        (SWEET, "zhou"),
        (SWEET, "wu"),
    ]


def test_the_streamers_own_hours_are_turns_without_a_double() -> None:
    matrix = a_matrix(
        shops=[a_shop("one"), a_shop("two")],
        streamer={"human_hours": ["20:00-22:00"], "human_shops": ["one"]},
    )
    problem = problem_of(matrix, DAY)
    turns = turns_of(problem, Plan(duties(ONE, (38, 39, SWEET, "zhou"), (44, 44, SWEET, "zhou"))))
    assert [turn.persona_id for turn in turns[ONE]] == [SWEET, None, SWEET]
    assert turns[ONE][1] == Turn(at("20:00"), at("22:00"), None)
    assert turns[TWO] == ()


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_that_changes_the_clocks_has_as_many_hours_as_it_has(day: str, hours: int) -> None:
    matrix = a_matrix(streamer={"time_zone": "Europe/Berlin"})
    problem = problem_of(matrix, date.fromisoformat(day))
    last = len(problem.slots) - 1
    (turn,) = turns_of(problem, Plan(duties(ONE, (0, last, SWEET, "zhou"))))[ONE]
    assert turn.ends_at - turn.begins_at == hours * 3600
    assert turn.begins_at == at("00:00", "Europe/Berlin", day)


def test_two_hours_pass_in_two_minutes() -> None:
    problem = problem_of(a_matrix(), DAY)
    plan = Plan(duties(ONE, (40, 41, SWEET, "zhou"), (42, 43, WISE, "zhou")))
    tempo = Tempo(origin=at("20:00"), anchor=1000.0, factor=60)
    turns = turns_of(problem, plan, tempo=tempo)[ONE]
    assert turns == (Turn(1000, 1060, SWEET, "zhou"), Turn(1060, 1120, WISE, "zhou"))


def test_a_double_that_goes_on_over_midnight_has_one_turn() -> None:
    today, tomorrow = (Turn(0.0, 100.0, SWEET),), (Turn(100.0, 200.0, SWEET),)
    assert followed(today, tomorrow, 50.0) == (Turn(0.0, 200.0, SWEET),)


def test_the_day_after_begins_where_it_says_and_what_is_long_over_is_left_out() -> None:
    now = PAST_SECONDS + 150.0
    before = (Turn(0.0, 100.0, SWEET), Turn(100.0, 300.0, WISE), Turn(9000.0, 9900.0, WISE))
    after = (Turn(9500.0, 9999.0, SWEET),)
    assert followed(before, after, now) == (
        Turn(100.0, 300.0, WISE),
        Turn(9000.0, 9500.0, WISE),
        Turn(9500.0, 9999.0, SWEET),
    )


def test_a_shop_whose_day_is_over_stays_closed() -> None:
    over = (Turn(0.0, 100.0, SWEET),)
    kept = followed(over, (), 10 * PAST_SECONDS)
    assert kept == over
    assert not open_at(kept, 10 * PAST_SECONDS)


def test_what_is_joined_says_the_same_at_every_moment() -> None:
    pieces = [Turn(float(t), t + 1.0, SWEET if t % 5 else WISE) for t in range(20) if t % 7]
    whole = joined(pieces)
    for moment in range(40):
        one, other = turn_at(pieces, moment / 2), turn_at(whole, moment / 2)
        assert (one and one.persona_id) == (other and other.persona_id)
    assert len(whole) < len(pieces)
