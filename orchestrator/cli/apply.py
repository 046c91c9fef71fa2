"""`doppelcast apply`: a matrix becomes the desired state; only what changed restarts."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from orchestrator.cli.console import print_json, say
from orchestrator.cli.context import account, current_settings
from orchestrator.clock import SystemClock
from orchestrator.domain.stream import StreamSpec
from orchestrator.matrixfile import Loaded, load, store_assets
from orchestrator.settings import Settings
from orchestrator.store.matrices import Applied
from orchestrator.store.store import Store
from orchestrator.wire.secrets import resolve_key

MatrixFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The matrix file.")
]


def apply_matrix(
    matrix: MatrixFile,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Put a matrix in force. Streams that didn't change stay on air untouched.

    A key that is named `env:` must be in the workers' environment, too; one that
    is named `file:` is read anew at every start of a stream.

    Example: [bold]SHOP_KEY=try doppelcast apply deploy/demo/small.yaml[/bold]
    """
    settings = current_settings()
    loaded = load(matrix, resolve_key, settings.font)
    applied = put_in_force(loaded, loaded.streams(), settings)
    if json:
        print_json(asdict(applied))
    else:
        say_applied(applied)


def say_applied(applied: Applied) -> None:
    """What applying changed, for people."""
    say(f"Revision {applied.revision} is in force.")
    for word, names in (
        ("new", applied.added),
        ("changed, will restart", applied.changed),
        ("removed, will stop", applied.removed),
        ("unchanged", applied.unchanged),
    ):
        if names:
            say(f"  {word}: {escape(', '.join(names))}")


def put_in_force(loaded: Loaded, streams: tuple[StreamSpec, ...], settings: Settings) -> Applied:
    """Keep a matrix's pictures in the media folder, and write its streams as the desired state."""
    store_assets(loaded, settings.media)
    store = Store.open(settings.store)
    try:
        return store.apply(loaded.document, streams, by=account(), now=SystemClock().wall())
    finally:
        store.close()
