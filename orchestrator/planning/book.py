"""The book of days: what is planned for today and tomorrow, and the one door into force.

    days = planned_ahead(store, loaded.matrix, now)              # today from now on, and tomorrow
    applied = put_in_force(store, loaded, days, by="lin", now=now)

A plan whose problem hasn't changed stays as it is. One whose problem has is made anew; if its day
has begun, from the slot that runs now, with as few changes as possible. Where today has none yet,
only what is left of the day is planned. Runs and rests go on from the day before. The leader, who
has neither the matrix' file nor its keys, adds a day with `add_day`: the doubles' lines were kept
when the matrix was put into force.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.clock import utc
from orchestrator.domain.matrix import Matrix
from orchestrator.domain.schedule import Act, Turn
from orchestrator.domain.spelling import minute_of
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import SpecError
from orchestrator.ids import ShopId, StreamId
from orchestrator.matrixfile import Loaded
from orchestrator.matrixfile.shape import matrix_of
from orchestrator.matrixfile.tree import parse
from orchestrator.planner.checker import unmet
from orchestrator.planner.plan import NOTHING, Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.replan import replan
from orchestrator.planner.score import score
from orchestrator.planner.solve import Solution, solve
from orchestrator.planning.day import problem_of
from orchestrator.planning.edge import carried
from orchestrator.planning.hand import helped
from orchestrator.planning.hours import Day
from orchestrator.planning.turns import AS_PLANNED, Tempo, followed, turns_of
from orchestrator.store.leadership import Leader
from orchestrator.store.matrices import Applied, MatrixRecord
from orchestrator.store.plans import DayPlan
from orchestrator.store.store import Store

UNPROVEN = float("inf")
"""The bound of a plan of which nobody has proven how good it is."""


Solver = Callable[[Problem, Plan | None, int], Solution]
"""Solves a day; from that slot on as close to a plan as it can, if there is one."""


def solved_here(problem: Problem, before: Plan | None = None, since: int = 0) -> Solution:
    """A day solved while the caller waits, however long it takes."""
    if before is None:
        with helped(problem) as hand:
            return solve(problem, helper=hand)
    plan = replan(problem, before, since)
    lacks = sum(short.minutes + short.prime_minutes for short in unmet(problem, plan))
    return Solution(plan, score(problem, plan).value, UNPROVEN, lacks)


@dataclass(frozen=True)
class Planned:
    """A day, what was to be solved, and the plan."""

    day: date
    problem: Problem
    solution: Solution


def planned_ahead(
    store: Store, matrix: Matrix, now: float, solver: Solver = solved_here
) -> tuple[Planned, ...]:
    """Today's plan from now on, and tomorrow's."""
    today = broadcast_day(matrix, now)
    zone, days = matrix.streamer.time_zone, list[Planned]()
    yesterday = in_force(store, today - timedelta(days=1))
    for day in (today, today + timedelta(days=1)):
        before = in_force(store, day)
        days.append(plan_for(matrix, day, now, before, yesterday=yesterday, solver=solver))
        yesterday = day_plan(days[-1], zone)
    return tuple(days)


def plan_for(
    matrix: Matrix,
    day: date,
    now: float,
    before: DayPlan | None = None,
    *,
    yesterday: DayPlan | None = None,
    solver: Solver = solved_here,
) -> Planned:
    """A day's plan: the one before as far as it holds, and nothing in what is over already."""
    problem = carried(problem_of(matrix, day), yesterday)
    old = NOTHING if before is None else on_grid(before, problem)
    if before is not None and before.problem == digest_of(problem):
        solution = Solution(old, before.value, before.bound, before.lacking)
        return Planned(day, problem, solution)
    if before is None or problem.slots[0].begin.timestamp() > now:
        return Planned(day, problem, solver(what_is_left(problem, now), None, 0))
    running = next((s.number for s in problem.slots if _ends(problem, s.number) > now), 0)
    return Planned(day, problem, solver(problem, old, running))


def put_in_force(
    store: Store,
    loaded: Loaded,
    days: Sequence[Planned],
    *,
    by: str,
    now: float,
) -> Applied:
    """Make a matrix and these days' plans what is desired: all of it, or nothing."""
    specs = streams_of(loaded, days, now)
    acts = {StreamId(shop): several for shop, several in loaded.acts().items()}
    zone = loaded.matrix.streamer.time_zone
    plans = [day_plan(planned, zone) for planned in days]
    return store.plans.put(loaded.document, specs, acts, plans, by=by, now=now)


def streams_of(
    loaded: Loaded, days: Sequence[Planned], now: float, tempo: Tempo = AS_PLANNED
) -> tuple[StreamSpec, ...]:
    """What workers carry on these days."""
    turns: Mapping[ShopId, tuple[Turn, ...]] = {}
    for planned in days:
        after = turns_on(loaded.matrix, planned, tempo)
        turns = {shop: followed(turns.get(shop, ()), after[shop], now) for shop in after}
    return loaded.streams(turns)


