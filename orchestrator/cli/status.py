"""`doppelcast status`: desired and observed side by side."""

from dataclasses import asdict
from typing import Annotated

import typer

from orchestrator.cli.console import out, print_json, say
from orchestrator.cli.context import current_settings
from orchestrator.cli.overview import overview
from orchestrator.cli.tables import fleet_line, streams_table
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect


def status(
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Show what is wanted and what is on air, side by side.

    Exit code 1 when a wanted stream isn't on air.

    Example: [bold]doppelcast status --json | jq '.streams[] | select(.phase != "on_air")'[/bold]
    """
    settings = current_settings()
    store = Store.open(settings.store)
    try:
        view = overview(store, Board(connect(settings.redis), settings.redis_prefix))
    finally:
        store.close()
    if json:
        print_json(
            {
                "streams": [asdict(row) for row in view.rows],
                "nodes": [asdict(node) for node in view.nodes],
                "broker_answers": view.broker_answers,
            }
        )
    elif not view.rows:
        say("Nothing is wanted yet. Put a matrix in force: [bold]doppelcast apply MATRIX[/bold]")
    else:
        out.print(streams_table(view.rows))
        say(fleet_line(view))
    if not all(row.as_wanted for row in view.rows):
        raise typer.Exit(1)
