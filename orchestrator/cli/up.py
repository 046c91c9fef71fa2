"""`doppelcast up`: a whole fleet in one process tree on this machine, until Ctrl-C."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live
from rich.text import Text

from orchestrator.cli.apply import put_in_force
from orchestrator.cli.console import out, say
from orchestrator.cli.fleet import embedded_broker, process_tree, start_flower, worker_parts
from orchestrator.cli.overview import Overview, overview
from orchestrator.cli.tables import fleet_line, streams_table
from orchestrator.cli.tree import ProcessTree
from orchestrator.clock import SystemClock
from orchestrator.matrixfile import load
from orchestrator.settings import settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect
from orchestrator.wire.secrets import resolve_key


@contextmanager
def until_asked_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C and TERM set; a second one ends the command at once."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {s: signal.signal(s, ask) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def up(
    matrix: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The matrix file.")],
    flower: Annotated[bool, typer.Option(help="Start Flower, the admins' dashboard.")] = True,
) -> None:
    """Run everything on this machine: broker, coordinator, recorder, workers, Flower.

    Example: [bold]doppelcast up matrix.yaml[/bold],
    then in another terminal [bold]doppelcast status[/bold]
    """
    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    clock = SystemClock()
    with (
        until_asked_to_stop() as asked,
        process_tree(home / "logs") as tree,
        embedded_broker(tree, home, clock) as current,
    ):
        loaded = load(matrix, resolve_key, current.font)
        applied = put_in_force(loaded, loaded.streams(), current)
        say(f"Revision {applied.revision} is in force. Logs: {home / 'logs'}")
        for part in worker_parts(current):
            tree.start(part)
        if flower:
            say(f"Flower: {start_flower(tree, current).address}")
        store = Store.open(current.store)
        try:
            _watch(tree, store, Board(connect(current.redis), current.redis_prefix), asked)
        finally:
            store.close()
        say("Stopping: streams leave the air first ...")


def _watch(tree: ProcessTree, store: Store, board: Board, asked: threading.Event) -> None:
    with Live(console=out, auto_refresh=False, transient=False) as live:
        while not asked.wait(1.0):
            tree.check()
            live.update(status_view(overview(store, board)), refresh=True)


def status_view(view: Overview) -> Group:
    """The streams and one sentence about the fleet."""
    return Group(streams_table(view.rows), Text.from_markup(fleet_line(view)))
