"""`doppelcast apply`: a matrix becomes the desired state; only what changed changes on air.

A matrix with a plan is planned for what is left of today, and for tomorrow; from then on the
coordinator plans day by day. A contract that can't be met keeps nothing off air, but is said.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from orchestrator.cli.console import counted, print_json, say
from orchestrator.cli.context import account, current_settings
from orchestrator.clock import SystemClock, utc
from orchestrator.domain.stream import StreamSpec
from orchestrator.matrixfile import Loaded, load, store_assets
from orchestrator.planner.checker import unmet
from orchestrator.planner.score import GRAINS
from orchestrator.planning import book
from orchestrator.planning.book import Planned, planned_ahead, what_is_left
from orchestrator.settings import Settings
from orchestrator.store.matrices import Applied
from orchestrator.store.store import Store
from orchestrator.wire.secrets import resolve_key

CENTS = 100
MINUTES = 60

MatrixFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The matrix file.")
]


@dataclass(frozen=True)
class InForce:
    """What applying a matrix changed, and the days that were planned with it."""

    applied: Applied
    days: tuple[Planned, ...] = ()
    at: float = 0.0
    """When that was, in wall-clock seconds."""

    def to_document(self) -> dict[str, Any]:
        """For machines."""
        return {**asdict(self.applied), "plans": [_document(planned) for planned in self.days]}


def apply_matrix(
    matrix: MatrixFile,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Put a matrix in force. Streams that didn't change stay on air untouched.

    A matrix with a plan is planned for the rest of today and for tomorrow. New lines and another
    plan are taken up on air; only what changes a stream's connection restarts it.

    A key that is named `env:` must be in the workers' environment, too; one that
    is named `file:` is read anew at every start of a stream.

    Example: [bold]SHOP_KEY=try doppelcast apply deploy/demo/small.yaml[/bold]
    """
    settings = current_settings()
    loaded = load(matrix, resolve_key, settings.font, utc(SystemClock().wall()))
    done = put_in_force(loaded, settings)
    if json:
        print_json(done.to_document())
    else:
        say_in_force(done)


def say_in_force(done: InForce) -> None:
    """What applying changed, and what was planned, for people."""
    say_applied(done.applied)
    for planned in done.days:
        for line in _plan_lines(planned, done.at):
            say(escape(line))
    if done.days:
        say("Who is where when, and why: [bold]doppelcast plan MATRIX[/bold]")


def say_applied(applied: Applied) -> None:
    """What applying changed, for people."""
    say(f"Revision {applied.revision} is in force.")
    in_place = tuple(s for s in applied.changed if s not in applied.restarting)
    for word, names in (
        ("new", applied.added),
        ("changed, without leaving the air", in_place),
        ("changed, will restart", applied.restarting),
        ("removed, will stop", applied.removed),
        ("unchanged", applied.unchanged),
    ):
        if names:
            say(f"  {word}: {escape(', '.join(names))}")


def put_in_force(loaded: Loaded, settings: Settings) -> InForce:
    """Keep a matrix's pictures in the media folder, plan it if it has a plan, and write its streams
    as the desired state."""
    if loaded.matrix.plan is None:
        return InForce(put_streams_in_force(loaded, loaded.streams(), settings))
    store_assets(loaded, settings.media)
    now = SystemClock().wall()
    store = Store.open(settings.store)
    try:
        days = planned_ahead(store, loaded.matrix, now)
        return InForce(book.put_in_force(store, loaded, days, by=account(), now=now), days, now)
    finally:
        store.close()


def put_streams_in_force(
    loaded: Loaded, streams: tuple[StreamSpec, ...], settings: Settings
) -> Applied:
    """The same with these streams, whatever a plan would say."""
    store_assets(loaded, settings.media)
    store = Store.open(settings.store)
    try:
        return store.apply(loaded.document, streams, by=account(), now=SystemClock().wall())
    finally:
        store.close()


def _plan_lines(planned: Planned, now: float) -> Iterator[str]:
    """A plan in a few sentences: what it is worth, and what it lacks."""
    found = planned.solution
    worth = f"{found.value / GRAINS / CENTS:,.0f} yuan"
    gap = f", at most {found.gap:.1%} below the best" if isfinite(found.bound) else ""
    yield f"Plan for {planned.day}: {worth}{gap}."
    lacking = [
        f"{short.brand} {(short.minutes or short.prime_minutes) / MINUTES:g} h"
        + ("" if short.minutes else " of prime time")
        for short in unmet(planned.problem, found.plan)
    ]
    if lacking:
        yield f"  contracts lack: {', '.join(lacking)}"
    left = what_is_left(planned.problem, now)
    empty = sum(
        (shop.id, slot) not in found.plan.duties and shop.id not in left.human_rooms(slot)
        for shop in left.shops
        for slot in shop.open
    )
    if empty:
        yield f"  nobody is on air in {counted(empty, 'open slot')}"


def _document(planned: Planned) -> dict[str, Any]:
    found = planned.solution
    return {
        "day": planned.day.isoformat(),
        "value_yuan": found.value / GRAINS / CENTS,
        "gap": found.gap if isfinite(found.bound) else None,
        "unmet": [asdict(short) for short in unmet(planned.problem, found.plan)],
    }
