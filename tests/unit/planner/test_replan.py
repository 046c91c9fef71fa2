"""A day that goes on after something changed."""

from dataclasses import replace

from hypothesis import given

from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.checker import violations
from orchestrator.planner.explain import REMEDIES, empty
from orchestrator.planner.greedy import greedy
from orchestrator.planner.plan import Duty, Plan
from orchestrator.planner.problem import Persona, Problem
from orchestrator.planner.replan import replan
from orchestrator.planner.rota import rota
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


@EASY
@given(days())
def test_every_empty_cell_has_a_reason_and_a_remedy(problem: Problem) -> None:
    plan = greedy(problem)
    reasons = empty(problem, plan)
    assert len(reasons) + len(plan.duties) == sum(len(shop.open) for shop in problem.shops)
    assert all(reason.why in REMEDIES for reason in reasons)
