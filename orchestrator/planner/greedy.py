"""The greedy plan: contracts first, then the best cells, each with the double that sells most.

It is where the solver starts, and what there is when the solver can't be had.
"""

from collections.abc import Sequence

from orchestrator.ids import PersonaId
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem, Shop
from orchestrator.planner.score import GRAINS, sale, upkeep
from orchestrator.planner.table import Table


def greedy(problem: Problem, table: Table | None = None, since: int = 0) -> Plan:
    """Fill a table from slot `since` on: contracts, prime time first; then by worth."""
    table = table or Table(problem)
    cells = [(s, t.number) for s in problem.shops for t in problem.slots[since:]]
    cells = [(s, t) for s, t in cells if t in s.open]
    promises(table, cells)
    _best(table, cells)
    return table.plan()


def promises(table: Table, cells: Sequence[tuple[Shop, int]]) -> None:
    """Give every brand its minimum, in its best hours; who asks for the largest part goes first."""
    problem = table.problem
    for contract in sorted(problem.contracts, key=lambda c: (-c.minimum, c.brand)):
        mine = [(s, t) for s, t in cells if s.brand == contract.brand]
        prime = bool(contract.prime_percent)
        mine.sort(
            key=lambda c: (not (prime and problem.slots[c[1]].prime), -c[0].worth[c[1]], c[1])
        )
        for shop, slot in mine:
            if table.minutes[contract.brand] >= contract.minimum:
                break
            _fill(table, shop, slot, always=True)


def _best(table: Table, cells: Sequence[tuple[Shop, int]]) -> None:
    dearest = sorted(cells, key=lambda c: (-c[0].worth[c[1]], c[1], c[0].id))
    for shop, slot in dearest:
        _fill(table, shop, slot, always=False)


def _fill(table: Table, shop: Shop, slot: int, *, always: bool) -> bool:
    """Put the double in that adds most, if it adds anything (or always, for a promise)."""
    if table.full(shop, slot) is not None:
        return False
    problem = table.problem
    names = [p.id for p in problem.personas]
    gains = sorted((-gain(table, shop, slot, name), name) for name in names)
    for less, name in gains:
        if less >= 0 and not always:
            return False
        if keeps_prime(table, shop, slot) and table.put(shop, slot, name):
            return True
    return False


def keeps_prime(table: Table, shop: Shop, slot: int) -> bool:
    """Whether one more cell leaves the brand its share of prime time."""
    problem = table.problem
    share = max((c.prime_percent for c in problem.contracts if c.brand == shop.brand), default=0)
    if not share or problem.slots[slot].prime:
        return True
    minutes = table.minutes[shop.brand] + problem.slots[slot].minutes
    prime = sum(
        problem.slots[t].minutes
        for s in problem.shops
        if s.brand == shop.brand
        for t in table.personas[s.id]
        if problem.slots[t].prime
    )
    return 100 * prime >= share * minutes


def gain(table: Table, shop: Shop, slot: int, persona: PersonaId) -> int:
    """What a double adds in a cell, in grains: sale − upkeep − price of new switches."""
    problem, day = table.problem, table.personas[shop.id]
    beside = [day.get(slot - 1), day.get(slot + 1)]
    new = sum(name is not None and name != persona for name in beside)
    switches = new * problem.prices.switch * GRAINS
    return sale(problem, shop, persona, slot) - upkeep(problem, slot) - switches
