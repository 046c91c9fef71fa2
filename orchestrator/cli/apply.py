"""`doppelcast apply`: a matrix becomes the desired state; only what changed changes on air.

A matrix with a plan is planned for what is left of today, and for tomorrow; from then on the
coordinator plans day by day. A contract that can't be met keeps nothing off air, but is said.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from orchestrator.cli.console import counted, print_json, say
from orchestrator.cli.context import account, current_settings
from orchestrator.cli.interrupt import until_asked_to_stop
from orchestrator.cli.plan_solving import solver
from orchestrator.clock import SystemClock, utc
from orchestrator.domain.stream import StreamSpec
from orchestrator.matrixfile import Loaded, load, store_assets
from orchestrator.planner.checker import Unmet, unmet
from orchestrator.planner.score import GRAINS
from orchestrator.planning import book
from orchestrator.planning.book import Planned, planned_ahead, what_is_left
from orchestrator.planning.part_day import only_late, over_at
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
    planned_since: Mapping[date, float] = field(default_factory=dict)
    """When each of these days was planned for the first time."""

    def over(self, planned: Planned) -> frozenset[int]:
        """The slots of a day that were over then."""
        return over_at(planned.problem, self.planned_since.get(planned.day, 0.0))

    def to_document(self) -> dict[str, Any]:
        """For machines."""
        plans = [_document(planned, self.over(planned)) for planned in self.days]
        return {**asdict(self.applied), "plans": plans}


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
    with until_asked_to_stop() as asked:
        done = put_in_force(loaded, settings, asked)
    if json:
        print_json(done.to_document())
    else:
        say_in_force(done)


def say_in_force(done: InForce) -> None:
    """What applying changed, and what was planned, for people."""
    say_applied(done.applied)
    for planned in done.days:
        for line in _plan_lines(planned, done.at, done.over(planned)):
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


def put_in_force(loaded: Loaded, settings: Settings, asked: threading.Event) -> InForce:
    """Plan a matrix if it has a plan, keep its pictures in the media folder, and write its streams
    as the desired state. KeyboardInterrupt, and nothing is written, when `asked` while planning."""
    if loaded.matrix.plan is None:
        return InForce(put_streams_in_force(loaded, loaded.streams(), settings))
    clock = SystemClock()
    now = clock.wall()
    store = Store.open(settings.store)
    try:
        days = planned_ahead(store, loaded.matrix, now, solver(clock, asked))
        store_assets(loaded, settings.media)
        applied = book.put_in_force(store, loaded, days, by=account(), now=now)
        since = {planned.day: store.plans.planned_since(planned.day) or now for planned in days}
        return InForce(applied, days, now, since)
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


def _plan_lines(planned: Planned, now: float, over: frozenset[int]) -> Iterator[str]:
    """A plan in a few sentences: what it is worth, and what it lacks."""
    found = planned.solution
    worth = f"{found.value / GRAINS / CENTS:,.0f} yuan"
    gap = f", at most {found.gap:.1%} below the best" if isfinite(found.bound) else ""
    yield f"Plan for {planned.day}: {worth}{gap}."
    lacking = unmet(planned.problem, found.plan)
    late = [short for short in lacking if only_late(planned.problem, short, over)]
    if len(late) < len(lacking):
        told = ", ".join(_short(short) for short in lacking if short not in late)
        yield f"  contracts lack: {told}"
    if late:
        gone = sum(planned.problem.slots[slot].minutes for slot in over)
        yield (
            f"  {gone / MINUTES:g} hours of this day were over when it was planned for the first "
            f"time, so contracts lack: {', '.join(map(_short, late))}. In what was left, these "
            "brands get their share"
        )
    left = what_is_left(planned.problem, now)
    empty = sum(
        (shop.id, slot) not in found.plan.duties and shop.id not in left.human_rooms(slot)
        for shop in left.shops
        for slot in shop.open
    )
    if empty:
        yield f"  nobody is on air in {counted(empty, 'open slot')}"


def _short(short: Unmet) -> str:
    lacks = f"{short.brand} {(short.minutes or short.prime_minutes) / MINUTES:g} h"
    return lacks if short.minutes else f"{lacks} of prime time"


def _document(planned: Planned, over: frozenset[int]) -> dict[str, Any]:
    found = planned.solution
    return {
        "day": planned.day.isoformat(),
        "value_yuan": found.value / GRAINS / CENTS,
        "gap": found.gap if isfinite(found.bound) else None,
        "unmet": [
            {**asdict(short), "only_planned_late": only_late(planned.problem, short, over)}
            for short in unmet(planned.problem, found.plan)
        ],
    }
