"""Days that were tried: by shop, each once. What goes into the best combination is among them."""

from collections.abc import Iterable

import numpy as np

from orchestrator.planner.couplings import worth_of
from orchestrator.planner.days import NOBODY, Floats, Ints
from orchestrator.planner.problem import Problem

LEAST = 0.5
"""What a shop counts for at least, as a share of the mean, when it's decided who may choose."""


class Tried:
    """A growing collection."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        empty = np.full(len(problem.slots), NOBODY)
        self._days: list[dict[bytes, Ints]] = [{empty.tobytes(): empty} for _ in problem.shops]

    def add(self, shops: Iterable[int], days: Ints) -> None:
        """Keep these days of these shops."""
        for shop, day in zip(shops, days, strict=True):
            key = day.tobytes()
            if key not in self._days[shop]:
                self._days[shop][key] = day.copy()

    def all(self) -> tuple[Ints, Ints]:
        """Shops and their days."""
        pairs = [(shop, day) for shop, days in enumerate(self._days) for day in days.values()]
        return np.array([shop for shop, _ in pairs]), np.array([day for _, day in pairs])

    def best(self, reduced: Floats, values: Floats, most: int, now: Ints) -> tuple[Ints, Ints]:
        """Shops and their days: each one's of now, and those that are worth most at these gains.

        The farther a shop's day is from its best `values`, the more others it may choose from.
        """
        worth = [worth_of(self.problem, reduced, shop, day) for shop, day in enumerate(now)]
        regret = np.maximum(values - np.array(worth), 0.0)
        weight = regret + LEAST * regret.mean() + 1
        shops: list[int] = []
        days: list[Ints] = []
        for shop, some in enumerate(np.ceil(weight / weight.sum() * most).astype(int).tolist()):
            mine = [day for key, day in self._days[shop].items() if key != now[shop].tobytes()]
            mine.sort(key=lambda d: (-worth_of(self.problem, reduced, shop, d), d.tobytes()))
            days += [now[shop], *mine[:some]]
            shops += [shop] * (1 + min(some, len(mine)))
        return np.array(shops), np.array(days)
