"""`doppelcast plan`: which double is in which shop when, and why; as table, page, JSON, calendars.

The matrix is read without its stream keys: whoever plans the day needs none. It is solved in a
process of its own, so that Ctrl-C ends at once.
"""

import threading
from datetime import date as Date
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.markup import escape

from orchestrator.cli.apply import MatrixFile, say_applied
from orchestrator.cli.console import counted, err, out, print_json
from orchestrator.cli.context import current_settings
from orchestrator.cli.plan_files import writable, write_calendars, write_page
from orchestrator.cli.plan_since import (
    Again,
    after_the_day_before,
    apply_again,
    day_of_plans,
    first_slot,
    in_force,
    kept_in,
    time_of_day,
)
from orchestrator.cli.plan_solving import watched
from orchestrator.cli.plan_table import show
from orchestrator.clock import Clock, SystemClock, utc
from orchestrator.errors import ConfigurationError
from orchestrator.matrixfile import Loaded, load
from orchestrator.matrixfile.endpoints import ResolveKey
from orchestrator.planner.problem import Problem
from orchestrator.planner.solve import Effort
from orchestrator.planning.book import Planned, broadcast_day
from orchestrator.planning.day import problem_of
from orchestrator.planning.solving import Solved, Solving
from orchestrator.planview.changes import changes
from orchestrator.planview.document import document
from orchestrator.planview.names import names_of
from orchestrator.planview.sheet import Sheet
from orchestrator.wire.secrets import resolve_key

Day = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], callback=day_of_plans, show_default="today", help="The day to plan."
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="HH:MM", callback=time_of_day, help="Plan anew from then on; show what changes."
    ),
]
Before = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        show_default="the plan in force",
        help="With --since: compare with a plan that --json wrote.",
    ),
]
Apply = Annotated[bool, typer.Option("--apply", help="With --since: put the new plan in force.")]
PageFile = Annotated[
    Path | None,
    typer.Option(dir_okay=False, callback=writable, help="Write the day as one web page."),
]
Calendars = Annotated[
    Path | None,
    typer.Option(file_okay=False, callback=writable, help="Write a calendar for each shop here."),
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same plan.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def plan(  # noqa: PLR0913 - a command has as many options as people need
    matrix: MatrixFile,
    date: Day = None,
    since: Since = None,
    before: Before = None,
    apply: Apply = False,
    html: PageFile = None,
    ics: Calendars = None,
    seed: Seed = 1,
    json: AsJson = False,
) -> None:
    """Plan a day: which double is in which shop when, and why.

    Exit code 1 when a contract is unmet. To put a day in force, apply the matrix; or, where
    something changed since, add --apply to --since.

    Examples: [bold]doppelcast plan deploy/demo/day.yaml[/bold],
    [bold]doppelcast plan deploy/demo/day.yaml --html day.html --ics calendars[/bold],
    [bold]doppelcast plan deploy/demo/day.yaml --since 14:05[/bold]
    """
    if since is None and (apply or before is not None):
        raise typer.BadParameter("it goes with --since.", param_hint="--apply and --before")
    clock = SystemClock()
    now = utc(clock.wall())
    loaded = _planned_matrix(matrix, resolve_key if apply else SecretStr, now)
    day = broadcast_day(loaded.matrix, clock.wall()) if date is None else date.date()
    problem = problem_of(loaded.matrix, day)
    if since is not None and (before is None or apply):
        problem = after_the_day_before(current_settings(), day, problem)
    again = _again(loaded, problem, day, since, before)
    solved = _solved(problem, Effort(seed=seed), again, clock)
    sheet = _sheet(loaded, problem, solved, again)
    _write(sheet, html, ics, now)
    if json:
        print_json(document(sheet))
    else:
        show(sheet, out)
    if apply:
        planned = Planned(day, problem, solved.solution)
        applied = apply_again(loaded, planned, current_settings(), clock)
        if not json:
            say_applied(applied)
    if sheet.unmet:
        raise typer.Exit(1)


def _planned_matrix(path: Path, resolve: ResolveKey, now: datetime) -> Loaded:
    """The matrix; a plan alone doesn't need its keys."""
    loaded = load(path, resolve, current_settings().font, now)
    if loaded.matrix.plan is None:
        raise ConfigurationError(
            f"{path} has no plan: each shop has one persona all day. Add `plan: {{}}` to it, and "
            "take `persona:` out of the shops for which the plan shall choose."
        )
    return loaded


def _again(
    loaded: Loaded, problem: Problem, day: Date, since: str | None, before: Path | None
) -> Again | None:
    if since is None:
        return None
    first = first_slot(loaded.matrix, problem, day, since)
    if before is not None:
        return Again(kept_in(before, day, problem), first)
    return Again(in_force(current_settings(), day, problem), first)


def _solved(problem: Problem, effort: Effort, again: Again | None, clock: Clock) -> Solved:
    what = "Looking for the best plan" if again is None else "Planning the rest of the day anew"
    asked = (again.before, again.since) if again else (None, 0)
    return watched(Solving(problem, effort, *asked), problem, what, clock, threading.Event())


def _sheet(loaded: Loaded, problem: Problem, solved: Solved, again: Again | None) -> Sheet:
    solution = solved.solution
    return Sheet(
        problem=problem,
        plan=solution.plan,
        names=names_of(loaded.matrix),
        value=solution.value,
        bound=solution.bound,
        conflicts=solved.conflicts,
        since=again.since if again else None,
        changes=changes(problem, again.before, solution.plan, again.since) if again else (),
    )


def _write(sheet: Sheet, html: Path | None, ics: Path | None, now: datetime) -> None:
    if html is not None:
        write_page(sheet, html)
        err.print(f"The page is in {escape(str(html))}", soft_wrap=True)
    if ics is not None:
        count = write_calendars(sheet, ics, now)
        err.print(f"{counted(count, 'calendar')} in {escape(str(ics))}", soft_wrap=True)
