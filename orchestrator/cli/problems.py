"""What is wrong with a matrix file, as every command that reads one shows it."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from orchestrator.cli.console import counted, err, fail
from orchestrator.errors import Problem

INDENT = "    "


def show_problems(matrix: Path, problems: Sequence[Problem]) -> None:
    """All of them, on standard error: where, what, what to do."""
    fail(f"{matrix}: {counted(len(problems), 'problem')}")
    if not err.is_terminal:
        for problem in problems:
            err.print(Text(_one_line(problem)), soft_wrap=True)
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 1, 0), pad_edge=False)
    table.add_column(overflow="fold", ratio=2, max_width=36)
    table.add_column(overflow="fold", ratio=3)
    for problem in problems:
        table.add_row(_where(problem), _what(problem))
    err.print(table)


def _where(problem: Problem) -> Text:
    text = Text(problem.path, "bold")
    if problem.line:
        text.append(f"\nline {problem.line}", "not bold dim")
    return text


def _what(problem: Problem) -> Text:
    text = Text(problem.message)
    if problem.value is not None:
        text.append(f"\nfound: {problem.value}", "yellow")
    if problem.remedy:
        text.append(f"\n→ {problem.remedy}", "green")
    return text


def _one_line(problem: Problem) -> str:
    return INDENT + " ".join(str(problem).split())
