"""Why a contract can't be kept: the smallest set of rules that can't all hold together with it.

A rule is left out by changing the day so that nothing can break it (everybody is always on shift,
the fleet is endless...), and a plan is looked for that keeps the contract: first with doubles left
aside, by a linear program on who is on air when; then, on small days, with everything, by CP-SAT.
What still fails when a rule is left out doesn't need that rule.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from orchestrator.ids import BrandId
from orchestrator.planner.checker import unmet
from orchestrator.planner.conflictwords import ONE, Part, agreed, part
from orchestrator.planner.couplings import couplings
from orchestrator.planner.days import rewards
from orchestrator.planner.explain import Reason, empty
from orchestrator.planner.plan import NOTHING, Plan
from orchestrator.planner.problem import Contract, Problem
from orchestrator.planner.relax import MANY, RELAXED
from orchestrator.planner.solution import Effort, cells, size
from orchestrator.planner.when import spans

WHOLE = 1500
"""Cells × doubles up to which CP-SAT is asked too."""
CONTRACT = "contract of "
TRIES = 100
"""Smaller sets to try, beside the one that was found by leaving out rules one by one."""


@dataclass(frozen=True)
class Conflict:
    """A contract that can't be kept, by how much, and why. Not proven: no way was found."""

    brand: BrandId
    minutes: int
    parts: tuple[Part, ...]
    proven: bool


def conflicts(problem: Problem, plan: Plan) -> tuple[Conflict, ...]:
    """For each contract that a plan doesn't keep, the rules that are in the way."""
    found = []
    for lack in unmet(problem, plan):
        names = smallest(problem, lack.brand)
        minutes = lack.minutes + lack.prime_minutes
        own = agreed(problem, lack.brand, minutes)
        rules = [part(problem, lack.brand, name) for name in names or (ONE,)]
        parts = (own, *(rules if names is not None else _hindered(problem, plan, lack.brand)))
        found.append(Conflict(lack.brand, minutes, parts, names is not None))
    return tuple(found)


def _hindered(problem: Problem, plan: Plan, brand: BrandId) -> list[Part]:
    """What keeps a brand's open shops empty, most hours first."""
    found: dict[str, list[Reason]] = defaultdict(list)
    for reason in empty(problem, plan):
        if problem.shop[reason.shop].brand == brand:
            found[reason.why].append(reason)
    parts = []
    for why, reasons in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        shops = sorted({reason.shop for reason in reasons})
        where = "; ".join(
            f"{shop} {spans(problem, [r.slot for r in reasons if r.shop == shop])}"
            for shop in shops
        )
        parts.append(Part(why, f"empty because of it: {where}", reasons[0].remedy))
    return parts


def smallest(problem: Problem, brand: BrandId) -> tuple[str, ...] | None:
    """The rules that a contract is in conflict with, by name; None if a plan may well exist.

    Another brand's contract is named "contract of …".
    """
    others = {c.brand for c in problem.contracts if c.brand != brand and _asks(c)}
    contracts = [f"{CONTRACT}{name}" for name in sorted(others)]
    while (rules := _irreducible(problem, brand, contracts)) is not None:
        asked = [name for name in rules if name not in RELAXED]
        # what can't be kept anyway is in nobody's way
        hopeless = [n for n in asked if fails(problem, BrandId(n.removeprefix(CONTRACT)), RELAXED)]
        if not hopeless:
            return _smaller(problem, brand, rules)
        contracts = [name for name in contracts if name not in hopeless]
    return None


def _irreducible(problem: Problem, brand: BrandId, contracts: list[str]) -> tuple[str, ...] | None:
    """Rules that conflict, and no longer do when any of them is left out."""
    everything = [*contracts, *RELAXED]
    if not fails(problem, brand, everything):
        return None
    rules = list(RELAXED) if fails(problem, brand, RELAXED) else everything
    for name in list(rules):
        without = [rule for rule in rules if rule != name]
        if fails(problem, brand, without):
            rules = without
    return tuple(rules)


def _smaller(problem: Problem, brand: BrandId, rules: tuple[str, ...]) -> tuple[str, ...]:
    """A set with fewer rules than this one, if there is one among the first to try."""
    tries = 0
    for count in range(1, len(rules)):
        for some in combinations(RELAXED, count):
            tries += 1
            if tries > TRIES:
                return rules
            if fails(problem, brand, some):
                return some
    return rules


def _asks(contract: Contract) -> bool:
    return bool(contract.minimum or contract.prime_percent)


def fails(problem: Problem, brand: BrandId, rules: Iterable[str]) -> bool:
    """Whether it is certain that no plan keeps a brand's contract under these rules alone."""
    kept = set(rules)
    for name, relax in RELAXED.items():
        if name not in kept:
            problem = relax(problem, brand)
    names = {brand, *(name.removeprefix(CONTRACT) for name in kept - set(RELAXED))}
    contracts = [
        c if c.brand in names else replace(c, minimum=0, prime_percent=0) for c in problem.contracts
    ]
    problem = replace(
        problem, contracts=tuple(contracts), prices=replace(problem.prices, fairness=0)
    )
    return _lacks(problem) > 0.5 or (size(problem) <= WHOLE and _lacks_whole(problem))


def _lacks(problem: Problem) -> float:
    """The fewest minutes that contracts lack, doubles left aside."""
    from ortools.linear_solver import pywraplp

    able = rewards(problem)
    extra = couplings(problem, MANY, able)
    solver = pywraplp.Solver.CreateSolver("GLOP")
    on: dict[tuple[int, int], Any] = {}
    free = {name: solver.NumVar(0, most, "") for name, (most, _) in extra.variables.items()}
    for row in extra.rows:
        sums = solver.Constraint(-solver.infinity(), row.most)
        for (s, t), factor in row.places.items():
            if (s, t) not in on:
                on[s, t] = solver.NumVar(0, 1, "")
            sums.SetCoefficient(on[s, t], factor)
        for name, factor in row.variables:
            sums.SetCoefficient(free[name], factor)
    for name, variable in free.items():
        if name.startswith(("lack ", "dim ")):
            solver.Objective().SetCoefficient(variable, 1)
    solver.Objective().SetMinimization()
    return float(solver.Objective().Value()) if solver.Solve() == solver.OPTIMAL else 0.0


def _lacks_whole(problem: Problem) -> bool:
    from orchestrator.planner.model import Model
    from orchestrator.planner.whole import run

    model = Model(problem, NOTHING, set(cells(problem)))
    if not model.lacks:
        return False
    model.cp.minimize(model.lack)
    solver = run(model, NOTHING, Effort(), 0.3)
    return solver is not None and solver.best_objective_bound > 0.5
