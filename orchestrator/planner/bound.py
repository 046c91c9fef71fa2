"""What no plan can exceed: columns (days of single shops), generated until they price out.

A linear program mixes days of shops under the rules that bind shops to each other: capacity,
operators, owners, contracts, the streamer's exclusivity, rivals. Its prices say what each cell
really costs; `best_days` answers with better days. For any prices y ≥ 0

    bound(y) = Σ over shops of (best day's value at prices y) + y · (what there is of each)

is at least the value of every plan (Lagrangian relaxation), so the least of them is the bound,
whether or not the program has converged.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.couplings import Row, couplings, faces
from orchestrator.planner.days import NOBODY, Floats, Ints, best_days, rewards
from orchestrator.planner.problem import Problem

DEAR = 20.0
"""What a unit of a row that can't be kept costs, times the best cell's value."""
SMOOTH = 0.7
"""The share of the best prices so far in the next ones; steadies their way."""


@dataclass
class Column:
    """A day of one shop: its doubles by slot, its value in grains, what it takes of each row."""

    shop: int
    day: Ints
    variable: Any
    value: float
    uses: dict[int, float]


class Columns:
    """The linear program, its columns, and the bound so far."""

    def __init__(self, problem: Problem, lacking: int) -> None:
        from ortools.linear_solver import pywraplp

        self.problem, self.gains = problem, rewards(problem)
        self.scale = max(1.0, float(self.gains.max(initial=1.0)))
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.infinity = self.solver.infinity()
        self.bound = float("inf")
        self.lp: list[Any] = []
        self.rows: list[Row] = []
        self.columns: list[Column] = []
        self.at: dict[int, list[tuple[int, float]]] = {}
        self.extra = couplings(problem, lacking, self.gains)
        self.free = {
            name: (self.solver.NumVar(0, most, ""), gain, most)
            for name, (most, gain) in self.extra.variables.items()
        }
        for variable, gain, _ in self.free.values():
            self.solver.Objective().SetCoefficient(variable, gain / self.scale)
        self.one = [self.solver.Constraint(0, 1) for _ in problem.shops]
        self.cellrows: dict[tuple[int, int, int], list[tuple[int, float]]] = {}
        for row in self.extra.rows:
            self._add_row(row)
        self.solver.Objective().SetMaximization()
        self.best: Floats = np.zeros(len(self.rows))

    def solve(self, rounds: int, near: float = 2e-4) -> float:
        """Generate columns; return the bound, in grains."""
        prices = np.zeros(len(self.rows))
        for _ in range(rounds):
            smooth = SMOOTH * self.best + (1 - SMOOTH) * prices
            added = self._price(smooth)
            if added == 0 and not np.allclose(smooth, prices):
                self._price(prices)
            status = self.solver.Solve()
            if status != self.solver.OPTIMAL:
                break
            value = self.solver.Objective().Value() * self.scale
            if self.bound - value <= near * abs(self.bound) and not self._separate():
                break
            prices = np.array([max(0.0, row.dual_value()) * self.scale for row in self.lp])
        return self.bound

    def heaviest(self) -> Iterator[tuple[ShopId, list[tuple[int, PersonaId]]]]:
        """The column of each shop that the program likes best, surest shops first."""
        chosen: dict[int, tuple[float, Column]] = {}
        for column in self.columns:
            weight = column.variable.solution_value()
            if weight > chosen.get(column.shop, (1e-6, column))[0]:
                chosen[column.shop] = (weight, column)
        for _, column in sorted(chosen.values(), key=lambda c: (-round(c[0], 6), c[1].shop)):
            yield self.as_day(column)

    def as_day(self, column: Column) -> tuple[ShopId, list[tuple[int, PersonaId]]]:
        """A column, with names."""
        names = [persona.id for persona in self.problem.personas]
        day = [(t, names[p]) for t, p in enumerate(column.day.tolist()) if p != NOBODY]
        return self.problem.shops[column.shop].id, day

    def _add_row(self, row: Row) -> None:
        number = len(self.rows)
        lp = self.solver.Constraint(-self.infinity, row.most)
        slack = self.solver.NumVar(0, self.infinity, "")
        lp.SetCoefficient(slack, -1)
        self.solver.Objective().SetCoefficient(slack, -DEAR)
        for name, factor in row.variables:
            lp.SetCoefficient(self.free[name][0], factor)
        self.rows.append(row)
        self.lp.append(lp)
        for cell in row.cells:
            self.cellrows.setdefault(cell, []).append((number, row.factor(cell)))
        for column in self.columns:
            total = sum(row.factor(c) for c in _cells(column.shop, column.day) if c in row.cells)
            if total:
                lp.SetCoefficient(column.variable, total)
                column.uses[number] = total

    def _price(self, prices: Floats) -> int:
        """Take the best days at these prices in as columns; lower the bound."""
        gains, total = self.gains.copy(), 0.0
        for row, price in zip(self.rows, prices, strict=True):
            if price:
                total += price * row.most
                gains[row.index] -= price * row.weights
        for name, (_, gain, most) in self.free.items():
            cost = sum(prices[n] * f for n, f in self.extra.uses.get(name, ()))
            total += max(0.0, gain - cost) * most
        values, days = best_days(self.problem, np.maximum(gains, -1e14))
        total += float(values.sum())
        if total < self.bound:
            self.bound, self.best = total, prices.copy()
        return sum(self._add_column(s, day) for s, day in enumerate(days))

    def _add_column(self, shop: int, day: Ints) -> int:
        key = hash((shop, day.tobytes()))
        if key in self.at or not (day != NOBODY).any():
            return 0
        self.at[key] = []
        variable = self.solver.NumVar(0, self.infinity, "")
        self.one[shop].SetCoefficient(variable, 1)
        uses: dict[int, float] = defaultdict(float)
        for cell in _cells(shop, day):
            for row, factor in self.cellrows.get(cell, ()):
                uses[row] += factor
        for row, total in uses.items():
            self.lp[row].SetCoefficient(variable, total)
        value = self.extra.value(self.problem, self.gains, shop, day)
        self.solver.Objective().SetCoefficient(variable, value / self.scale)
        self.columns.append(Column(shop, day, variable, value, uses))
        return 1

    def _separate(self) -> bool:
        """Add the rows on rivals that the mix of columns breaks."""
        mix = np.zeros(self.gains.shape)
        for column in self.columns:
            weight = column.variable.solution_value()
            for cell in _cells(column.shop, column.day) if weight > 1e-9 else ():
                mix[cell] += weight
        found = faces(self.problem, mix)
        for row in found:
            self._add_row(row)
        self.best = np.concatenate([self.best, np.zeros(len(found))])
        return bool(found)


def _cells(shop: int, day: Ints) -> Iterator[tuple[int, int, int]]:
    return ((shop, t, p) for t, p in enumerate(day.tolist()) if p != NOBODY)
