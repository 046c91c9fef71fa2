"""`doppelcast check`: all that is wrong in a matrix file, at once; or its JSON Schema."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from orchestrator.cli.console import counted, fail, out, print_json
from orchestrator.cli.problems import show_problems
from orchestrator.clock import SystemClock, utc
from orchestrator.errors import SpecError
from orchestrator.ids import ShopId
from orchestrator.matrixfile import Loaded, load, schema
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
        now = utc(SystemClock().wall())
        loaded = load(matrix, resolve_key, settings().font, now)
    except SpecError as error:
        if json:
            print_json({"valid": False, "problems": [asdict(p) for p in error.problems]})
        else:
            show_problems(matrix, error.problems)
        raise typer.Exit(1) from error
    titles = _planned(loaded) if loaded.matrix.plan is not None else _all_day(loaded)
    if json:
        print_json({"valid": True, "streams": list(titles), "problems": []})
        return
    fine = Text.assemble(("✓ ", "green"), f"{matrix} is fine: {counted(len(titles), 'stream')}")
    out.print(fine, soft_wrap=True)
    widest = max(map(len, titles))
    for stream, title in titles.items():
        out.print(Text(f"  {stream:<{widest}}  {title}"), soft_wrap=True)
    if loaded.matrix.plan is not None:
        out.print(Text(f"See the day: doppelcast plan {matrix}"), soft_wrap=True)


def _all_day(loaded: Loaded) -> dict[str, str]:
    return {spec.stream: spec.title for spec in loaded.streams()}


def _planned(loaded: Loaded) -> dict[str, str]:
    """Each stream with all doubles that a plan may send there."""
    acts, streamer = loaded.acts(), loaded.matrix.streamer.name
    titles: dict[str, str] = {}
    for spec in loaded.streams():
        doubles = " / ".join(act.persona.name for act in acts[ShopId(spec.stream)])
        titles[spec.stream] = f"{streamer}·{doubles} → {spec.brand.name}@{spec.platform}"
    return titles
