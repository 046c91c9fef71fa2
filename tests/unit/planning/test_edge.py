"""What goes on over a day's edge: runs and rests, as far as they bind the day after."""

from dataclasses import replace
from datetime import date

from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.checker import violations
from orchestrator.planner.plan import Duty, Plan
from orchestrator.planner.problem import Persona, Problem
from orchestrator.planner.score import score
from orchestrator.planner.solve import solve
from orchestrator.planning.edge import carried
from orchestrator.store.plans import DayPlan
from tests.unit.planner.days import a_day

TEA, LIN, MEI = ShopId("tea"), PersonaId("lin"), PersonaId("mei")


def a_night(*names: str | None, minutes: int = 30) -> DayPlan:
    """Who was in the shop in the last slots before the day."""
    edge = a_day().slots[0].begin.timestamp()
    begins = tuple(edge - 60 * minutes * n for n in range(len(names), 0, -1))
    duties = {(TEA, n): Duty(PersonaId(name), "wu") for n, name in enumerate(names) if name}
    return DayPlan(date(2026, 11, 21), begins, edge, "", Plan(duties), "", 0, 0.0, 0)


def a_morning(*doubles: Persona, opens: int = 0) -> Problem:
    day = a_day(4, personas=doubles)
    shop = replace(day.shops[0], open=frozenset(range(opens, 4)))
    return replace(day, shops=(shop,))


TIRED = Persona(LIN, longest_run=2, rest=3)


def test_who_stays_on_over_the_edge_has_stayed_since_the_day_before() -> None:
    day = carried(a_morning(TIRED), a_night(None, "lin"))
    assert day.before == {TEA: {-1: LIN}}
    on = [slot for _, slot in solve(day).plan.duties]
    assert on == [0]


def test_a_rest_that_has_begun_the_day_before_goes_on() -> None:
    day = carried(a_morning(TIRED), a_night("lin", "lin", None))
    assert day.before == {TEA: {-2: LIN}}
    assert [slot for _, slot in solve(day).plan.duties] == [2, 3]


def test_the_judge_counts_from_the_day_before() -> None:
    day = carried(a_morning(TIRED), a_night("lin", "lin"))
    (found,) = violations(day, Plan({(TEA, 0): Duty(LIN, "wu")}))
    assert found.what == "lin is in tea longer than 2 slots from 18:00, counted from the day before"
    (found,) = violations(day, Plan({(TEA, 1): Duty(LIN, "wu")}))
    assert found.what == "lin is back in tea at 18:30 without its rest"
    assert not violations(day, Plan({(TEA, 3): Duty(LIN, "wu")}))
    assert not violations(carried(a_morning(TIRED), a_night(*["lin"] * 9)), Plan({}))


def test_what_binds_nothing_leaves_the_day_as_it_is() -> None:
    plain = a_morning(Persona(LIN), Persona(MEI))
    assert carried(plain, a_night("lin", "mei")) == plain
    assert carried(plain, None) == plain
    late = a_morning(TIRED, opens=3)
    assert carried(late, a_night("lin", "lin")) == late
    assert carried(a_morning(TIRED), a_night("lin", None, None, None)).before == {}
    assert carried(a_morning(Persona(MEI, rest=2)), a_night("lin", "lin")).before == {}


def test_slots_of_another_length_are_counted_in_the_day_s_own() -> None:
    day = carried(a_morning(replace(TIRED, longest_run=3)), a_night("lin", minutes=60))
    assert day.before == {TEA: {-2: LIN, -1: LIN}}


def test_a_change_of_doubles_at_the_edge_is_no_switch_of_the_day() -> None:
    day = a_morning(replace(TIRED, longest_run=1), Persona(MEI))
    day = replace(day, prices=replace(day.prices, switch=400))
    after = carried(day, a_night("lin"))
    found = solve(after)
    assert {duty.persona for duty in found.plan.duties.values()} == {MEI}
    assert score(after, found.plan).switches == 0
    assert found.value == found.bound
