"""The bound by cases: of brands that must not share a double all day, one has it or another does.

Prices alone let each of them have half of it. So the case that stands in the way is split in two:
a brand never has this double, or its opponents don't. Every plan falls into one of the cases, and
so is worth no more than the best of them could be. Only the shops of such brands and the rows
between them are looked at anew; all other prices stay.
"""

import copy
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from orchestrator.planner.couplings import Faces, Row
from orchestrator.planner.days import NEVER, Floats, Ints
from orchestrator.planner.market import ONWARD, Market, Quote, descend

STEPS = 12
"""Steps towards better prices in each case."""
LATE = 40
"""Of so many days at the last prices it is counted who has whom."""

Barred = frozenset[tuple[str, int]]
"""Brands, and the doubles that they never have."""


@dataclass(frozen=True)
class _Case:
    """Who is barred from what, the bound that was found, prices, and who had whom of late."""

    barred: Barred
    bound: float
    prices: Floats
    had: dict[str, Floats]


def by_cases(market: Market, quote: Quote, most: int) -> float:
    """The bound with so many cases looked at; that of prices where nobody has a double all day."""
    if not market.faces.ever:
        return quote.bound
    part = _Part(market, quote)
    first = part.look(frozenset(), np.array([]), quote.bound)
    numbers, done = count(), 0
    cases = [(-first.bound, next(numbers), first)]
    while done < most:
        bound, _, case = cases[0]
        double = part.shared(case)
        if double is None:
            break
        heapq.heappop(cases)
        for more in double:
            new = part.look(case.barred | more, case.prices, -bound)
            heapq.heappush(cases, (-new.bound, next(numbers), new))
            done += 1
    return -cases[0][0]


class _Part:
    """The shops of brands that have doubles for themselves all day, as a market of their own."""

    def __init__(self, market: Market, quote: Quote) -> None:
        self.opponents: dict[str, set[str]] = {}
        for group in market.faces.ever:
            for brand in group:
                self.opponents.setdefault(brand, set()).update(set(group) - {brand})
        shops = sorted(s for brand in self.opponents for s in market.faces.shops[brand])
        place = {s: n for n, s in enumerate(shops)}
        own = [bool(row.cells) and all(s in place for s, _, _ in row.cells) for row in market.rows]
        own += [False] * (len(quote.prices) - len(own))
        mine = np.array(own, dtype=bool)
        self.prices = quote.prices[mine]
        rows = [row for row, yes in zip(market.rows, own, strict=False) if yes]
        gains = market.reduced(np.where(mine, 0.0, quote.prices))[shops]
        self.market = _without_rows(market, shops, gains)
        self.market.add([_moved(row, place) for row in rows])
        self.gains = gains
        here = descend(self.market, 0, self.prices)
        self.rest = quote.bound - here.bound

    def look(self, barred: Barred, prices: Floats, known: float) -> _Case:
        """A case, from prices on that were good in the one before."""
        self.market.gains = self.gains.copy()
        for brand, double in barred:
            self.market.gains[self.market.faces.shops[brand], :, double] = NEVER
        start = prices if len(prices) else self.prices
        start = np.concatenate([start, np.zeros(len(self.market.rows) - len(start))])
        seen: list[Quote] = []
        best = descend(self.market, STEPS, start, ONWARD, seen)
        had = {brand: self._had(brand, [quote.days for quote in seen]) for brand in self.opponents}
        return _Case(barred, min(known, self.rest + best.bound), best.prices, had)

    def _had(self, brand: str, days: Sequence[Ints]) -> Floats:
        """In which share of the last days a brand had each double."""
        mine = self.market.faces.shops[brand]
        doubles = range(self.gains.shape[2])
        late = [[float((day[mine] == p).any()) for p in doubles] for day in days[-LATE:]]
        share: Floats = np.array(late or [[0.0] * len(doubles)]).mean(axis=0)
        return share

    def shared(self, case: _Case) -> tuple[Barred, Barred] | None:
        """The double that a brand and an opponent share most, as two cases; None if none is."""
        best, found = 0.0, None
        for brand, opponents in sorted(self.opponents.items()):
            for p, mine in enumerate(case.had[brand]):
                theirs = [case.had[o][p] for o in opponents if (o, p) not in case.barred]
                both = min(mine, max(theirs, default=0.0))
                if both > best and (brand, p) not in case.barred:
                    best, found = both, (brand, p)
        if found is None:
            return None
        brand, p = found
        return frozenset({found}), frozenset((o, p) for o in self.opponents[brand])


def _without_rows(market: Market, shops: Sequence[int], gains: Floats) -> Market:
    """A market of some shops without any rows yet."""
    part = copy.copy(market)
    part.problem = replace(
        market.problem, shops=tuple(market.problem.shops[s] for s in shops), contracts=()
    )
    part.gains, part.faces, part.helper = gains, Faces(part.problem), None
    part.begin = market.begins(np.array(shops, dtype=np.int64))
    part.clear()
    return part


def _moved(row: Row, place: dict[int, int]) -> Row:
    return Row(row.most, cells={(place[s], t, p): f for (s, t, p), f in row.cells.items()})
