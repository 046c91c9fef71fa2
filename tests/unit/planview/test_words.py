"""Hours, money and stretches as people write them."""

import ast
import inspect
from datetime import datetime
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from orchestrator.planner import conflict, conflictwords, explain, problem, rules
from orchestrator.planner.score import GRAINS
from orchestrator.planview import changes
from orchestrator.planview.names import PLAIN, WORD, Names, names_of
from orchestrator.planview.words import (
    hour_marks,
    hours,
    listed,
    money,
    span,
    spans,
    worth_in_words,
)
from tests.support.matrices import a_matrix, a_shop
from tests.unit.planview.sheets import a_problem, shanghai

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
YUAN = 100 * GRAINS


def test_a_day_that_crosses_midnight_says_which_hours_are_tomorrows() -> None:
    problem = a_problem(8, shanghai(22))
    assert span(problem, 0, 3) == "22:00–24:00"
    assert span(problem, 3, 5) == "23:30–01:00+1"
    assert span(problem, 5, 7) == "00:30+1–02:00+1"


def test_an_hour_that_comes_twice_is_told_apart() -> None:
    problem = a_problem(8, datetime(2026, 10, 25, 1, 0, tzinfo=BERLIN))
    assert span(problem, 2, 3) == "02:00 CEST–02:00 CET"
    assert span(problem, 4, 5) == "02:00 CET–03:00"


def test_an_hour_that_is_skipped_is_not_counted() -> None:
    problem = a_problem(4, datetime(2027, 3, 14, 1, 0, tzinfo=NEW_YORK))
    assert span(problem, 1, 1) == "01:30–03:00"
    assert span(problem, 0, 3) == "01:00–04:00"


def test_hours_are_marked_where_they_begin_on_the_real_timeline() -> None:
    twice = a_problem(8, datetime(2026, 10, 25, 1, 0, tzinfo=BERLIN))
    assert list(hour_marks(twice)) == [(0, "01"), (2, "02"), (4, "02"), (6, "03")]
    odd = a_problem(4, shanghai(18).replace(minute=15))
    assert list(hour_marks(odd)) == [(0, "18:15"), (2, "19:15")]


def test_slots_that_follow_one_another_are_one_stretch() -> None:
    assert spans(a_problem(), {0, 1, 4, 7}) == "18:00–19:00, 20:00–20:30, 21:30–22:00"


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0, "0 h"),
        (30, "30 min"),
        (40, "40 min"),
        (90, "1.5 h"),
        (95, "1.58 h"),
        (180_060, "3,001 h"),
    ],
)
def test_minutes_are_hours_where_that_reads_better(minutes: int, told: str) -> None:
    assert hours(minutes) == told


def test_money_is_rounded_to_what_a_reader_can_use() -> None:
    assert [money(c) for c in (123_456, 1_250, 500, -20_000)] == [
        "¥1,235", "¥12.50", "¥5", "−¥200",
    ]  # fmt: skip


def test_a_plan_says_how_much_better_another_could_be() -> None:
    told = worth_in_words(990 * YUAN, 1000 * YUAN, 0)
    assert "worth ¥990." in told
    assert "¥10 (1.0 %) is left" in told


def test_a_plan_that_is_proven_best_says_so() -> None:
    assert "no other plan is worth more: that is proven" in worth_in_words(7 * YUAN, 7 * YUAN, 0)


def test_a_plan_without_a_bound_does_not_claim_one() -> None:
    assert "wasn't proven" in worth_in_words(7 * YUAN, float("inf"), 0)


def test_a_bound_among_plans_that_lack_hours_says_so() -> None:
    assert "lack no more than 2 h of contracts" in worth_in_words(7 * YUAN, 8 * YUAN, 120)


def test_long_lists_are_cut() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(list("abcdef")) == "a, b, c and 3 more"


def test_sentences_about_ids_are_told_by_names() -> None:
    names = Names("", {"lin": "甜美", "tea": "茶茶"}, {"tea": "漫坡茶舍"}, {"tea-mine": "小院"})
    assert names.told("lin is in tea-mine, lining for tea") == "甜美 is in 小院, lining for tea"


def test_an_id_that_is_a_word_a_number_or_a_platform_does_not_garble_sentences() -> None:
    names = Names("", {"a": "甜美"}, {}, {"douyin": "小店", "8": "八号"}, {}, frozenset({"douyin"}))
    said = "a stays 4 h in a room on douyin, the fleet carries 8"
    assert names.told(said) == said


@pytest.mark.parametrize("module", [rules, explain, conflictwords, conflict, problem, changes])
def test_every_word_of_the_planners_sentences_is_known_as_one(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    values = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    written = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in values
    )
    words = {word for text in written for word in WORD.findall(text)}
    assert {word for word in words if word.isalpha()} <= PLAIN


def test_those_who_share_a_name_are_told_apart() -> None:
    shops = [
        {**a_shop("one"), "name": "小店"},
        {**a_shop("two", platform="taobao"), "name": "小店"},
        {**a_shop("three"), "name": "大店"},
        {**a_shop("four"), "name": "大店"},
        {**a_shop("five"), "name": "茶店"},
    ]
    names = names_of(a_matrix(shops=shops))
    assert list(names.shops.values()) == [
        "小店 · custom", "小店 · taobao", "大店 · three", "大店 · four", "茶店",
    ]  # fmt: skip
