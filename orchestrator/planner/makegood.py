"""A contract that lost hours gets them back, if need be from rooms whose brands have some to spare.

What is taken away is the cheapest end of a stay in the same slot; nothing is moved that doesn't
leave contracts lacking less.
"""

from collections.abc import Iterator
from itertools import islice

from orchestrator.planner.greedy import gain, promises
from orchestrator.planner.problem import Shop
from orchestrator.planner.promises import Promises, at_an_end
from orchestrator.planner.score import sale
from orchestrator.planner.table import Table

TRIES = 100
"""Cells to try for one cell more, and rooms to ask for each."""
ASKED = 12


def make_good(table: Table, since: int) -> None:
    """See to the contracts from a slot on: first in what is free, then in what can be spared."""
    problem = table.problem
    promises(table, [(s, t) for s in problem.shops for t in sorted(s.open) if t >= since])
    told = Promises(problem)
    for contract in sorted(problem.contracts, key=lambda c: (-c.minimum, c.brand)):
        while told.lack(table, contract.brand):
            wanted = islice(_wanted(table, told, contract.brand, since), TRIES)
            if not any(_spare(table, told, shop, slot) for shop, slot in wanted):
                break


def _wanted(table: Table, told: Promises, brand: str, since: int) -> Iterator[tuple[Shop, int]]:
    """A brand's empty cells, those in prime time first, then those that sell most."""
    shops = [s for s in table.problem.shops if s.brand == brand]
    cells = [(s, t) for s in shops for t in s.open if t >= since and t not in table.personas[s.id]]
    yield from sorted(cells, key=lambda c: (not told.prime[c[1]], -c[0].worth[c[1]], c[1], c[0].id))


def _spare(table: Table, told: Promises, shop: Shop, slot: int) -> bool:
    """Put the best double into a cell in place of another room, if contracts lack less then."""
    full = table.full(shop, slot)
    if full not in (None, "fleet can carry it") or (full is None and table.watchable(shop, slot)):
        return False
    for other in _asked(table, shop, slot)[:ASKED]:
        before = told.lack(table, shop.brand) + told.lack(table, other.brand)
        operator = table.watch[slot][other.id]
        persona = table.clear(other, slot)
        if persona is None:
            continue
        if _put_best(table, shop, slot):
            if told.lack(table, shop.brand) + told.lack(table, other.brand) < before:
                return True
            table.clear(shop, slot)
        table.put(other, slot, persona, operator)
    return False


def _asked(table: Table, shop: Shop, slot: int) -> list[Shop]:
    """The rooms of other brands that are on air in a slot and could end there, cheapest first."""
    problem = table.problem
    rooms = [
        other
        for other in map(problem.shop.__getitem__, sorted(table.watch[slot]))
        if other.brand != shop.brand and at_an_end(table.personas[other.id], slot)
    ]
    sold = {s.id: sale(problem, s, table.personas[s.id][slot], slot) for s in rooms}
    return sorted(rooms, key=lambda s: (sold[s.id], s.id))


def _put_best(table: Table, shop: Shop, slot: int) -> bool:
    names = [persona.id for persona in table.problem.personas]
    ranked = sorted(names, key=lambda name: (-gain(table, shop, slot, name), name))
    return any(table.put(shop, slot, name) for name in ranked)
