"""Every empty cell has a reason, and a remedy that names who or what would help."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.explain import REMEDIES, Reason, empty
from orchestrator.planner.greedy import gain, greedy
from orchestrator.planner.plan import NOTHING, Duty, Plan
from orchestrator.planner.problem import (
    Brand,
    Contract,
    Exclusivity,
    Operator,
    Persona,
    Platform,
    Prices,
    Problem,
)
from orchestrator.planner.relax import RELAXED
from orchestrator.planview.why import table_of
from tests.unit.planner.days import a_day, days
from tests.unit.planner.test_planner_properties import EASY

TEA, LIN, LEAF = ShopId("tea"), PersonaId("lin"), BrandId("leaf")
DAY = a_day()
SHOP, PERSONA = DAY.shops[0], DAY.personas[0]
POT = replace(SHOP, id=ShopId("pot"), brand=BrandId("pot"))
RIVALS = (Brand(LEAF, rivals=frozenset({BrandId("pot")})), Brand(BrandId("pot")))
FRIENDS = (Brand(LEAF), Brand(BrandId("pot")))
STRANGERS = tuple(Persona(PersonaId(f"p{n}"), brands=frozenset()) for n in range(3))
LIN_AT_FIRST = Plan({(TEA, slot): Duty(LIN, "wu") for slot in (0, 1)})
LIN_LATELY = Plan({(TEA, slot): Duty(LIN, "wu") for slot in (2, 3)})
IN_POT = Plan({(POT.id, slot): Duty(LIN, "wu") for slot in range(4)})
TWO = {"shops": (SHOP, POT), "brands": RIVALS}
SAID: list[tuple[str, str, dict[str, Any], Plan]] = [
    ("operator is on duty", "put wu (now on no shift) on shift then",
     {"operators": (Operator("wu", frozenset(), 2),)}, NOTHING),
    ("operator is on duty", "let wu watch more than 0 rooms",
     {"operators": (Operator("wu", frozenset(range(4)), 0),)}, NOTHING),
    ("fleet can carry it", "all 0 streams are in use", {"capacity": (0,) * 4}, NOTHING),
    ("one room per owner", "close pot then",
     {**TWO, "brands": FRIENDS, "platforms": (Platform("douyin", rooms_per_owner=1),)}, IN_POT),
    ("one room per owner and rivals never share a face", "of its own on douyin, and move lin from",
     {**TWO, "platforms": (Platform("douyin", rooms_per_owner=1),)}, IN_POT),
    ("operator is on duty", "put wu (now 18:00-19:00) on shift then",
     {"operators": (Operator("wu", frozenset({0, 1}), 2),)}, LIN_AT_FIRST),
    ("persona rests", "raise the longest run of lin (now 1 h)",
     {"personas": (replace(PERSONA, longest_run=2, rest=2),)}, LIN_AT_FIRST),
    ("persona rests", "shorten the rest of lin (now 1 h)",
     {"personas": (replace(PERSONA, longest_run=2, rest=2),)}, LIN_LATELY),
    ("consent holds", "get consent for lin then",
     {"personas": (replace(PERSONA, consent=frozenset()), *STRANGERS)}, NOTHING),
    ("contract maximum holds", "leaf has all of its 0 minutes",
     {"contracts": (Contract(LEAF, 0, 0),)}, NOTHING),
    ("persona is allowed", "allow lin for leaf on douyin, in tea",
     {"personas": (replace(PERSONA, brands=frozenset()),)}, NOTHING),
    ("persona has the skills", "teach lin makeup",
     {"shops": (replace(SHOP, skills=frozenset({"makeup"})),)}, NOTHING),
    ("consent holds", "get consent for lin then",
     {"personas": (replace(PERSONA, consent=frozenset()),)}, NOTHING),
    ("persona rests", "raise the longest run of lin",
     {"personas": (replace(PERSONA, longest_run=0),)}, NOTHING),
    ("rivals never share a face", "move lin from pot then", TWO, IN_POT),
    ("it doesn't pay", "lin, the best then, would lose ¥5 in 30 minutes",
     {"prices": Prices(stream_hour=2000)}, NOTHING),
    ("a better use was found", "lin could be there and would add ¥5", {}, NOTHING),
    ("prime share is kept", "more prime time", {"contracts": (Contract(LEAF, 0, None, 50),)},
     NOTHING),
]  # fmt: skip


@pytest.mark.parametrize(("why", "remedy", "changes", "plan"), SAID)
def test_the_remedy_names_who_would_help(
    why: str, remedy: str, changes: dict[str, Any], plan: Plan
) -> None:
    reason = next(r for r in empty(a_day(**changes), plan) if r.shop == TEA)
    assert reason.why == why
    assert remedy in reason.remedy


def test_a_double_that_is_kept_for_another_brand_is_explained() -> None:
    brands = (Brand(LEAF, "tea", exclusivity=Exclusivity.PERSONA_ALL_DAY),
              Brand(BrandId("pot"), "tea"))  # fmt: skip
    day = a_day(shops=(SHOP, POT), brands=brands)
    (reasons,) = {(r.why, r.remedy) for r in empty(day, IN_POT)}
    assert reasons[0] == "exclusivity is kept"
    assert reasons[1] == (
        "leaf has bought that its doubles are with no competitor all day: settle it with leaf, "
        "or allow another double in tea"
    )


def test_the_streamer_s_hours_with_a_competitor_can_be_moved_but_not_given_to_another_double() -> (
    None
):
    brands = (Brand(LEAF, "tea", exclusivity=Exclusivity.STREAMER_SAME_TIME),
              Brand(BrandId("pot"), "tea"))  # fmt: skip
    day = a_day(shops=(SHOP, POT), brands=brands)
    (remedy,) = {r.remedy for r in empty(day, IN_POT)}
    assert remedy.endswith("settle it with leaf, or move the hours")


@EASY
@given(days())
def test_every_empty_cell_has_a_reason_and_a_remedy(problem: Problem) -> None:
    plan = greedy(problem)
    reasons = empty(problem, plan)
    assert len(reasons) + len(plan.duties) == sum(len(shop.open) for shop in problem.shops)
    assert all({*reason.rules} <= {*REMEDIES} and reason.remedy for reason in reasons)


def opens(problem: Problem, plan: Plan, reason: Reason, without: Sequence[str]) -> bool:
    """Whether the cell can be filled with profit when these rules are left out."""
    brand = problem.shop[reason.shop].brand
    also = ["operator can watch them all"] if "operator is on duty" in without else []
    for rule in (*without, *also):
        problem = RELAXED[rule](problem, brand)
    table, shop = table_of(problem, plan), problem.shop[reason.shop]
    return table.watchable(shop, reason.slot) and any(
        table.why_not(shop, reason.slot, p.id) is None and gain(table, shop, reason.slot, p.id) > 0
        for p in problem.personas
    )


@EASY
@given(days())
def test_what_is_named_is_what_binds(problem: Problem) -> None:
    plan = greedy(problem)
    for reason in empty(problem, plan):
        named = reason.rules
        if {*named} <= {*RELAXED}:
            assert opens(problem, plan, reason, named)
        if len(named) > 1 and {*named} <= {*RELAXED} - {"human has the room"}:
            assert not any(opens(problem, plan, reason, [rule]) for rule in named)


def test_no_rule_is_without_a_remedy() -> None:
    assert set(RELAXED) - {"shop is open", "operator can watch them all"} <= set(REMEDIES)


def test_who_has_nobody_is_told_to_declare_a_double() -> None:
    assert empty(a_day(personas=()), NOTHING)[0].remedy == "declare a double"
    assert empty(a_day(personas=(Persona(LIN),)), NOTHING)[0].remedy != "declare a double"
