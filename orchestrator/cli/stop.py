"""`doppelcast stop`: streams leave the air, and stay off until they are started again."""

from typing import Annotated

import typer
from rich.markup import escape

from orchestrator.cli.console import counted, fail, print_json, say
from orchestrator.cli.context import current_settings
from orchestrator.ids import StreamId
from orchestrator.matrixfile.nearest import nearest
from orchestrator.store.store import Store


def stop(
    streams: Annotated[
        list[str] | None, typer.Argument(help="The streams to stop; none named means all.")
    ] = None,
    start: Annotated[
        bool, typer.Option("--start", help="The other way: put them on air again.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Take streams off the air (the coordinator does it within a second or two).

    Examples: [bold]doppelcast stop suyun-douyin[/bold],
    and back: [bold]doppelcast stop --start suyun-douyin[/bold]
    """
    store = Store.open(current_settings().store)
    try:
        known = {desired.spec.stream for desired in store.desired()}
        _refuse_unknown(streams or [], known)
        chosen = tuple(StreamId(name) for name in streams or sorted(known))
        changed = (store.start if start else store.stop)(chosen) if chosen else ()
    finally:
        store.close()
    if json:
        print_json({"wanted": start, "streams": chosen, "changed": changed})
    else:
        _say(start, chosen, changed)


def _refuse_unknown(named: list[str], known: set[StreamId]) -> None:
    unknown = [name for name in named if name not in known]
    if not unknown:
        return
    guess = nearest(unknown[0], known)
    meant = f"Did you mean {guess}? " if guess else ""
    there = ", ".join(sorted(known)) or "none; put a matrix in force first: doppelcast apply MATRIX"
    fail(f"No such stream: {', '.join(unknown)}. {meant}There are: {there}.")
    raise typer.Exit(2)


def _say(start: bool, chosen: tuple[StreamId, ...], changed: tuple[StreamId, ...]) -> None:
    if not chosen:
        say("Nothing is in force, so nothing is on air.")
        return
    if changed:
        verb = "will go on air" if start else "will leave the air"
        say(f"{counted(len(changed), 'stream')} {verb}: {escape(', '.join(changed))}")
        say("Watch: [bold]doppelcast status[/bold]")
    same = len(chosen) - len(changed)
    if same:
        say(f"{counted(same, 'stream')} {'were wanted' if start else 'were off'} already.")
