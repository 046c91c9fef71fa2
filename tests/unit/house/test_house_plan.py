"""The house plan's ceilings that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = sorted([*ROOT.glob("orchestrator/**/*.py"), *ROOT.glob("workers/**/*.py")])
FILE_LINES, FUNCTION_LINES, CLASS_LINES = 400, 50, 250
FORBIDDEN_NAMES = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py", "manager.py"}


def _definitions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_functions_and_classes_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES
    for node in _definitions(path):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if "migrations" in path.parts:
            continue  # a migration is a list of what it makes
        ceiling = CLASS_LINES if isinstance(node, ast.ClassDef) else FUNCTION_LINES
        assert length <= ceiling, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_opens_with_what_it_is(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not source.strip() or ast.get_docstring(ast.parse(source)), "no module docstring"


def test_no_module_is_a_grab_bag() -> None:
    assert not [p for p in SOURCES if p.name in FORBIDDEN_NAMES]
