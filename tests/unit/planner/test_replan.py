"""A day that goes on after something changed."""

from dataclasses import replace

from hypothesis import given, settings

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.checker import violations
from orchestrator.planner.greedy import greedy
from orchestrator.planner.makegood import make_good
from orchestrator.planner.plan import Duty, Plan
from orchestrator.planner.problem import Brand, Contract, Persona, Prices, Problem
from orchestrator.planner.replan import replan
from orchestrator.planner.rota import rota
from orchestrator.planner.solve import lacking, solve
from orchestrator.planner.table import Table
from tests.unit.planner.days import a_day, days
from tests.unit.planner.test_planner_properties import EASY

LIN, MEI, TEA = PersonaId("lin"), PersonaId("mei"), ShopId("tea")


@EASY
@given(days())
def test_nothing_changed_nothing_changes(problem: Problem) -> None:
    plan = greedy(problem)
    assert replan(problem, plan, since=1) == plan


@EASY
@given(days())
def test_what_still_holds_stays(problem: Problem) -> None:
    plan = rota(problem)
    poorer = replace(problem, capacity=tuple(max(0, n - 1) for n in problem.capacity))
    new = replan(poorer, plan, since=1)
    assert not [change for change in plan.diff(new) if change.slot < 1]
    assert not [v for v in violations(poorer, new) if v.slot is None or v.slot >= 1]


def test_who_lost_consent_is_replaced_from_then_on() -> None:
    both = (Persona(LIN, consent=frozenset({0, 1})), Persona(MEI))
    plan = Plan({(TEA, slot): Duty(LIN, "wu") for slot in range(4)})
    new = replan(a_day(personas=both), plan, since=2)
    assert [(c.slot, c.after) for c in plan.diff(new)] == [
        (2, Duty(MEI, "wu")),
        (3, Duty(MEI, "wu")),
    ]


@settings(parent=EASY, max_examples=30)
@given(days())
def test_each_change_has_a_broken_rule_or_a_contract_behind_it(problem: Problem) -> None:
    plan = greedy(problem)
    gone = problem.operators[0].id
    poorer = replace(problem, operators=problem.operators[1:])
    new = replan(poorer, plan, since=1)
    assert not [v for v in violations(poorer, new) if v.slot is None or v.slot >= 1]
    if lacking(poorer, plan) == 0 and lacking(poorer, new) == 0:
        watched = {cell for cell, duty in plan.duties.items() if duty.operator == gone}
        full = {slot for _, slot in watched}
        for change in plan.diff(new):
            # a room that lost its operator, or one that gave it its own
            assert change.slot in full


@settings(parent=EASY, max_examples=15)
@given(days())
def test_what_was_solved_stays_when_it_is_planned_again(problem: Problem) -> None:
    plan = solve(problem).plan
    assert replan(problem, plan, since=1) == plan


def test_one_stream_less_takes_one_room_off_all_day_and_the_cheapest() -> None:
    day = a_day(capacity=(3,) * 4)
    rooms = tuple(
        replace(day.shops[0], id=ShopId(name), owner=name, worth=(worth,) * 4)
        for name, worth in (("tea", 900), ("pot", 300), ("cup", 600))
    )
    day = replace(day, shops=rooms)
    before = solve(day).plan
    after = replan(replace(day, capacity=(3, 3, 2, 2)), before, since=2)
    gone = [(change.shop, change.slot, change.after) for change in before.diff(after)]
    assert gone == [("pot", 2, None), ("pot", 3, None)]


def test_a_hole_is_filled_by_who_is_rested() -> None:
    doubles = (Persona(LIN, longest_run=2, rest=2), Persona(MEI))
    plan = Plan({(TEA, slot): Duty(LIN if slot < 2 else MEI, "wu") for slot in range(4)})
    gone = a_day(personas=(doubles[0], replace(doubles[1], consent=frozenset({0, 1, 2}))))
    new = replan(gone, plan, since=2)
    assert [(c.slot, c.after) for c in plan.diff(new)] == [(3, None)]


def test_a_lost_contract_hour_is_made_up_for_elsewhere() -> None:
    shut = replace(a_day().shops[0], open=frozenset({0, 1, 3}))
    day = a_day(contracts=(Contract(BrandId("leaf"), 60),))
    plan = Plan({(TEA, 0): Duty(LIN, "wu"), (TEA, 2): Duty(LIN, "wu")})
    new = replan(replace(day, shops=(shut,)), plan, since=1)
    assert lacking(day, new) == 0
    assert {cell for cell in new.duties if cell[1] < 1} == {(TEA, 0)}
    assert len(new.duties) == 2


def test_a_contract_gets_the_room_of_a_brand_that_has_hours_to_spare() -> None:
    day = a_day()
    pot = replace(day.shops[0], id=ShopId("pot"), brand=BrandId("pot"), owner="pot-ltd")
    brands = (*day.brands, Brand(BrandId("pot")))
    promised = (Contract(BrandId("leaf"), 60), Contract(BrandId("pot"), 60))
    day = replace(
        day, shops=(*day.shops, pot), brands=brands, capacity=(1,) * 4, contracts=promised
    )
    table = Table(day)
    for slot in range(4):
        table.put(pot, slot, LIN)
    make_good(table, since=1)
    plan = table.plan()
    assert violations(day, plan) == ()
    assert lacking(day, plan) == 0
    assert (ShopId("pot"), 0) in plan.duties


def test_the_fewest_changes_are_found_among_the_sums_of_a_real_day() -> None:
    day = a_day(48, contracts=(Contract(BrandId("leaf"), 60, 1200, 20),))
    names = {"tea": ("leaf", 62_000), "pot": ("clay", 18_000), "cup": ("cork", 19_000)}
    rooms = tuple(
        replace(
            day.shops[0], id=ShopId(name), brand=BrandId(brand), owner=name, worth=(worth,) * 48
        )
        for name, (brand, worth) in names.items()
    )
    foes = frozenset({BrandId("clay"), BrandId("cork")})
    brands = (Brand(BrandId("leaf"), rivals=foes), *map(Brand, sorted(foes)))
    day = replace(day, shops=rooms, brands=brands, prices=Prices(600, 300, 2000))
    plan = Plan({(room.id, slot): Duty(LIN, "wu") for room in rooms for slot in range(25)})
    new = replan(day, plan, since=4)
    # the dearest room makes way where two others would have to
    assert {(change.shop, change.after) for change in plan.diff(new)} == {(TEA, None)}
    assert lacking(day, new) == 0
