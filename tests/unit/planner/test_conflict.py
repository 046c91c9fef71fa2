"""Contracts that can't be kept: the smallest set of rules in the way, named with figures."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.conflict import conflicts
from orchestrator.planner.conflictwords import ONE
from orchestrator.planner.keeping import Keeping, Patience
from orchestrator.planner.plan import NOTHING, Duty, Plan
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
from orchestrator.planner.relax import RELAXED
from orchestrator.planner.rules import RULES
from orchestrator.planner.smallest import core
from orchestrator.planner.solve import solve
from tests.unit.planner.days import a_day, days
from tests.unit.planner.test_planner_properties import EASY

LEAF, LIN = BrandId("leaf"), PersonaId("lin")
PROMISED = (Contract(LEAF, 120),)
DAY = a_day(contracts=PROMISED)
SHOP, PERSONA = DAY.shops[0], DAY.personas[0]
EVERY = frozenset(range(4))
ALL_DAY = Plan({(SHOP.id, slot): Duty(LIN, "wu") for slot in range(4)})

REASONS: list[tuple[str, dict[str, Any]]] = [
    ("shop is open", {"shops": (replace(SHOP, open=frozenset({0, 1})),)}),
    ("operator is on duty", {"operators": (Operator("wu", frozenset({0, 3}), 9),)}),
    ("operator can watch them all", {"operators": (Operator("wu", EVERY, 0),)}),
    ("fleet can carry it", {"capacity": (9, 0, 9, 9)}),
    ("one room per owner", {"platforms": (Platform("douyin", rooms_per_owner=0),)}),
    ("platform allows doubles", {"platforms": (Platform("douyin", Standing.FORBIDDEN),)}),
    ("human has the room", {"human": Human(frozenset({2}), frozenset({ShopId("tea")}))}),
    ("persona is allowed", {"personas": (replace(PERSONA, brands=frozenset()),)}),
    ("persona has the skills", {"shops": (replace(SHOP, skills=frozenset({"makeup"})),)}),
    ("consent holds", {"personas": (replace(PERSONA, consent=frozenset({0, 1})),)}),
    ("persona rests", {"personas": (replace(PERSONA, longest_run=2, rest=1),)}),
    ("contract maximum holds", {"contracts": (Contract(LEAF, 120, 60),)}),
]


@pytest.mark.parametrize(("rule", "changes"), REASONS)
def test_the_one_rule_in_the_way_is_named_alone(rule: str, changes: dict[str, Any]) -> None:
    (found,) = conflicts(replace(DAY, **changes), NOTHING)
    assert found.proven
    assert [part.rule for part in found.parts] == ["contract of leaf", rule]
    assert all(part.what and part.remedy for part in found.parts)


def two_brands(**brand: Any) -> Problem:
    """Two shops of two brands, both promised all day."""
    pot = replace(SHOP, id=ShopId("pot"), brand=BrandId("pot"), owner="pot-ltd")
    brands = (Brand(LEAF, "tea", **brand), Brand(BrandId("pot"), "tea"))
    both = (*PROMISED, Contract(BrandId("pot"), 120))
    return a_day(shops=(SHOP, pot), brands=brands, contracts=both)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("rivals never share a face", two_brands(rivals=frozenset({BrandId("pot")}))),
        ("exclusivity is kept", two_brands(exclusivity=Exclusivity.STREAMER_ALL_DAY)),
        ("exclusivity is kept", two_brands(exclusivity=Exclusivity.PERSONA_SAME_TIME)),
        ("fleet can carry it", replace(two_brands(), capacity=(2, 2, 1, 2))),
    ],
)
def test_two_contracts_that_exclude_each_other_are_both_named(rule: str, problem: Problem) -> None:
    found = core(problem, LEAF)
    assert found is not None
    assert (found.irreducible, found.smallest) == (True, True)
    assert set(found.rules) == {"contract of pot", rule}


def test_contracts_in_each_other_s_way_are_told_of_the_same_set() -> None:
    one, other = conflicts(replace(two_brands(), capacity=(2, 2, 1, 2)), NOTHING)
    assert {part.rule for part in one.parts} == {part.rule for part in other.parts}
    assert one.parts[0].rule == "contract of leaf"
    assert other.parts[0].rule == "contract of pot"
    assert (one.smallest, other.smallest, other.irreducible) == (True, True, True)


def test_more_than_a_day_has_needs_another_shop() -> None:
    (found,) = conflicts(replace(DAY, contracts=(Contract(LEAF, 180),)), NOTHING)
    assert [part.rule for part in found.parts] == ["contract of leaf", "one double per shop"]
    assert "tea: 2 h at most, if open all day" in found.parts[1].what


def test_a_contract_that_cannot_be_kept_anyway_is_in_nobodys_way() -> None:
    day = two_brands()
    hopeless = replace(day, contracts=(PROMISED[0], Contract(BrandId("pot"), 999)))
    assert core(hopeless, LEAF) is None


def test_figures_are_said() -> None:
    shops = (replace(SHOP, open=frozenset({0, 1})),)
    (found,) = conflicts(replace(DAY, shops=shops), NOTHING)
    asked, opened = found.parts
    assert asked.what == "leaf is promised 2 h"
    assert "1 h a day" in opened.what
    assert "longer" in opened.remedy


def test_a_share_of_prime_time_is_not_mended_by_fewer_hours() -> None:
    promised = (Contract(LEAF, 120, prime_percent=60),)
    (found,) = conflicts(a_day(contracts=promised), ALL_DAY)
    assert found.parts[0].remedy == "agree on a smaller share of prime time with leaf"


def test_another_double_is_no_remedy_where_the_streamer_was_bought() -> None:
    for kind, helps in (
        (Exclusivity.STREAMER_SAME_TIME, False),
        (Exclusivity.PERSONA_ALL_DAY, True),
    ):
        found = conflicts(two_brands(exclusivity=kind), NOTHING)[0]
        (said,) = (part for part in found.parts if part.rule == "exclusivity is kept")
        assert said.what == f"leaf has bought {kind.bought}"
        assert ("another double" in said.remedy) == helps


def test_rests_are_said_in_hours() -> None:
    tired = (replace(PERSONA, longest_run=2, rest=1),)
    (found,) = conflicts(replace(DAY, personas=tired), NOTHING)
    assert found.parts[1].what == "lin stays 1 h at most in a room, then away for 30 minutes"


def test_a_day_ends_at_24_and_one_stream_is_one() -> None:
    promised = (Contract(LEAF, 360), Contract(BrandId("pot"), 360))
    every = frozenset(range(12))
    shops = tuple(replace(shop, open=every, worth=(1000,) * 12) for shop in two_brands().shops)
    brands = two_brands().brands
    day = a_day(12, shops=shops, brands=brands, capacity=(1,) * 12, contracts=promised)
    said = {part.rule: part.what for part in conflicts(day, NOTHING)[0].parts}
    assert said["fleet can carry it"] == (
        "the fleet carries 1 stream at its fewest, more shops are open 18:00-24:00"
    )


def test_what_only_was_not_planned_is_no_conflict() -> None:
    (found,) = conflicts(DAY, NOTHING)
    assert not found.proven
    assert [part.rule for part in found.parts] == ["contract of leaf", "a better use was found"]
    assert "tea 18:00-20:00" in found.parts[1].what


def test_every_rule_can_be_left_out() -> None:
    unnamed = {"operator is on duty", "operator can watch them all"}
    assert {rule.__name__.replace("_", " ") for rule in RULES} == set(RELAXED) | unnamed


@settings(parent=EASY, max_examples=30)
@given(days())
def test_a_conflict_holds_and_none_of_its_rules_is_idle(problem: Problem) -> None:
    plan = solve(problem).plan
    for conflict in conflicts(problem, plan):
        rules = [part.rule for part in conflict.parts[1:] if part.rule != ONE]
        keeping = Keeping(problem, conflict.brand, Patience())
        if conflict.proven:
            assert keeping.fails(rules)
            assert conflict.irreducible
            for rule in rules:
                assert keeping.fails([r for r in rules if r != rule]) is False
        if conflict.smallest:
            fewer = combinations(RELAXED, len(rules) - 1) if rules else ()
            assert not any(keeping.fails(some) for some in fewer)


def test_a_persona_is_needed() -> None:
    (found,) = conflicts(replace(DAY, personas=(Persona(LIN, consent=frozenset()),)), NOTHING)
    assert found.parts[1].rule == "consent holds"
    assert "18:00-20:00" in found.parts[1].what
