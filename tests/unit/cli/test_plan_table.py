"""The plan on a terminal and in a pipe."""

import io
from typing import Any

from rich.console import Console

from orchestrator.cli.plan_table import show
from orchestrator.planner.plan import Plan
from orchestrator.planview.changes import changes
from tests.unit.planview.sheets import PLAN, TEA, a_problem, a_sheet


def _shown(width: int = 100, terminal: bool = False, **changed: Any) -> list[str]:
    file = io.StringIO()
    colors = "truecolor" if terminal else None
    console = Console(file=file, width=width, force_terminal=terminal, color_system=colors)
    show(a_sheet(**changed), console)
    return file.getvalue().splitlines()


def test_in_a_pipe_doubles_are_letters() -> None:
    (tea,) = [line for line in _shown() if line.startswith("漫坡茶舍小院")]
    assert tea.split(None, 1)[1] == "|甜美-------|知性---········|林-"


def test_the_unmet_contract_comes_before_the_table_and_again_at_the_end() -> None:
    lines = _shown()
    assert lines[1].startswith("✗ 暖釜厨电 lacks 2 h of its 3 h. → ")
    assert lines[-1].startswith("✗ 1 of 2 contracts unmet")


def test_on_a_terminal_no_line_is_wider_than_the_console() -> None:
    for width in (60, 80, 200):
        file = io.StringIO()
        console = Console(file=file, width=width, force_terminal=True, color_system=None)
        show(a_sheet(), console)
        assert all(console.measure(line).maximum <= width for line in file.getvalue().splitlines())


def test_a_changed_stretch_is_told_with_its_reason() -> None:
    after = Plan({cell: duty for cell, duty in PLAN.items() if cell != (TEA, 4)})
    found = changes(a_problem(), Plan(PLAN), after, 3)
    lines = _shown(plan=after, since=3, changes=found)
    assert "Changes from 19:30 on:" in lines
    assert any("20:00–20:30 漫坡茶舍小院: 知性 → empty" in line for line in lines)


def test_each_contract_shows_minimum_planned_and_prime_share() -> None:
    line = next(line for line in _shown() if line.startswith("✓ 漫坡茶舍"))
    assert "2.5 h of 1 h to 4 h · prime 20 % of 20 %" in line
