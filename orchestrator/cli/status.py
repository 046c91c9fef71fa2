"""`doppelcast status`: desired and observed side by side."""

from typing import Annotated

import typer

from orchestrator.cli.console import fail, out, print_json, say
from orchestrator.cli.context import current_settings
from orchestrator.cli.overview import Overview, overview
from orchestrator.cli.tables import fleet_line, node_table, reasons, status_table
from orchestrator.clock import SystemClock
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect


def status(
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Show what is wanted and what is on air, side by side; and the nodes that carry it.

    Exit code 1 when a stream isn't as it is wanted, or when nobody can say.

    Examples: [bold]doppelcast status[/bold],
    [bold]doppelcast status --json | jq '.streams\\[] | select(.as_wanted | not)'[/bold]
    """
    settings = current_settings()
    store = Store.open(settings.store)
    try:
        board = Board(connect(settings.redis), settings.redis_prefix)
        view = overview(store, board, SystemClock().wall())
    finally:
        store.close()
    if json:
        print_json(view.to_document())
    elif not view.rows:
        say("Nothing is wanted yet. Put a matrix in force: [bold]doppelcast apply MATRIX[/bold],")
        say("or run a whole fleet on this machine: [bold]doppelcast up MATRIX[/bold]")
        return
    else:
        _show(view)
    if not view.as_wanted:
        raise typer.Exit(1)


def _show(view: Overview) -> None:
    out.print(status_table(view.rows, view.moment))
    out.print()
    if view.nodes:
        out.print(node_table(view.nodes))
        out.print()
    out.print(fleet_line(view).append(reasons(view.rows)), soft_wrap=not out.is_terminal)
    if view.moment.trouble:
        fail(view.moment.trouble)
    if not view.broker_answers:
        say(
            "No fleet runs with this home. Start one with [bold]doppelcast up MATRIX[/bold], "
            "or name the fleet's broker in DOPPELCAST_REDIS_URL."
        )
