"""Each rule, broken once by hand: it is named, and nothing else is."""

from dataclasses import replace

import pytest

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.checker import Unmet, unmet, violations
from orchestrator.planner.plan import Duty, Plan
from orchestrator.planner.problem import (
    Brand,
    Contract,
    Exclusivity,
    Human,
    Operator,
    Persona,
    Platform,
    Problem,
    Standing,
)
from orchestrator.planner.rules import RULES
from tests.unit.planner.days import a_day

TEA, LIN = ShopId("tea"), PersonaId("lin")
ALL_DAY = Plan({(TEA, slot): Duty(LIN, "wu") for slot in range(4)})
DAY = a_day()


def two_shops(**brand: object) -> Problem:
    """A second shop, of a brand in the same trade."""
    other = replace(DAY.shops[0], id=ShopId("pot"), brand=BrandId("pot"), owner="pot-ltd")
    one = Brand(BrandId("leaf"), "tea", **brand)  # type: ignore[arg-type]
    return a_day(shops=(*DAY.shops, other), brands=(one, Brand(BrandId("pot"), "tea")))


BOTH = Plan({(ShopId(s), 0): Duty(LIN, "wu") for s in ("tea", "pot")})
PERSONA = DAY.personas[0]
SHOP = DAY.shops[0]
BROKEN: list[tuple[str, Problem, Plan]] = [
    ("shop is open", a_day(shops=(replace(SHOP, open=frozenset({0, 1, 2})),)), ALL_DAY),
    ("human has the room", a_day(human=Human(frozenset({2}), frozenset({TEA}))), ALL_DAY),
    ("human has the room", a_day(human=Human(frozenset({2}), doubles_beside=False)), ALL_DAY),
    (
        "platform allows doubles",
        a_day(platforms=(Platform("douyin", Standing.FORBIDDEN),)),
        ALL_DAY,
    ),
    (
        "platform allows doubles",
        a_day(
            platforms=(Platform("douyin", Standing.CONDITIONAL),),
            shops=(replace(SHOP, cleared=False),),
        ),
        ALL_DAY,
    ),
    ("one room per owner", a_day(platforms=(Platform("douyin", rooms_per_owner=0),)), ALL_DAY),
    ("persona is allowed", a_day(personas=(replace(PERSONA, brands=frozenset()),)), ALL_DAY),
    ("persona is allowed", a_day(personas=(replace(PERSONA, platforms=frozenset()),)), ALL_DAY),
    ("persona has the skills", a_day(shops=(replace(SHOP, skills=frozenset({"x"})),)), ALL_DAY),
    ("consent holds", a_day(personas=(replace(PERSONA, consent=frozenset({0})),)), ALL_DAY),
    ("persona rests", a_day(personas=(replace(PERSONA, longest_run=3),)), ALL_DAY),
    (
        "persona rests",
        a_day(personas=(replace(PERSONA, rest=2),)),
        Plan({(TEA, slot): Duty(LIN, "wu") for slot in (0, 2)}),
    ),
    ("rivals never share a face", two_shops(rivals=frozenset({BrandId("pot")})), BOTH),
    *[
        ("exclusivity is kept", two_shops(exclusivity=kind), BOTH)
        for kind in Exclusivity
        if kind is not Exclusivity.NONE
    ],
    ("operator is on duty", a_day(operators=(Operator("wu", frozenset({0}), 9),)), ALL_DAY),
    ("operator is on duty", DAY, Plan({(TEA, 0): Duty(LIN, "li")})),
    ("operator can watch them all", two_shops(), BOTH),
    ("fleet can carry it", a_day(capacity=(1, 1, 0, 1)), ALL_DAY),
    ("contract maximum holds", a_day(contracts=(Contract(BrandId("leaf"), 0, 60),)), ALL_DAY),
    ("names are known", DAY, Plan({(TEA, 0): Duty(PersonaId("nobody"), "wu")})),
]


@pytest.mark.parametrize(("rule", "problem", "plan"), BROKEN)
def test_a_broken_rule_is_named_alone(rule: str, problem: Problem, plan: Plan) -> None:
    if rule == "operator can watch them all":
        problem = replace(problem, operators=(replace(problem.operators[0], most_rooms=1),))
    found = violations(problem, plan)
    assert {violation.rule for violation in found} == {rule}
    assert all(violation.what and violation.remedy for violation in found)


def test_every_rule_is_broken_once() -> None:
    assert {rule.__name__.replace("_", " ") for rule in RULES} <= {rule for rule, _, _ in BROKEN}


def test_a_plan_that_keeps_them_all_has_no_violation() -> None:
    assert violations(DAY, ALL_DAY) == ()


def test_an_unmet_contract_says_what_it_lacks() -> None:
    contract = Contract(BrandId("leaf"), minimum=180, prime_percent=75)
    found = unmet(replace(DAY, contracts=(contract,)), ALL_DAY)
    assert found == (Unmet(BrandId("leaf"), 60, 30),)


def test_a_persona_is_a_value() -> None:
    assert Persona(LIN) == Persona(LIN)
