"""A small day as a whole, by CP-SAT: the best plan, with a proof as far as the limit allows."""

from typing import Any

from orchestrator.planner.model import Model
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.solution import Effort, Solution, best_of, cells, rank
from orchestrator.planner.table import Table

DEAR = 10**9
"""What a minute that a contract lacks weighs, in grains: more than a slot can earn."""


def whole(problem: Problem, start: Solution, effort: Effort) -> Solution:
    """The best plan from a first one on: what contracts lack first, then the value."""
    if start.lacking:
        start = _promise(problem, start, effort)
    return _improve(problem, start, effort)


def _promise(problem: Problem, start: Solution, effort: Effort) -> Solution:
    """Fewer minutes lacking, if there is a way."""
    model = Model(problem, start.plan, set(cells(problem)))
    model.cp.minimize(model.lack)
    solver = run(model, start.plan, effort, effort.whole)
    found = best_of(problem, read(problem, model, solver, start.plan)) if solver else start
    return max(start, found, key=rank)


def _improve(
    problem: Problem,
    start: Solution,
    effort: Effort,
) -> Solution:
    """More value for no more lacking minutes."""
    model = Model(problem, start.plan, set(cells(problem)))
    if model.lacks:
        model.cp.add(model.lack <= start.lacking)
    model.cp.maximize(model.value - DEAR * model.lack)
    solver = run(model, start.plan, effort, effort.whole)
    if solver is None:
        return start
    found = best_of(problem, read(problem, model, solver, start.plan))
    best = max(start, found, key=rank)
    bound = min(start.bound, solver.best_objective_bound + DEAR * best.lacking)
    return Solution(best.plan, best.value, bound, best.lacking)


def run(model: Model, hint: Plan, effort: Effort, limit: float) -> Any | None:
    """Solve a model from a hint; None if it found nothing. A model may be solved for several aims
    in turn."""
    from ortools.sat.python import cp_model

    model.cp.clear_hints()  # type: ignore[no-untyped-call]  # OR-Tools types the others
    for (s, t, p), var in model.x.items():
        if not isinstance(var, int):
            duty = hint.duties.get((s, t))
            model.cp.add_hint(var, duty is not None and duty.persona == p)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = effort.seed
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = limit
    solver.parameters.linearization_level = 2
    status = solver.solve(model.cp)
    if status == cp_model.MODEL_INVALID:
        raise ValueError(f"The solver can't read this model: {model.cp.validate()}")
    return solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None


def read(problem: Problem, model: Model, solver: Any, before: Plan, since: int = 0) -> Plan:
    """The solver's answer as a plan, operators given out anew; what was before stays as it was."""
    table = Table(problem)
    for (shop, slot), duty in before.duties.items():
        if slot < since:
            table.remember(problem.shop[shop], slot, duty)
    chosen = [
        (t, s, p)
        for (s, t, p), var in model.x.items()
        if t >= since and (var if isinstance(var, int) else solver.boolean_value(var))
    ]
    was = {(t, s, p): before.duties.get((s, t)) for t, s, p in chosen}
    same = {cell: duty is not None and duty.persona == cell[2] for cell, duty in was.items()}
    # in each slot, those who keep their operator come first, so that nobody takes the place
    for cell in sorted(chosen, key=lambda cell: (cell[0], not same[cell], cell)):
        kept = was[cell]
        table.put(problem.shop[cell[1]], cell[0], cell[2], kept.operator if kept else None)
    return table.plan()
