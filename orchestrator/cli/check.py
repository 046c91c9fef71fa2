"""`doppelcast check`: all that is wrong in a matrix file, at once; or its JSON Schema."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from orchestrator.cli.console import counted, fail, out, print_json
from orchestrator.cli.problems import show_problems
from orchestrator.errors import SpecError
from orchestrator.matrixfile import load, schema
from orchestrator.settings import settings
from orchestrator.wire.secrets import resolve_key


def check_matrix(
    matrix: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="The matrix file."),
    ] = None,
    as_schema: Annotated[
        bool,
        typer.Option("--schema", help="Print the JSON Schema, so that editors complete the file."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Check a matrix file, and say everything that is wrong with it at once.

    Examples: [bold]SHOP_KEY=try doppelcast check deploy/demo/small.yaml[/bold],
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
            show_problems(matrix, error.problems)
        raise typer.Exit(1) from error
    if json:
        print_json({"valid": True, "streams": [s.stream for s in streams], "problems": []})
        return
    fine = Text.assemble(("✓ ", "green"), f"{matrix} is fine: {counted(len(streams), 'stream')}")
    out.print(fine, soft_wrap=True)
    widest = max(len(spec.stream) for spec in streams)
    for spec in streams:
        out.print(Text(f"  {spec.stream:<{widest}}  {spec.title}"), soft_wrap=True)
