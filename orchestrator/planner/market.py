"""What each place of a day costs: prices on the rows that bind shops to each other, and the bound.

For any prices y ≥ 0

    bound(y) = Σ over shops of (best day's value at prices y) + y · (what there is of each)

is at least the value of every plan (Lagrangian relaxation). `descend` looks for prices that make it
small: what is asked for more than there is gets dearer, what is left over gets cheaper.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from orchestrator.planner.couplings import Couplings, Faces, Row, couplings
from orchestrator.planner.days import NEVER, NOBODY, Days, Floats, Ints, Stay, begins, rewards
from orchestrator.planner.problem import Problem

DEAR = 20.0
"""What a unit of a row may cost at most, times the best cell's value."""


MANY = 40
"""Shops from which on half of them are worth asking a second process for."""


class Helper(Protocol):
    """A second process that has a market of the same problem."""

    @property
    def free(self) -> bool:
        """Whether it can be asked at once."""

    def ask(self, job: Callable[["Market", Any], Any], argument: Any) -> None:
        """Let it do something."""

    def answer(self) -> Any:
        """What came out."""


class Market:
    """The rows of a problem as flat arrays, so that prices and days meet quickly."""

    def __init__(self, problem: Problem, lacking: int = 0) -> None:
        self.problem, self.gains = problem, rewards(problem)
        self.days, self.faces = Days(problem), Faces(problem)
        self.begin = begins(problem)
        self.helper: Helper | None = None
        able = self.gains > NEVER / 2
        self.usual = float(np.median(self.gains[able])) if able.any() else 0.0
        """What a usual cell is worth."""
        self.scale = max(1.0, float(self.gains.max(initial=1.0)))
        self._take(couplings(problem, lacking, self.gains))

    def clear(self) -> None:
        """Have no rows and no variables."""
        self._take(Couplings())

    def _take(self, extra: Couplings) -> None:
        self.rows: list[Row] = []
        self.total = extra.total
        """The row that holds the minutes which all contracts lack together."""
        self.names = list(extra.variables)
        """The variables beside the days: flows, shares, what contracts lack."""
        self.limit = np.array([extra.variables[n][0] for n in self.names], dtype=float)
        self.worth = np.array([extra.variables[n][1] for n in self.names], dtype=float)
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
        """What a double adds in a cell at prices of rows; those found later have none yet."""
        prices = self.all(prices)
        shops, slots, _ = self.gains.shape
        weights = prices[self.row_at] * self.factor
        cost = np.bincount(self.place_at, weights=weights, minlength=shops * slots)
        gains: Floats = self.gains - cost.reshape(shops, slots)[:, :, None]
        if self.cells:
            row, *cell = self.cell_at
            np.subtract.at(gains, tuple(cell), prices[row])
        return np.maximum(gains, NEVER)

    def all(self, prices: Floats) -> Floats:
        """Prices of all rows, when some were found later."""
        found: Floats = np.concatenate([prices, np.zeros(len(self.rows) - len(prices))])
        return found

    def levels(self, prices: Floats) -> tuple[Floats, Floats]:
        """The part of prices that doesn't fall, which is that of promises, and the rest."""
        prices = self.all(prices)
        promised = np.array([bool(row.variables) or row.most < 0 for row in self.rows], bool)
        firm: Floats = np.where(promised, prices, 0.0)
        return firm, prices - firm

    def usage(self, days: Ints) -> Floats:
        """How much of each row these days take."""
        on = (days != NOBODY).ravel()
        weights = self.factor * on[self.place_at]
        used = np.bincount(self.row_at, weights=weights, minlength=len(self.rows)).astype(float)
        if self.cells:
            row, s, t, p = self.cell_at
            np.add.at(used, row, (days[s, t] == p).astype(float))
        return used

    def best(self, gains: Floats) -> tuple[Floats, Ints]:
        """Every shop's best day; a helper that is free does half of them."""
        half = len(gains) // 2
        if self.helper is None or 2 * half < MANY or not self.helper.free:
            return self.days.best(gains, self.begin)
        first, second = np.arange(half), np.arange(half, len(gains))
        self.helper.ask(best_days, (second, gains[half:]))
        mine = self.days.best(gains[:half], self.begins(first))
        theirs = self.helper.answer()
        return np.concatenate([mine[0], theirs[0]]), np.concatenate([mine[1], theirs[1]])

    def begins(self, shops: Ints) -> dict[int, Stay]:
        """Who is in these shops at the day's edge, by their places here."""
        here = enumerate(shops.tolist()) if self.begin else ()
        return {n: self.begin[s] for n, s in here if s in self.begin}

    def spare(self, prices: Floats) -> tuple[Floats, Floats]:
        """What a unit of each variable adds at these prices, and how much of it is taken then."""
        weights = prices[self.var_row] * self.var_factor
        adds: Floats = self.worth - np.bincount(
            self.var_at, weights=weights, minlength=len(self.names)
        )
        taken: Floats = np.where(adds > 0, self.limit, 0.0)
        return adds, taken


