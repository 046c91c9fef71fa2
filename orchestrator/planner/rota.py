"""The first-come rota, as agencies make it in a spreadsheet. What a planner is measured against.

Shop after shop in the file's order gets doubles in blocks, the next double in the file's order for
each block; a cell that would break a rule goes to the next double that may, or stays empty.
"""

from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.table import Table

BLOCK = 4
"""Slots in a block: two hours, on a grid of half-hours."""


def rota(problem: Problem, block: int = BLOCK) -> Plan:
    """Fill the day in the file's order."""
    table = Table(problem)
    names = [persona.id for persona in problem.personas]
    for row, shop in enumerate(problem.shops):
        for slot in sorted(shop.open):
            first = (row + slot // block) % len(names)
            for name in [*names[first:], *names[:first]]:
                if table.put(shop, slot, name):
                    break
    return table.plan()
