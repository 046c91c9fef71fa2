"""The page as it is written: escaped, self-contained, complete."""

import re
from html.parser import HTMLParser
from typing import Any

from typing_extensions import override

from orchestrator.planner.conflict import Conflict
from orchestrator.planner.conflictwords import Part
from orchestrator.planner.plan import Plan
from orchestrator.planview.changes import changes
from orchestrator.planview.names import Names
from orchestrator.planview.page import page
from tests.unit.planview.sheets import CLAY, PLAN, TEA, a_problem, a_sheet


class _Reader(HTMLParser):
    """Elements with their attributes, and whether each was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input"):
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def titles(self, kind: str) -> list[str]:
        told = [(str(a["title"]), str(a["class"])) for _, a in self.found if a.get("title")]
        return [title for title, kinds in told if kind in kinds.split()]


def _read(**changed: Any) -> _Reader:
    reader = _Reader(page(a_sheet(**changed)))
    assert not reader.open
    return reader


def test_names_cannot_become_markup() -> None:
    evil = '<script>alert("x")</script>&\'"'
    names = Names(
        evil, {"lin": evil, "mei": evil}, {"leaf": evil}, {"tea-douyin": evil}, {"wu": evil}
    )
    text = page(a_sheet(names=names))
    assert "<script>alert" not in text
    reader = _Reader(text)
    assert [tag for tag, _ in reader.found].count("script") == 1
    assert not reader.open


def test_nothing_is_loaded_from_elsewhere() -> None:
    text = page(a_sheet())
    assert not re.findall(r"https?://|@import|url\(", text)
    for tag, attributes in _Reader(text).found:
        assert not attributes.get("src"), tag
        assert attributes.get("href") in (None, "data:,")


def test_a_stay_says_why_it_is_there() -> None:
    lin, mei = _read().titles("stay")[:2]
    assert lin.splitlines() == [
        "甜美 in 漫坡茶舍小院",
        "18:00–19:30 (1.5 h)",
        "Fit 100 %, best of 2 who could be here",
        "Sells ¥150 (¥100 an hour at a fit of 100 %), costs ¥9 on air",
        "Watched by 吴样例",
    ]
    assert "甜美 fits 100 %, but: persona rests" in mei


def test_an_empty_stretch_says_why_and_what_would_help() -> None:
    gaps = _read().titles("gap")
    assert len(gaps) == 3
    for told in gaps:
        assert "Why: " in told
        assert told.splitlines()[-1].startswith("→ ")


def test_the_unmet_contract_is_on_top_with_a_remedy() -> None:
    text = page(a_sheet())
    assert text.index("1 contract unmet") < text.index("<table")
    assert "lacks 2 h of its 3 h" in text


def test_a_contract_that_cannot_be_kept_names_the_rules_that_conflict() -> None:
    parts = (
        Part("contract of clay", "clay is promised 3 h", "agree on 2 h less with clay"),
        Part("operator is on duty", "nobody is on shift for pot-taobao", "extend the shift of wu"),
    )
    text = page(a_sheet(conflicts=(Conflict(CLAY, 120, parts, proven=True),)))
    assert "These can't all hold" in text
    assert "nobody is on shift for 暖釜厨电研究所" in text
    assert "extend the shift of 吴样例" in text


def test_a_day_that_is_fine_has_no_alert() -> None:
    assert 'class="alert"' not in page(a_sheet(a_problem(contracts=())))


def test_changed_cells_are_marked_and_told() -> None:
    after = Plan({cell: duty for cell, duty in PLAN.items() if cell != (TEA, 4)})
    found = changes(a_problem(), Plan(PLAN), after, 3)
    text = page(a_sheet(plan=after, since=3, changes=found))
    assert "Changes from 19:30 on" in text
    assert "知性 → empty" in text
    assert any("Changed 20:00–20:30: was 知性" in told for told in _Reader(text).titles("gap"))


def test_a_replan_that_changes_nothing_says_so() -> None:
    assert "Nothing has to change." in page(a_sheet(since=2))
