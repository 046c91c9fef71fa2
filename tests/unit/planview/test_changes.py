"""What changed between two plans, and why."""

from dataclasses import replace

from orchestrator.planner.plan import Duty, Plan
from orchestrator.planner.problem import Operator, Persona
from orchestrator.planview.changes import changes, reliefs
from tests.unit.planview.sheets import LIN, MEI, PLAN, POT, TEA, a_problem


def test_nothing_changed_nothing_is_told() -> None:
    assert changes(a_problem(), Plan(PLAN), Plan(PLAN), 0) == ()


def test_what_was_on_air_before_is_not_told() -> None:
    later = {cell: duty for cell, duty in PLAN.items() if cell[1] >= 2}
    assert changes(a_problem(), Plan(PLAN), Plan(later), 2) == ()


def test_a_double_that_lost_its_consent_is_replaced_for_that_reason() -> None:
    problem = a_problem(personas=(Persona(LIN, consent=frozenset({0})), Persona(MEI)))
    after = {**PLAN, (TEA, 1): Duty(MEI, "wu"), (TEA, 2): Duty(MEI, "wu")}
    (change,) = changes(problem, Plan(PLAN), Plan(after), 1)
    assert (change.shop, change.first, change.last) == (TEA, 1, 2)
    assert change.rule == "consent holds"
    assert "there is no consent for lin" in change.why
    assert change.switch


def test_an_operator_who_falls_ill_is_relieved_in_all_rooms_at_once() -> None:
    ill = (Operator("wu", frozenset({0, 1}), 2), Operator("li", frozenset(range(8)), 2))
    after = {cell: replace(duty, operator="li") for cell, duty in PLAN.items() if cell[1] >= 2}
    found = changes(a_problem(operators=ill), Plan(PLAN), Plan(after), 2)
    assert not any(change.switch for change in found)
    relief = next(r for r in reliefs(found) if r.shops == (POT,))
    assert (relief.before, relief.after, relief.first, relief.last) == ("wu", "li", 2, 3)
    assert "wu is off shift" in relief.why


def test_a_shop_that_is_gone_is_named() -> None:
    problem = a_problem()
    without = replace(problem, shops=problem.shops[:1])
    kept = {cell: duty for cell, duty in PLAN.items() if cell[0] == TEA}
    (change,) = changes(without, Plan(PLAN), Plan(kept), 0)
    assert change.why == "pot-taobao is not in the matrix any more"


def test_hours_that_fill_a_contract_say_so() -> None:
    after = {**PLAN, (POT, 4): Duty(MEI, "wu")}
    (change,) = changes(a_problem(), Plan(PLAN), Plan(after), 0)
    assert change.why == "clay lacks hours of its contract"


def test_a_room_that_is_given_up_says_what_is_in_the_way_now() -> None:
    after = {cell: duty for cell, duty in PLAN.items() if cell != (TEA, 4)}
    (change,) = changes(a_problem(), Plan(PLAN), Plan(after), 0)
    assert change.after is None
    assert "now in the way: “" in change.why
