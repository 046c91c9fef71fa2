"""Of the days that were tried, the ones that go together best: an integer program over whole days.

A variable for each day of a shop, one of which is taken; the market's rows; and for each double at
a time which of the brands that never share a face may have it. HiGHS solves it, by way of SciPy.
Its limits are a gap and nodes; the seconds are a net that a day of a usual size doesn't reach.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

from orchestrator.planner.couplings import worth_of
from orchestrator.planner.days import NOBODY, Floats, Ints
from orchestrator.planner.market import Market, Quote
from orchestrator.planner.tried import Tried

GAP = 2e-4
"""How far from the best combination is near enough, as a share."""
NODES = 50
NET_SECONDS = 60.0
SCALE = 1e-5
"""Grains are too small for the solver's tolerances."""

Columns = list[int]
"""Days, by number."""


class _Rows:
    """Rows Σ factor × variable ≤ most, as they are found."""

    def __init__(self) -> None:
        self.at: list[tuple[int, int, float]] = []
        self.most: list[float] = []

    def add(self, variables: Iterable[int], most: float, less: int | None = None) -> None:
        """Σ of these, less one, is at most that."""
        row = len(self.most)
        self.at += [(row, variable, 1.0) for variable in variables]
        if less is not None:
            self.at.append((row, less, -1.0))
        self.most.append(most)

    def matrix(self, variables: int) -> csr_array:
        """As a matrix [row, variable]."""
        row, variable, factor = np.array(self.at, dtype=float).reshape(-1, 3).T
        places = (row.astype(np.int64), variable.astype(np.int64))
        return csr_array(coo_array((factor, places), shape=(len(self.most), variables)))


def combine(
    market: Market, tried: Tried, quote: Quote, now: Ints, columns: int, lacking: int
) -> Ints:
    """Days [shop, slot] that are worth most together; those of now if none are found."""
    shop, days = tried.best(market.reduced(quote.prices), quote.values, columns, now)
    worth = np.array(
        [worth_of(market.problem, market.gains, s, d) for s, d in zip(shop, days, strict=True)]
    )
    names = len(days) + len(market.names)
    rows, variables = _faces(market, shop, days, names)
    one = _one_each(shop, variables)
    a, limit = _shared(market, shop, days, variables, lacking)
    upper = np.ones(variables)
    upper[len(days) : names] = market.limit
    gain = np.zeros(variables)
    gain[: len(days)], gain[len(days) : names] = worth, market.worth
    found = milp(
        -gain * SCALE,
        integrality=np.arange(variables) < len(days),
        bounds=Bounds(0, upper),
        constraints=[
            LinearConstraint(one, 1, 1),
            LinearConstraint(vstack([a, rows.matrix(variables)]), ub=[*limit, *rows.most]),
        ],
        options={"mip_rel_gap": GAP, "node_limit": NODES, "time_limit": NET_SECONDS},
    )
    if found.x is None:
        return now
    taken = found.x[: len(days)] > 0.5
    better = now.copy()
    better[shop[taken]] = days[taken]
    return better


def _one_each(shop: Ints, variables: int) -> csr_array:
    ones = (np.ones(len(shop)), (shop, np.arange(len(shop))))
    return csr_array(coo_array(ones, shape=(int(shop[-1]) + 1, variables)))


def _shared(
    market: Market, shop: Ints, days: Ints, variables: int, lacking: int
) -> tuple[csr_array, Floats]:
    """The market's rows on places and variables, as far as they may bind."""
    slots = days.shape[1]
    size = (len(market.rows), len(market.gains) * slots)
    rows = csr_array(coo_array((market.factor, (market.row_at, market.place_at)), shape=size))
    column, slot = np.nonzero(days != NOBODY)
    on = (np.ones(len(column)), (shop[column] * slots + slot, column))
    used = rows @ csr_array(coo_array(on, shape=(size[1], len(days))))
    beside = (market.var_factor, (market.var_row, market.var_at))
    names = csr_array(coo_array(beside, shape=(size[0], len(market.names))))
    rest = csr_array((size[0], variables - len(days) - len(market.names)))
    most = market.most.copy()
    if market.total is not None:
        most[market.total] = lacking
    whole = csr_array(hstack([used, names, rest]))
    binding = np.diff(whole.indptr) > 0
    return whole[binding], most[binding]


Seen = dict[int, dict[int, Columns]]
"""By brand and shop, the days on which a double is there."""


def _faces(market: Market, shop: Ints, days: Ints, first: int) -> tuple[_Rows, int]:
    """Rows on faces, and how many variables there are with those that they need."""
    rows, fresh = _Rows(), count(first)
    names = {brand: n for n, brand in enumerate(sorted(market.faces.shops))}
    brand = np.array([names[s.brand] for s in market.problem.shops])[shop]
    for groups, seen in (
        (market.faces.now, _by_slot(brand, shop, days)),
        (market.faces.ever, _by_day(brand, shop, days)),
    ):
        apart = [frozenset(names[b] for b in group) for group in groups]
        for brands in seen:
            _apart(rows, fresh, apart, brands)
    return rows, next(fresh)


def _by_slot(brand: Ints, shop: Ints, days: Ints) -> Sequence[Seen]:
    seen: dict[tuple[int, int], Seen] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for column, slot in zip(*np.nonzero(days != NOBODY), strict=True):
        where = seen[int(slot), int(days[column, slot])]
        where[int(brand[column])][int(shop[column])].append(int(column))
    return list(seen.values())


def _by_day(brand: Ints, shop: Ints, days: Ints) -> Sequence[Seen]:
    seen: dict[int, Seen] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for column, day in enumerate(days):
        for double in set(day.tolist()) - {NOBODY}:
            seen[double][int(brand[column])][int(shop[column])].append(column)
    return list(seen.values())


def _apart(rows: _Rows, fresh: Iterable[int], groups: Sequence[frozenset[int]], seen: Seen) -> None:
    """Of a group's brands one at most has the double; one with several shops gets a variable."""
    here = {group.intersection(seen) for group in groups}
    here = {some for some in here if len(some) > 1 and not any(some < other for other in here)}
    who: dict[int, Columns] = {}
    for brand in sorted({b for some in here for b in some}):
        who[brand] = next(iter(seen[brand].values()))
        if len(seen[brand]) > 1:
            who[brand] = [next(iter(fresh))]
            for columns in seen[brand].values():
                rows.add(columns, 0.0, who[brand][0])
    for some in sorted(here, key=sorted):
        rows.add([column for brand in sorted(some) for column in who[brand]], 1.0)