class Alone:
    """Nobody helps: what is asked is done at once, on a market of its own as a helper has it."""

    free = False

    def __init__(self, problem: Problem) -> None:
        self._market = Market(problem)
        self._said: Any = None

    def ask(self, job: Callable[[Market, Any], Any], argument: Any) -> None:
        """Do it."""
        self._said = job(self._market, argument)

    def answer(self) -> Any:
        """What came out."""
        return self._said


def best_days(market: Market, asked: tuple[Ints, Floats]) -> tuple[Floats, Ints]:
    """Some shops' best days at these gains, as a helper finds them."""
    shops, gains = asked
    return market.days.best(gains, market.begins(shops))


@dataclass(frozen=True)
class Quote:
    """Prices of all rows, the bound they prove, and the days that shops would take at them."""

    prices: Floats
    bound: float
    values: Floats
    days: Ints


def quote(market: Market, prices: Floats) -> Quote:
    """The bound at these prices."""
    values, days = market.best(market.reduced(prices))
    adds, taken = market.spare(prices)
    bound = float(values.sum() + prices @ market.most + adds @ taken)
    return Quote(prices, bound, values, days)


AWAY = 0.08
"""How far below the best bound the first steps aim, as a share of it."""
LIKELY = 5e-4
"""How near to the best a bound is, as a share, at whose prices days may be good."""
NEAR = 1e-3
"""Steps end when they aim no farther than this share of what the first did."""
CUTS = 100
"""Steps after which rows on faces are looked for, at the latest."""
ONWARD = 2e-3
"""And how far when steps go on from good prices."""
STALLED = 6
"""Steps without a better bound, after which smaller steps go on from the best."""


def descend(
    market: Market,
    steps: int,
    start: Floats | None = None,
    away: float = AWAY,
    seen: list[Quote] | None = None,
) -> Quote:
    """Prices with a small bound, by a subgradient that remembers where it went."""
    prices = np.zeros(len(market.rows)) if start is None else start
    best = quote(market, prices)
    here, way, stalled, near = best, np.zeros(len(prices)), 0, away * NEAR
    mix = np.zeros(market.gains.shape)
    seen = [] if seen is None else seen
    seen.append(best)
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
        seen.append(here)
        if stalled >= STALLED:
            away, stalled, here = away * 0.75, -1, best
        mix = 0.9 * mix
        s, t = np.nonzero(here.days != NOBODY)
        mix[s, t, here.days[s, t]] += 0.1
        if market.faces.now and step > min(CUTS, steps // 3) and step % 5 == 0:
            here, best, way = _cut(market, mix, here, best, way)
    return best


def likely(seen: Sequence[Quote], bound: float) -> list[Ints]:
    """Days [shop, slot] at prices that prove nearly as much as the best."""
    return [quote.days for quote in seen if quote.bound <= bound * (1 + LIKELY)]


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
