"""`doppelcast drain` and `undrain`: a node is emptied, no stream is lost; and used again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.markup import escape

from orchestrator.cli.console import counted, fail, print_json, say
from orchestrator.cli.context import account, current_settings
from orchestrator.cli.draining import Draining, Look, Outcome, named
from orchestrator.clock import Clock, SystemClock
from orchestrator.domain.node import WorkerKind
from orchestrator.errors import WireUnreachable
from orchestrator.ids import NodeId
from orchestrator.matrixfile.nearest import nearest
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect

LOOK_SECONDS = 0.25
INTERRUPTED = 130
REMEDY = "Start another stream worker, or raise the slots of one (doppelcast worker --help)."

NodeName = Annotated[str, typer.Argument(metavar="NODE", help="The node's name, as `status` says.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def drain(
    node: NodeName,
    wait: Annotated[
        bool, typer.Option("--wait", help="Stay until the node is empty, and say how far it is.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.0, help="Seconds to wait at most; the drain goes on after them.")
    ] = 600.0,
    json: AsJson = False,
) -> None:
    """Empty a node: its streams move to other nodes, one by one; none comes until `undrain`.

    Each stream prepares on its new node before it leaves the old one, and is off
    air for a fraction of a second. One that has nowhere to go stays on air where
    it is. The order outlives restarts of the node. Exit code 1 when, having waited,
    streams are still there.

    Examples: [bold]doppelcast drain stream-1[/bold], and for a rolling restart
    [bold]doppelcast drain stream-1 --wait[/bold], restart that worker, then
    [bold]doppelcast undrain stream-1[/bold]
    """
    clock = SystemClock()
    with _fleet(current_settings()) as fleet:
        name = _known(fleet, node)
        new = fleet.store.nodes.drain(name, account(), clock.wall())
        watched = Draining(name, clock.monotonic())
        with _goes_on(name):
            look = fleet.look(name)
            watched.take_in(look, clock.monotonic())
            if not json:
                _say_begun(watched, look, new)
            if not wait:
                if json:
                    print_json({"node": name, "new": new, "left": watched.left})
                return
            outcome = _wait(fleet, watched, timeout, clock, quiet=json)
    _conclude(watched, outcome, timeout, json)


def undrain(node: NodeName, json: AsJson = False) -> None:
    """Let a node take streams again, after `drain` or after it was set aside.

    Nothing moves back by itself; what is placed next may go there.

    Example: [bold]doppelcast undrain stream-1[/bold]
    """
    with _fleet(current_settings()) as fleet:
        name = _known(fleet, node)
        changed = fleet.store.nodes.undrain(name)
    if json:
        print_json({"node": name, "changed": changed})
    elif changed:
        say(f"{escape(name)} takes streams again.")
    else:
        say(f"{escape(name)} was neither drained nor set aside.")


@dataclass(frozen=True)
class _Fleet:
    """Store and board."""

    store: Store
    board: Board

    def look(self, node: NodeId) -> Look:
        """What both say of a node now."""
        placements = self.store.placements()
        try:
            beat = next((b for b in self.board.beats() if b.node == node), None)
            return Look(placements, beat, self.board.farewell(node))
        except WireUnreachable:
            return Look(placements, None, None, broker_answers=False)

    def nodes(self) -> set[NodeId]:
        """All nodes that anybody knows of now."""
        known = {placement.node for placement in self.store.placements()}
        known |= {order.node for order in self.store.nodes.all()}
        try:
            beats = self.board.beats()
        except WireUnreachable:
            beats = ()
        return known | {beat.node for beat in beats if beat.kind is WorkerKind.STREAM}


@contextmanager
def _fleet(settings: Settings) -> Iterator[_Fleet]:
    store = Store.open(settings.store)
    redis = connect(settings.redis)
    try:
        yield _Fleet(store, Board(redis, settings.redis_prefix))
    finally:
        redis.close()
        store.close()


def _known(fleet: _Fleet, node: str) -> NodeId:
    known = fleet.nodes()
    if NodeId(node) in known:
        return NodeId(node)
    guess = nearest(node, known)
    meant = f"Did you mean {guess}? " if guess else ""
    there = ", ".join(sorted(known)) or "none; a node is known once its stream worker beats"
    fail(f"No such node: {node}. {meant}There are: {there}.")
    raise typer.Exit(2)


def _say_begun(watched: Draining, look: Look, new: bool) -> None:
    name = escape(watched.node)
    already = "" if new else " already"
    if not watched.left and (look.beat is None or not look.beat.streams):
        say(f"{name} is{already} drained: it carries nothing, and takes nothing.")
    else:
        going = f"{counted(len(watched.left), 'stream')} to move: {escape(named(watched.left))}"
        say(f"{name} is{already} being emptied, {going}")
    say(f"Watch: [bold]doppelcast status[/bold]. Back: [bold]doppelcast undrain {name}[/bold]")


def _wait(
    fleet: _Fleet, watched: Draining, timeout: float, clock: Clock, *, quiet: bool
) -> Outcome:
    while True:
        look, now = fleet.look(watched.node), clock.monotonic()
        for line in watched.take_in(look, now):
            if not quiet:
                say(escape(line))
        outcome = watched.outcome(look, now)
        if outcome is not Outcome.GOES_ON or now - watched.began >= timeout:
            return outcome
        clock.wait(LOOK_SECONDS)


@contextmanager
def _goes_on(node: NodeId) -> Iterator[None]:
    """From the order on, Ctrl-C ends the watching alone, and says so."""
    try:
        yield
    except KeyboardInterrupt:
        fail(
            f"Nobody watches any more, but the drain goes on. Take it back with "
            f"`doppelcast undrain {node}`."
        )
        raise typer.Exit(INTERRUPTED) from None


def _conclude(watched: Draining, outcome: Outcome, timeout: float, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "node": watched.node,
                "outcome": "timeout" if outcome is Outcome.GOES_ON else outcome.value,
                "moved": [{"stream": s, "to": node} for s, node in watched.moved.items()],
                "ended": watched.ended,
                "left": [{"stream": s, "why": watched.why(s)} for s in watched.left],
            }
        )
    elif outcome is Outcome.EMPTY:
        moved = counted(len(watched.moved), "stream")
        say(f"{escape(watched.node)} is empty; {moved} moved.")
    else:
        fail(_why_not(watched, outcome, timeout))
    if outcome is not Outcome.EMPTY:
        raise typer.Exit(1)


def _why_not(watched: Draining, outcome: Outcome, timeout: float) -> str:
    still = counted(len(watched.left), "stream")
    reasons = "; ".join(sorted({watched.why(stream) for stream in watched.left}))
    goes_on = "The drain goes on; take it back with"
    back = f"{goes_on} `doppelcast undrain {watched.node}`."
    if outcome is Outcome.STUCK:
        return (
            f"{still} can't leave {watched.node}, and stay on air there: {named(watched.left)} "
            f"({reasons}). {REMEDY} {back}"
        )
    if not watched.left:
        return f"After {timeout:.0f} s {watched.node} is still closing connections. {back}"
    return (
        f"After {timeout:.0f} s {still} are still on {watched.node}: {named(watched.left)} "
        f"({reasons}). {back}"
    )
