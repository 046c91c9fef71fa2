"""The solver: contracts first, then value; a proven bound beside it.

 1. greedy makes a plan;
 2. if that leaves contracts unmet, CP-SAT looks for one that lacks fewer minutes;
 3. the bound is the smaller of CP-SAT's and of the columns' (`bound`), over all plans that lack no
    more than this one; what the columns like best is a second plan to start from;
 4. CP-SAT improves the better of both: the whole day if it is small, else neighborhoods of it.

Deterministic: one seed, and limits in the solver's deterministic time, never in seconds.
"""

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from orchestrator.ids import ShopId
from orchestrator.planner.bound import Columns
from orchestrator.planner.checker import unmet
from orchestrator.planner.greedy import greedy
from orchestrator.planner.model import Model
from orchestrator.planner.pick import pick
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.score import score
from orchestrator.planner.table import Table

DEAR = 10**9
"""What a minute that a contract lacks weighs, in grains: more than a slot can earn."""
WHOLE = 2500
"""Cells × doubles up to which a day is solved as a whole."""


@dataclass(frozen=True)
class Effort:
    """How long to try, in the solver's deterministic seconds, which are about real ones."""

    seed: int = 1
    whole: float = 1.0
    rounds: int = 0
    """Neighborhoods to try."""
    neighborhood: float = 0.2
    columns: int = 40
    """Rounds of new columns for the bound."""
    gap: float = 1e-4
    """The gap that is good enough, as a share of the bound."""


@dataclass(frozen=True)
class Solution:
    """A plan, its value, what no plan can exceed (in grains), and minutes contracts lack."""

    plan: Plan
    value: int
    bound: float
    lacking: int

    @property
    def gap(self) -> float:
        """(bound − value) / bound: how much better a plan could be at most."""
        return max(0.0, self.bound - self.value) / self.bound if self.bound > 0 else 0.0


def lacking(problem: Problem, plan: Plan) -> int:
    """Minutes that all contracts lack together."""
    return sum(u.minutes + u.prime_minutes for u in unmet(problem, plan))


def solve(problem: Problem, effort: Effort | None = None) -> Solution:
    """The best plan that the effort finds."""
    effort = effort or Effort()
    found = best_of(problem, greedy(problem))
    if found.lacking:
        found = _promise(problem, found, effort)
    columns = Columns(problem, found.lacking)
    bound = columns.solve(effort.columns)
    rounded = best_of(problem, _rounded(problem, columns, effort), bound)
    if rounded.lacking > found.lacking:
        rounded = _promise(problem, rounded, effort)
    found = max(found, rounded, key=_rank)
    found = Solution(found.plan, found.value, min(bound, found.bound), found.lacking)
    if size(problem) <= WHOLE:
        return _improve(problem, found, set(cells(problem)), effort, effort.whole)
    chance = random.Random(effort.seed)
    for _ in range(effort.rounds):
        if found.gap <= effort.gap:
            break
        some = _neighborhood(problem, chance)
        found = _improve(problem, found, some, effort, effort.neighborhood)
    return found


def best_of(problem: Problem, plan: Plan, bound: float = float("inf")) -> Solution:
    """A plan with its figures."""
    return Solution(plan, score(problem, plan).value, bound, lacking(problem, plan))


def _rank(solution: Solution) -> tuple[int, int]:
    return -solution.lacking, solution.value


def cells(problem: Problem) -> Iterator[tuple[ShopId, int]]:
    """All cells of open shops."""
    return ((shop.id, slot) for shop in problem.shops for slot in sorted(shop.open))


def size(problem: Problem) -> int:
    """Cells × doubles."""
    return sum(1 for _ in cells(problem)) * len(problem.personas)


def _promise(problem: Problem, start: Solution, effort: Effort) -> Solution:
    """Fewer minutes lacking, if there is a way."""
    model = Model(problem, start.plan, set(cells(problem)))
    model.cp.minimize(model.lack)
    solver = run(model, start.plan, effort, effort.whole)
    found = best_of(problem, read(problem, model, solver, start.plan)) if solver else start
    return max(start, found, key=_rank)


def _improve(
    problem: Problem,
    start: Solution,
    free: Collection[tuple[ShopId, int]],
    effort: Effort,
    limit: float,
) -> Solution:
    """More value for no more lacking minutes, where only the free cells may change."""
    model = Model(problem, start.plan, free)
    if model.lacks:
        model.cp.add(model.lack <= start.lacking)
    model.cp.maximize(model.value - DEAR * model.lack)
    solver = run(model, start.plan, effort, limit)
    if solver is None:
        return start
    found = best_of(problem, read(problem, model, solver, start.plan))
    best = max(start, found, key=_rank)
    everything = len(free) == sum(1 for _ in cells(problem))
    bound = start.bound
    if everything and not best.lacking:
        bound = min(bound, solver.best_objective_bound)
    return Solution(best.plan, best.value, bound, best.lacking)


def run(model: Model, hint: Plan, effort: Effort, limit: float) -> Any | None:
    """Solve a model from a hint; None if it found nothing."""
    from ortools.sat.python import cp_model

    for (s, t, p), var in model.x.items():
        if not isinstance(var, int):
            duty = hint.duties.get((s, t))
            model.cp.add_hint(var, duty is not None and duty.persona == p)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = effort.seed
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = limit
    solver.parameters.relative_gap_limit = effort.gap
    solver.parameters.linearization_level = 2
    status = solver.solve(model.cp)
    return solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None


def read(problem: Problem, model: Model, solver: Any, before: Plan) -> Plan:
    """The solver's answer as a plan, operators given out anew."""
    chosen = {
        (s, t): p
        for (s, t, p), var in model.x.items()
        if (var if isinstance(var, int) else solver.boolean_value(var))
    }
    table = Table(problem)
    for (s, t), p in sorted(chosen.items(), key=lambda item: (item[0][1], item[0][0])):
        duty = before.duties.get((s, t))
        table.put(problem.shop[s], t, p, duty.operator if duty else None)
    return table.plan()


def _rounded(problem: Problem, columns: Columns, effort: Effort) -> Plan:
    """One column for each shop, as far as rules let it in; the rest by greed."""
    table = Table(problem)
    for shop, day in pick(columns, effort.seed, effort.whole):
        for slot, persona in day:
            table.put(problem.shop[shop], slot, persona)
    return greedy(problem, table)


def _neighborhood(problem: Problem, chance: random.Random) -> set[tuple[ShopId, int]]:
    """A few shops all day, or many shops for some hours."""
    doubles, slots = len(problem.personas), len(problem.slots)
    if chance.random() < 0.5:
        count = max(2, WHOLE // (doubles * slots))
        shops = chance.sample(problem.shops, min(count, len(problem.shops)))
        return {(shop.id, slot) for shop in shops for slot in shop.open}
    width = max(2, WHOLE // (doubles * len(problem.shops)))
    first = chance.randrange(max(1, slots - width + 1))
    hours = range(first, first + width)
    return {(shop.id, slot) for shop in problem.shops for slot in shop.open if slot in hours}
