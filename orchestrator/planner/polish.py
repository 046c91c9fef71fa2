"""A plan made and bettered shop by shop: each takes its best day beside the others, at prices.

A day that earns more than the prices of what it uses goes in; one that earns less makes room. As
prices fall from the market's to nothing, what is left over is given away. Nothing gets in that
breaks a rule. Then some shops at a time are emptied and filled again, at prices and likings a
little off, and the better of both plans stays; a contract that lacks less is better than any value.
"""

import random
from collections.abc import Sequence

import numpy as np

from orchestrator.planner.couplings import worth_of
from orchestrator.planner.days import NEVER, Floats, Ints
from orchestrator.planner.market import Market, Quote
from orchestrator.planner.openings import Openings, put_back, put_day, take_out
from orchestrator.planner.promises import Promises
from orchestrator.planner.table import Table
from orchestrator.planner.tried import Tried

FALLING = (1.0, 1.0, 1.0, 0.97, 0.93, 0.9, 0.8, 0.65, 0.5, 0.3, 0.0)
"""Levels of prices on the way to a plan."""
AGAIN = (1.0, 1.0, 0.9, 0.7)
"""And when some shops are filled again."""
LAST = (0.4, 0.0)
"""At the end, likings are as they are."""
OFF = 0.25
"""How far off prices are when shops are filled again, at most, as a share."""
TILT = 0.05
"""How far off a brand's liking of a double is then, as a share of a usual cell's value."""
KIN = 3.0
"""How much likelier a shop is emptied with one that it has to do with."""


class Polish:
    """A table that gets better."""

    def __init__(self, market: Market, table: Table, quote: Quote) -> None:
        self.market, self.table, self.problem = market, table, market.problem
        self.openings = Openings(market.problem, market.gains)
        self.promises = Promises(market.problem)
        self.quote = quote
        self.tried = Tried(market.problem)
        """Days that shops had on the way."""
        self.firm, self.falling = market.levels(quote.prices)
        self.reduced = market.reduced(quote.prices)

    def fill(self, shops: Ints | None = None, levels: Sequence[float] = FALLING) -> None:
        """Give the shops their best days, at prices that fall."""
        every = np.arange(len(self.problem.shops)) if shops is None else shops
        for level in levels:
            self._once(self.firm + level * self.falling, every, None)

    def again(self, rounds: int, seed: int, crowd: int) -> None:
        """Empty some shops and fill them again, and again; keep what is better."""
        chance, noise = random.Random(seed), np.random.default_rng(seed)
        for _ in range(rounds if self.problem.shops else 0):
            shops = self._some(chance, crowd)
            before = self._rank(shops)
            was = [take_out(self.table, self.problem.shops[s]) for s in shops]
            self._refill(np.array(shops), noise)
            if self._rank(shops) < before:
                for s in shops:
                    take_out(self.table, self.problem.shops[s])
                for s, day in zip(shops, was, strict=True):
                    put_back(self.table, self.problem.shops[s], day)

    def _refill(self, shops: Ints, noise: np.random.Generator) -> None:
        off = 1.0 + OFF * noise.uniform(-1, 1, len(self.falling))
        size = (len(self.problem.brands), len(self.problem.personas))
        tilt = self.market.usual * TILT * noise.uniform(-1, 1, size)[self.openings.brand[shops]]
        for level in AGAIN:
            self._once(self.firm + level * off * self.falling, shops, tilt)
        for level in LAST:
            self._once(self.firm + level * off * self.falling, shops, None)
        self.promises.mend(self.table, [self.problem.shops[s] for s in shops])

    def _once(self, prices: Floats, shops: Ints, tilt: Floats | None) -> None:
        """Give each shop its best day at these prices, beside the others."""
        reduced = self.market.reduced(prices)[shops]
        reduced = reduced + self.promises.bonus(self.table, shops)
        if tilt is not None:
            reduced = reduced + tilt[:, None, :]
        taken = self.openings.taken(self.table)
        mask = self.openings.open(self.table, taken, shops)
        begin = self.market.begins(shops)
        values, days = self.market.days.best(np.where(mask, reduced, NEVER), begin)
        now = [worth_of(self.problem, reduced, n, taken[s]) for n, s in enumerate(shops)]
        for n in sorted(range(len(shops)), key=lambda n: (now[n] - values[n], n)):
            if values[n] - now[n] < 1:
                break
            self._swap(int(shops[n]), days[n], reduced[n : n + 1], now[n])

    def _swap(self, shop: int, new: Ints, reduced: Floats, now: float) -> None:
        """Take a new day instead of the old one, if what gets in is worth more."""
        place = self.problem.shops[shop]
        was = take_out(self.table, place)
        got = put_day(self.table, place, new)
        if worth_of(self.problem, reduced, 0, got) - now < 1:
            take_out(self.table, place)
            put_back(self.table, place, was)

    def _rank(self, shops: Sequence[int]) -> tuple[int, float]:
        """What these shops' days are worth; what contracts lack comes first."""
        brands = sorted({self.problem.shops[s].brand for s in shops})
        lack = sum(self.promises.lack(self.table, brand) for brand in brands)
        taken = self.openings.taken(self.table)
        self.tried.add(shops, taken[list(shops)])
        value = sum(worth_of(self.problem, self.market.gains, s, taken[s]) for s in shops)
        return -lack, value + self.promises.fairness(self.table)

    def _some(self, chance: random.Random, crowd: int) -> list[int]:
        """Shops that have to do with each other: around one whose day is far from its best."""
        taken = self.openings.taken(self.table)
        now = [worth_of(self.problem, self.reduced, s, day) for s, day in enumerate(taken)]
        regret = np.maximum(self.quote.values - np.array(now), 0) + 1
        lacks = {b: self.promises.lack(self.table, b) for b in self.promises.contracts}
        regret *= [1 + lacks.get(shop.brand, 0) for shop in self.problem.shops]
        first = chance.choices(range(len(regret)), regret.tolist())[0]
        near = self.openings.near(first)
        weights = (regret / regret.max() + 0.05) * np.where(near, KIN, 1.0)
        some = {first}
        while len(some) < min(crowd, len(regret)):
            some.add(chance.choices(range(len(regret)), weights.tolist())[0])
        return sorted(some)
