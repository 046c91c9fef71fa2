"""A day planned anew from some slot on: what it is compared with, and how it gets into force.

What it is compared with is the plan in force, or one that was written down with `--json`.
"""

import threading
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError

from orchestrator.cli.context import account
from orchestrator.cli.plan_solving import solver
from orchestrator.clock import Clock
from orchestrator.domain.matrix import Matrix
from orchestrator.domain.planned import PlanSpec
from orchestrator.domain.spelling import minute_of
from orchestrator.errors import ConfigurationError
from orchestrator.matrixfile import Loaded, store_assets
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planning import book
from orchestrator.planning.book import (
    UNPROVEN,
    Planned,
    Solver,
    broadcast_day,
    day_plan,
    on_grid,
    plan_for,
    put_in_force,
)
from orchestrator.planning.edge import carried
from orchestrator.planning.hours import instant
from orchestrator.planview.document import Kept
from orchestrator.settings import Settings
from orchestrator.store.matrices import Applied
from orchestrator.store.plans import DayPlan
from orchestrator.store.store import Store

FIRST_YEAR, LAST_YEAR = 2000, 2099


@dataclass(frozen=True)
class Again:
    """The plan that was, and the first slot that may change."""

    before: Plan
    since: int


def time_of_day(value: str | None) -> str | None:
    """HH:MM, or wrong use."""
    if value is not None and (minute_of(value) is None or value == "24:00"):
        raise typer.BadParameter("Say when as HH:MM, for example 14:05.")
    return value


def day_of_plans(value: datetime | None) -> datetime | None:
    """A day that calendars and time zones have rules for, or wrong use."""
    if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise typer.BadParameter(f"Name a day of the years {FIRST_YEAR} to {LAST_YEAR}.")
    return value


def first_slot(matrix: Matrix, problem: Problem, day: date, since: str) -> int:
    """The first slot that begins at that time of the day or later."""
    spec, minute = matrix.plan or PlanSpec(), minute_of(since) or 0
    if minute < (minute_of(spec.day_begins) or 0):
        day += timedelta(days=1)
    at = instant(day, minute, ZoneInfo(matrix.streamer.time_zone))
    for slot in problem.slots:
        if slot.begin >= at:
            return slot.number
    raise typer.BadParameter(
        f"No slot begins at {since} or later; the last one begins at {problem.at(-1)}.",
        param_hint="--since",
    )


def kept_in(path: Path, day: date, problem: Problem) -> Plan:
    """The plan in a file that `plan --json` wrote, on the slots of a problem."""
    try:
        kept = Kept.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigurationError(
            f"{path} holds no plan. Write one with: doppelcast plan MATRIX --json > FILE"
        ) from error
    begins, ends = kept.begins, kept.ends.timestamp()
    if not begins or not begins[0] <= problem.slots[0].begin.timestamp() < ends:
        raise ConfigurationError(
            f"{path} holds a plan for another day than {day}. Name its day with --date."
        )
    return on_grid(DayPlan(day, begins, ends, "", kept.plan, "", 0, UNPROVEN, 0), problem)


def after_the_day_before(settings: Settings, day: date, problem: Problem) -> Problem:
    """The problem with the runs and rests that go on from the day before, as it is in the store."""
    store = Store.open(settings.store)
    try:
        return carried(problem, book.in_force(store, day - timedelta(days=1)))
    finally:
        store.close()


def in_force(settings: Settings, day: date, problem: Problem) -> Plan:
    """The day's plan in the store, on the slots of a problem."""
    store = Store.open(settings.store)
    try:
        record = store.plans.latest(day)
    finally:
        store.close()
    if record is None:
        raise ConfigurationError(
            f"No plan for {day} is in force. Put one in force with: doppelcast apply MATRIX, "
            "or name one to compare with: --before FILE"
        )
    return on_grid(record.day, problem)


def apply_again(loaded: Loaded, planned: Planned, settings: Settings, clock: Clock) -> Applied:
    """Put the matrix and this plan in force; the days around it are planned as `apply` would."""
    now = clock.wall()
    today = broadcast_day(loaded.matrix, now)
    ahead = [today, today + timedelta(days=1)]
    if planned.day not in ahead:
        raise ConfigurationError(
            f"{planned.day} can't be put into force now: only today ({today}) and tomorrow can."
        )
    store = Store.open(settings.store)
    try:
        days = _around(store, loaded.matrix, planned, now, solver(clock, threading.Event()))
        store_assets(loaded, settings.media)
        return put_in_force(store, loaded, days, by=account(), now=now)
    finally:
        store.close()


def _around(
    store: Store, matrix: Matrix, planned: Planned, now: float, by: Solver
) -> tuple[Planned, ...]:
    """Today and tomorrow, one of which is planned already."""
    today = broadcast_day(matrix, now)
    day, yesterday = today, book.in_force(store, today - timedelta(days=1))
    if planned.day == today:
        day, yesterday = today + timedelta(days=1), day_plan(planned, matrix.streamer.time_zone)
    before = book.in_force(store, day)
    other = plan_for(matrix, day, now, before, yesterday=yesterday, solver=by)
    return (planned, other) if planned.day == today else (other, planned)
