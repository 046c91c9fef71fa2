"""`doppelcast migrate`: the store gets its newest schema before anybody uses it.

Every process that opens the store does the same, so this is for upgrades: a schema that can't be
brought up to date then fails here, while the old processes still run.
"""

from typing import Annotated

import typer

from orchestrator.cli.console import say
from orchestrator.cli.context import current_settings
from orchestrator.clock import Clock, SystemClock
from orchestrator.errors import StoreUnavailable
from orchestrator.store.store import Store

TRY_SECONDS = 1.0


def migrate(
    wait: Annotated[
        float, typer.Option(min=0.0, help="Seconds to wait at most for a store that is away.")
    ] = 0.0,
) -> None:
    """Bring the store's schema up to date; nothing happens if it is.

    Example: [bold]doppelcast migrate --wait 120[/bold]
    """
    bring_up_to_date(current_settings().store, wait, SystemClock())
    say("The store has the newest schema.")


def bring_up_to_date(url: str, wait: float, clock: Clock) -> None:
    """Open the store once; tries again, for so many seconds, while it is away."""
    give_up = clock.monotonic() + wait
    while True:
        try:
            Store.open(url).close()
        except StoreUnavailable:
            if clock.monotonic() >= give_up:
                raise
            clock.wait(TRY_SECONDS)
        else:
            return
