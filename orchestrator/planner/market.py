"""What each place of a day costs: prices on the rows that bind shops to each other, and the bound.

For any prices y ≥ 0

    bound(y) = Σ over shops of (best day's value at prices y) + y · (what there is of each)

is at least the value of every plan (Lagrangian relaxation). `descend` looks for prices that make it
small: what is asked for more than there is gets dearer, what is left over gets cheaper.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from orchestrator.planner.couplings import Faces, Row, couplings
from orchestrator.planner.days import NEVER, NOBODY, Days, Floats, Ints, rewards
from orchestrator.planner.problem import Problem

DEAR = 20.0
"""What a unit of a row may cost at most, times the best cell's value."""


class Market:
    """The rows of a problem as flat arrays, so that prices and days meet quickly."""

    def __init__(self, problem: Problem, lacking: int = 0) -> None:
        self.problem, self.gains = problem, rewards(problem)
        self.days, self.faces = Days(problem), Faces(problem)
        self.scale = max(1.0, float(self.gains.max(initial=1.0)))
        extra = couplings(problem, lacking, self.gains)
        self.rows: list[Row] = []
        self.total = extra.total
        """The row that holds the minutes which all contracts lack together."""
        self.names = list(extra.variables)
        """The variables beside the days: flows, shares, what contracts lack."""
        self.limit = np.array([extra.variables[n][0] for n in self.names])
        self.worth = np.array([extra.variables[n][1] for n in self.names])
        self.most: Floats = np.zeros(0)
        self._places(extra.rows)
        self._variables(extra.rows)
        self.cells: list[Ints] = []
        self.add(extra.rows)

    def _places(self, rows: Sequence[Row]) -> None:
        flat = [(n, s, t, f) for n, row in enumerate(rows) for (s, t), f in row.places.items()]
        table = np.array(flat, dtype=float).reshape(-1, 4)
        self.row_at, self.shop_at, self.slot_at = table[:, :3].astype(np.int64).T
        self.factor = table[:, 3]
        self.place_at = self.shop_at * len(self.problem.slots) + self.slot_at

    def _variables(self, rows: Sequence[Row]) -> None:
        number = {name: n for n, name in enumerate(self.names)}
        flat = [(n, number[v], f) for n, row in enumerate(rows) for v, f in row.variables]
        table = np.array(flat, dtype=float).reshape(-1, 3)
        self.var_row, self.var_at = table[:, :2].astype(np.int64).T
        self.var_factor = table[:, 2]

    def add(self, rows: Sequence[Row]) -> None:
        """Take in more rows, on cells."""
        for number, row in enumerate(rows, len(self.rows)):
            self.cells += [np.array([number, *cell]) for cell in row.cells]
        self.rows += rows
        self.most = np.concatenate([self.most, [row.most for row in rows]])
        self.cell_at = np.array(self.cells, dtype=np.int64).reshape(-1, 4).T
        self.size = np.ones(len(self.rows))
        np.maximum.at(self.size, self.row_at, np.abs(self.factor))

    def reduced(self, prices: Floats) -> Floats:
        """What a double adds in a cell when rows have these prices."""
        shops, slots, _ = self.gains.shape
        weights = prices[self.row_at] * self.factor
        cost = np.bincount(self.place_at, weights=weights, minlength=shops * slots)
        gains: Floats = self.gains - cost.reshape(shops, slots)[:, :, None]
        if self.cells:
            row, *cell = self.cell_at
            np.subtract.at(gains, tuple(cell), prices[row])
        return np.maximum(gains, NEVER)

    def usage(self, days: Ints) -> Floats:
        """How much of each row these days take."""
        on = (days != NOBODY).ravel()
        weights = self.factor * on[self.place_at]
        used = np.bincount(self.row_at, weights=weights, minlength=len(self.rows)).astype(float)
        if self.cells:
            row, s, t, p = self.cell_at
            np.add.at(used, row, (days[s, t] == p).astype(float))
        return used

    def spare(self, prices: Floats) -> tuple[Floats, Floats]:
        """What a unit of each variable adds at these prices, and how much of it is taken then."""
        weights = prices[self.var_row] * self.var_factor
        adds: Floats = self.worth - np.bincount(
            self.var_at, weights=weights, minlength=len(self.names)
        )
        taken: Floats = np.where(adds > 0, self.limit, 0.0)
        return adds, taken


@dataclass(frozen=True)
class Quote:
    """Prices of all rows, the bound they prove, and the days that shops would take at them."""

    prices: Floats
    bound: float
    values: Floats
    days: Ints


def quote(market: Market, prices: Floats) -> Quote:
    """The bound at these prices."""
    values, days = market.days.best(market.reduced(prices))
    adds, taken = market.spare(prices)
    bound = float(values.sum() + prices @ market.most + adds @ taken)
    return Quote(prices, bound, values, days)


AWAY = 0.08
"""How far below the best bound the first steps aim, as a share of it."""
CUTS = 100
"""Steps after which rows on faces are looked for, at the latest."""
STALLED = 6
"""Steps without a better bound, after which smaller steps go on from the best."""


def descend(market: Market, steps: int, start: Floats | None = None, near: float = 1e-4) -> Quote:
    """Prices with a small bound, by a subgradient that remembers where it went."""
    prices = np.zeros(len(market.rows)) if start is None else start
    best = quote(market, prices)
    here, way, away, stalled = best, np.zeros(len(prices)), AWAY, 0
    mix = np.zeros(market.gains.shape)
    for step in range(steps):
        over = _excess(market, here)
        way = over if stalled < 0 or not way.any() else 0.7 * way + 0.3 * over
        going = np.where((here.prices <= 0) & (way < 0), 0.0, way)
        length = float(going @ going)
        if length < 1e-9 or away < near:
            break
        stride = (here.bound - (1 - away) * best.bound) / length
        prices = np.clip(here.prices + stride * going / market.size, 0, DEAR * market.scale)
        here = quote(market, prices)
        stalled = 0 if here.bound < best.bound * (1 - 1e-4 * away / AWAY) else stalled + 1
        best = min(best, here, key=lambda q: q.bound)
        if stalled >= STALLED:
            away, stalled, here = away * 0.75, -1, best
        mix = 0.9 * mix
        s, t = np.nonzero(here.days != NOBODY)
        mix[s, t, here.days[s, t]] += 0.1
        if market.faces.now and step > min(CUTS, steps // 3) and step % 5 == 0:
            here, best, way = _cut(market, mix, here, best, way)
    return best


def _excess(market: Market, here: Quote) -> Floats:
    _, taken = market.spare(here.prices)
    used = market.usage(here.days) + np.bincount(
        market.var_row, weights=market.var_factor * taken[market.var_at], minlength=len(market.rows)
    )
    excess: Floats = (used - market.most) / market.size
    return excess


def _cut(
    market: Market, mix: Floats, here: Quote, best: Quote, way: Floats
) -> tuple[Quote, Quote, Floats]:
    """Add the rows on faces that the days of late break on average."""
    found = market.faces.broken(mix, 300, 0.1)
    known = {tuple(row.cells) for row in market.rows if row.cells}
    new = [row for row in found if tuple(row.cells) not in known]
    market.add(new)
    more = np.zeros(len(new))

    def longer(q: Quote) -> Quote:
        return Quote(np.concatenate([q.prices, more]), q.bound, q.values, q.days)

    return longer(here), longer(best), np.concatenate([way, more])