def add_day(
    store: Store, leader: Leader, planned: Planned, record: MatrixRecord, now: float
) -> None:
    """Go on with a day after those that are planned; what is on air doesn't notice.

    `WriteConflict` when the matrix that it was planned from isn't in force any more.
    """
    matrix = matrix_in(record.document)
    turns, acts = turns_on(matrix, planned, AS_PLANNED), store.plans.acts()
    changes = []
    for desired in store.desired():
        shop = ShopId(desired.spec.stream)
        spec = _going_on(desired.spec, turns.get(shop, ()), acts.get(desired.spec.stream, ()), now)
        if spec != desired.spec:
            changes.append((desired.digest, spec))
    plan = day_plan(planned, matrix.streamer.time_zone)
    store.plans.extend(leader, plan, record.revision, changes, now)


def matrix_in(document: str) -> Matrix:
    """The matrix in a document that was in force already, so that nothing is wrong with it."""
    tree, problems = parse(document)
    matrix, misshapen = matrix_of(tree)
    if matrix is None:
        raise SpecError([*problems, *misshapen])
    return matrix


def broadcast_day(matrix: Matrix, now: float) -> date:
    """The day that runs now, by the streamer's clock; it may begin later than at midnight."""
    zone = ZoneInfo(matrix.streamer.time_zone)
    begins = minute_of(matrix.plan.day_begins) if matrix.plan else 0
    today = utc(now).astimezone(zone).date()
    begun = Day(today, zone, begins or 0).interval[0].timestamp() <= now
    return today if begun else today - timedelta(days=1)


def on_grid(plan: DayPlan, problem: Problem) -> Plan:
    """A plan that was kept, on the slots of a problem: who was to be there when each begins."""
    old = {begins: number for number, begins in enumerate(plan.begins)}
    edges = sorted(old)
    duties = {}
    for slot in problem.slots:
        begins = slot.begin.timestamp()
        before = [edge for edge in edges if edge <= begins]
        if not before or begins >= plan.ends_at:
            continue
        number = old[before[-1]]
        for shop in problem.shops:
            duty = plan.plan.duties.get((shop.id, number))
            if duty is not None:
                duties[shop.id, slot.number] = duty
    return Plan(duties) if duties else NOTHING


def what_is_left(problem: Problem, now: float) -> Problem:
    """The problem without the slots that are over."""
    left = frozenset(slot.number for slot in problem.slots if _ends(problem, slot.number) > now)
    shops = tuple(replace(shop, open=shop.open & left) for shop in problem.shops)
    human = replace(problem.human, slots=problem.human.slots & left)
    return replace(problem, shops=shops, human=human)


def turns_on(
    matrix: Matrix, planned: Planned, tempo: Tempo = AS_PLANNED
) -> dict[ShopId, tuple[Turn, ...]]:
    """A plan as its shops' turns, with the operators' names."""
    names = {operator.id: operator.name for operator in matrix.operators}
    return turns_of(planned.problem, planned.solution.plan, names, tempo)


def digest_of(problem: Problem) -> str:
    """Changes whenever anything in the problem does."""
    text = json.dumps(_plain(problem), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def day_plan(planned: Planned, zone: str) -> DayPlan:
    """As it is kept."""
    slots, solution = planned.problem.slots, planned.solution
    return DayPlan(
        day=planned.day,
        begins=tuple(slot.begin.timestamp() for slot in slots),
        ends_at=_ends(planned.problem, slots[-1].number),
        zone=zone,
        plan=solution.plan,
        problem=digest_of(planned.problem),
        value=solution.value,
        bound=solution.bound,
        lacking=solution.lacking,
    )


def in_force(store: Store, day: date) -> DayPlan | None:
    """The plan for a day that is in force, if there is one."""
    record = store.plans.latest(day)
    return None if record is None else record.day


def _ends(problem: Problem, number: int) -> float:
    slot = problem.slots[number]
    return slot.begin.timestamp() + 60 * slot.minutes


def _going_on(
    spec: StreamSpec, turns: Sequence[Turn], acts: Sequence[Act], now: float
) -> StreamSpec:
    every = followed(spec.turns, turns, now)
    doubles = {turn.persona_id for turn in every}
    known = {act.persona_id: act for act in (*spec.acts, *acts)}
    chosen = tuple(act for persona, act in known.items() if persona in doubles)
    return replace(spec, turns=every, acts=chosen)


def _plain(value: Any) -> Any:
    """As lists and words; sets in order."""
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return sorted([_plain(key), _plain(item)] for key, item in value.items())
    if isinstance(value, frozenset):
        return sorted(map(_plain, value))
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
