"""`doppelcast up`: a whole fleet in one process tree on this machine, until Ctrl-C."""

import threading
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from orchestrator.cli.apply import MatrixFile, put_in_force, say_in_force
from orchestrator.cli.console import out, say
from orchestrator.cli.fleet import embedded_broker, start_flower, worker_parts
from orchestrator.cli.home import sole_use
from orchestrator.cli.interrupt import until_asked_to_stop
from orchestrator.cli.overview import Overview, overview
from orchestrator.cli.screen import Screen
from orchestrator.cli.tables import fleet_line, live_table, start_table, waiting
from orchestrator.cli.tree import ProcessTree, process_tree
from orchestrator.clock import Clock, SystemClock
from orchestrator.matrixfile import load
from orchestrator.settings import Settings, settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect
from orchestrator.wire.secrets import resolve_key

LOOK_SECONDS = 1.0


def up(
    matrix: MatrixFile,
    flower: Annotated[bool, typer.Option(help="Start Flower, the admins' dashboard.")] = True,
) -> None:
    """Run everything on this machine: broker, coordinator, recorder, workers, Flower.

    Ctrl-C takes the streams off the air and ends all processes; a second one ends them at once.

    Example: [bold]SHOP_KEY=… doppelcast up deploy/demo/small.yaml[/bold],
    then in another terminal [bold]doppelcast status[/bold]
    """
    home = settings().home
    clock = SystemClock()
    with until_asked_to_stop() as asked, sole_use(home, "up"):
        loaded = load(matrix, resolve_key, settings().font)
        with (
            process_tree(home / "logs") as tree,
            embedded_broker(tree, home, clock) as current,
        ):
            say_in_force(put_in_force(loaded, current, asked))
            say("Starting recorder, workers and coordinator ...")
            for part in worker_parts(current):
                tree.start(part)
            if flower:
                say(f"Flower: {escape(start_flower(tree, current).address)}")
            say(f"Logs: {escape(str(home / 'logs'))}\n")
            _watch(tree, current, asked, clock)
            say("Stopping: the streams leave the air ...")
    say("Stopped; nothing is left running.")


def _watch(tree: ProcessTree, current: Settings, asked: threading.Event, clock: Clock) -> None:
    store = Store.open(current.store)
    redis = connect(current.redis)
    board = Board(redis, current.redis_prefix)
    try:
        with Screen(out, clock) as screen:
            while not asked.wait(LOOK_SECONDS):
                tree.check()
                view = overview(store, board, clock.wall())
                screen.show(status_view(view), status_line(view), stage=_stage(view))
    finally:
        store.close()
        redis.close()


def status_view(view: Overview) -> RenderableType:
    """The streams and one sentence about the fleet; while nothing is on air, who waits for what."""
    begun = any(row.on_air for row in view.rows)
    table = live_table(view.rows) if begun else start_table(view.rows)
    return Group(table, Text(), fleet_line(view))


def status_line(view: Overview) -> str:
    """The same in a sentence."""
    who_waits = waiting(view.rows)
    return f"{fleet_line(view).plain} · {who_waits}" if who_waits else fleet_line(view).plain


def _stage(view: Overview) -> str:
    return f"{sum(row.on_air for row in view.rows)} on air"
