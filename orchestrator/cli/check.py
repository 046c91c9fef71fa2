"""`doppelcast check`: all that is wrong in a matrix file, at once; or its JSON Schema."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from orchestrator.cli.console import err, fail, out, print_json, say
from orchestrator.errors import Problem, SpecError
from orchestrator.matrixfile import load, schema
from orchestrator.settings import settings
from orchestrator.wire.secrets import resolve_key


def check_matrix(
    matrix: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="The matrix file.")
    ] = None,
    as_schema: Annotated[
        bool,
        typer.Option("--schema", help="Print the JSON Schema, so that editors complete the file."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Check a matrix file, and say everything that is wrong with it at once.

    Examples: [bold]doppelcast check matrix.yaml[/bold],
    [bold]doppelcast check --schema > matrix.schema.json[/bold]
    """
    if as_schema:
        print_json(schema())
        return
    if matrix is None:
        fail("Name a matrix file: doppelcast check MATRIX, or ask for --schema.")
        raise typer.Exit(2)
    try:
        streams = load(matrix, resolve_key, settings().font).streams()
    except SpecError as error:
        if json:
            print_json({"valid": False, "problems": [asdict(p) for p in error.problems]})
        else:
            _show(matrix, error.problems)
        raise typer.Exit(1) from error
    if json:
        print_json({"valid": True, "streams": [s.stream for s in streams], "problems": []})
        return
    say(f"[green]✓[/green] {matrix} is fine: {len(streams)} streams")
    for spec in streams:
        out.print(f"  {spec.stream:<24} {spec.title}", markup=False)


def _show(matrix: Path, problems: tuple[Problem, ...]) -> None:
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(style="bold", overflow="fold")
    table.add_column(overflow="fold")
    for problem in problems:
        where = problem.path + (f"\nline {problem.line}" if problem.line else "")
        found = f"\nfound: {problem.value}" if problem.value is not None else ""
        table.add_row(Text(where), Text(f"{problem.message}{found}\n→ {problem.remedy}"))
    fail(f"{matrix}: {len(problems)} problem{'s' if len(problems) != 1 else ''}")
    err.print(table)
