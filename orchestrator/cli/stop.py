"""`doppelcast stop`: streams leave the air, and stay off until they are started again."""

from typing import Annotated

import typer

from orchestrator.cli.console import fail, say
from orchestrator.cli.context import current_settings
from orchestrator.ids import StreamId
from orchestrator.store.store import Store


def stop(
    streams: Annotated[
        list[str] | None, typer.Argument(help="The streams to stop; none named means all.")
    ] = None,
    start: Annotated[
        bool, typer.Option("--start", help="The other way: put them on air again.")
    ] = False,
) -> None:
    """Take streams off the air (the coordinator does it within a second or two).

    Examples: [bold]doppelcast stop suyun-douyin[/bold],
    and back: [bold]doppelcast stop --start suyun-douyin[/bold]
    """
    settings = current_settings()
    store = Store.open(settings.store)
    try:
        known = {desired.spec.stream for desired in store.desired()}
        named = [StreamId(name) for name in streams or ()]
        unknown = [name for name in named if name not in known]
        if unknown:
            fail(
                f"No such stream: {', '.join(unknown)}. "
                f"There are: {', '.join(sorted(known)) or 'none'}."
            )
            raise typer.Exit(2)
        chosen = tuple(named) or tuple(sorted(known))
        (store.start if start else store.stop)(chosen)
    finally:
        store.close()
    verb = "go on air" if start else "leave the air"
    say(f"{len(chosen)} stream(s) will {verb}. Watch: [bold]doppelcast status[/bold]")
