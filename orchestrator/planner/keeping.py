"""Whether a brand's contract can be kept under some of the rules: yes, no, or not known.

A rule is left out by changing the day so that nothing can break it (everybody is always on shift,
the fleet is endless...). Shops of brands whose contracts don't count may stay empty, so they are
left out, too: what remains is a few shops, whatever the size of the day. First a linear program on
who is on air when, doubles left aside, looks for a proof that it can't be; then a greedy plan for
one that it can; then CP-SAT for either, as long as its deterministic limit lets it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.ids import BrandId
from orchestrator.planner.couplings import couplings
from orchestrator.planner.days import rewards
from orchestrator.planner.greedy import greedy
from orchestrator.planner.plan import NOTHING
from orchestrator.planner.problem import Contract, Prices, Problem
from orchestrator.planner.relax import MANY, RELAXED
from orchestrator.planner.solution import Effort, cells, lacking, size

WHOLE = 30_000
"""Cells × doubles up to which CP-SAT is asked."""
LIMIT = 0.5
"""Its deterministic seconds for one question, which are about real ones."""
PATIENCE = 10.0
"""And for all questions about a day."""
PER_CELL = 2e-5
"""What a question about several contracts takes beside, by cells × doubles."""
TINY = 1e-6
CONTRACT = "contract of "


@dataclass
class Patience:
    """The deterministic seconds that are left for CP-SAT; without any, more isn't known."""

    left: float = PATIENCE


class Keeping:
    """Questions about one brand's contract; each is answered once.

    A rule goes by its name, another brand's contract as "contract of …".
    """

    def __init__(self, problem: Problem, brand: BrandId, patience: Patience) -> None:
        self.problem, self.brand, self.patience = problem, brand, patience
        self.asked: dict[frozenset[str], bool | None] = {}

    def fails(self, rules: Iterable[str]) -> bool | None:
        """Whether it is certain that no plan keeps it under these rules; None: nobody knows."""
        kept = frozenset(rules)
        if kept not in self.asked:
            self.asked[kept] = self._fails(kept)
        return self.asked[kept]

    def weighed(self, rules: Sequence[str]) -> list[str]:
        """Of these rules all but the contracts that the linear program's proof does without."""
        _, brands = _lacks(_under(self.problem, self.brand, frozenset(rules)))
        return [name for name in rules if name in RELAXED or name.removeprefix(CONTRACT) in brands]

    def _fails(self, kept: frozenset[str]) -> bool | None:
        joint = bool(kept - set(RELAXED))
        if joint and self.patience.left <= 0:
            return None
        problem = _under(self.problem, self.brand, kept)
        if joint:
            self.patience.left -= size(problem) * PER_CELL
        if _lacks(problem)[0] > 0.5:
            return True
        if not lacking(problem, greedy(problem)):
            return False
        asked = self.patience.left > 0 and size(problem) <= WHOLE
        return _fails_whole(problem, self.patience) if asked else None


def asks(contract: Contract) -> bool:
    """Whether a contract asks for anything."""
    return bool(contract.minimum or contract.prime_percent)


def _under(problem: Problem, brand: BrandId, kept: frozenset[str]) -> Problem:
    """The day with these rules alone, and nothing in it but what they are about."""
    for name, relax in RELAXED.items():
        if name not in kept:
            problem = relax(problem, brand)
    names = {brand, *(BrandId(name.removeprefix(CONTRACT)) for name in kept - set(RELAXED))}
    shops = [
        shop if shop.brand in names else replace(shop, open=frozenset())
        for shop in problem.shops
        if shop.brand in names or shop.id in problem.human.shops
    ]
    contracts = [c for c in problem.contracts if c.brand in names]
    return replace(problem, shops=tuple(shops), contracts=tuple(contracts), prices=Prices())


def _lacks(problem: Problem) -> tuple[float, set[str]]:
    """The fewest minutes that contracts lack, doubles left aside; and whose contracts prove it."""
    from ortools.linear_solver import pywraplp

    able = rewards(problem)
    extra = couplings(problem, MANY, able)
    solver = pywraplp.Solver.CreateSolver("GLOP")
    on: dict[tuple[int, int], Any] = {}
    free = {name: solver.NumVar(0, most, "") for name, (most, _) in extra.variables.items()}
    asked = []
    for row in extra.rows:
        sums = solver.Constraint(-solver.infinity(), row.most)
        for (s, t), factor in row.places.items():
            if (s, t) not in on:
                on[s, t] = solver.NumVar(0, 1, "")
            sums.SetCoefficient(on[s, t], factor)
        for name, factor in row.variables:
            sums.SetCoefficient(free[name], factor)
        names = (name for name, _ in row.variables if _is_lack(name))
        asked += [(problem.contracts[int(name.split()[1])].brand, sums) for name in names]
    for name in filter(_is_lack, free):
        solver.Objective().SetCoefficient(free[name], 1)
    solver.Objective().SetMinimization()
    if solver.Solve() != solver.OPTIMAL:
        return 0.0, set()
    return float(solver.Objective().Value()), {
        b for b, row in asked if abs(row.dual_value()) > TINY
    }


def _is_lack(variable: str) -> bool:
    return variable.startswith(("lack ", "dim "))


def _fails_whole(problem: Problem, patience: Patience) -> bool | None:

    from orchestrator.planner.model import Model
    from orchestrator.planner.whole import run

    model = Model(problem, NOTHING, set(cells(problem)))
    model.cp.minimize(model.lack)
    solver = run(model, NOTHING, Effort(), LIMIT)
    patience.left -= LIMIT if solver is None else solver.response_proto.deterministic_time
    if solver is None:
        return None
    if solver.objective_value < 0.5:
        return False
    return True if solver.best_objective_bound > 0.5 else None
