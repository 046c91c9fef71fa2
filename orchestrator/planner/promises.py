"""What contracts still lack while a plan is made, and what it is worth to give it to them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from orchestrator.ids import BrandId, PersonaId
from orchestrator.planner.days import Floats, Ints
from orchestrator.planner.greedy import gain
from orchestrator.planner.problem import Contract, Problem, Shop
from orchestrator.planner.score import GRAINS
from orchestrator.planner.table import Table

BONUS = 0.5
"""What a slot is worth to a brand that lacks it, times the best cell's value."""


class Promises:
    """Contracts by brand, and where their prime time is."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.contracts: dict[BrandId, list[Contract]] = defaultdict(list)
        for contract in problem.contracts:
            self.contracts[contract.brand].append(contract)
        self.shops = defaultdict(list)
        for shop in problem.shops:
            self.shops[shop.brand].append(shop.id)
        self.minutes = [slot.minutes for slot in problem.slots]
        self.prime = np.array([slot.prime for slot in problem.slots])
        best = max((max(shop.worth, default=0) for shop in problem.shops), default=0)
        self.dear = BONUS * best * 100 * max(self.minutes, default=0)

    def lack(self, table: Table, brand: BrandId) -> int:
        """Minutes that a brand's contracts lack, of hours and of prime time."""
        least, prime = self._lacks(table, brand)
        return least + prime

    def _lacks(self, table: Table, brand: BrandId) -> tuple[int, int]:
        contracts = self.contracts.get(brand, ())
        has, percent = table.minutes[brand], max((c.prime_percent for c in contracts), default=0)
        least = sum(max(0, contract.minimum - has) for contract in contracts)
        if not percent:
            return least, 0
        prime = sum(
            self.minutes[t] for s in self.shops[brand] for t in table.personas[s] if self.prime[t]
        )
        return least, sum(max(0, -(-c.prime_percent * has // 100) - prime) for c in contracts)

    def bonus(self, table: Table, shops: Ints) -> Floats:
        """What slots are worth beyond their sales, [shop, slot, 1], to brands that lack them."""
        found = np.zeros((len(shops), len(self.prime), 1))
        lacks = {brand: self._lacks(table, brand) for brand in self.contracts}
        for n, s in enumerate(shops):
            least, prime = lacks.get(self.problem.shops[s].brand, (0, 0))
            if least:
                found[n] += self.dear
            if prime:
                found[n, :, 0] += np.where(self.prime, 2 * self.dear, 0)
        return found

    def mend(self, table: Table, shops: Iterable[Shop]) -> None:
        """Where a share of prime time is missed, give up these shops' cheapest other hours."""
        mine: dict[BrandId, list[Shop]] = defaultdict(list)
        for shop in shops:
            mine[shop.brand].append(shop)
        for brand in sorted(mine):
            while self._lacks(table, brand)[1] and self._give_up(table, brand, mine[brand]):
                pass

    def _give_up(self, table: Table, brand: BrandId, shops: Iterable[Shop]) -> bool:
        """Take one cell away from the end of a stay, unless the hours agreed would suffer."""
        before = self.lack(table, brand)
        cells = [
            (gain(table, shop, t, persona), shop.id, t)
            for shop in shops
            for t, persona in table.personas[shop.id].items()
            if not self.prime[t] and at_an_end(table.personas[shop.id], t)
        ]
        for _, name, t in sorted(cells)[:1]:
            shop, operator = self.problem.shop[name], table.watch[t][name]
            persona = table.clear(shop, t)
            if self.lack(table, brand) < before:
                return True
            if persona is not None:
                table.put(shop, t, persona, operator)
        return False

    def fairness(self, table: Table) -> int:
        """What the least share of a contract's maximum that is served is worth, in grains."""
        bounded = [c for c in self.problem.contracts if c.maximum]
        if not bounded or not self.problem.prices.fairness:
            return 0
        least = min(100 * table.minutes[c.brand] // (c.maximum or 1) for c in bounded)
        return least * self.problem.prices.fairness * GRAINS


def at_an_end(day: Mapping[int, PersonaId], slot: int) -> bool:
    """Whether a stay begins or ends there, so that it's one stay still when the slot is gone."""
    return day.get(slot - 1) != day[slot] or day.get(slot + 1) != day[slot]
