"""A new plan for the rest of a day after something changed, with as few changes as possible.

What lies before the next slot is history and stays as it was. From there on, what the old plan says
stays unless a hard rule breaks; only what fell out is filled anew, and contracts are seen to again.
"""

from orchestrator.planner.greedy import greedy
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.table import Table


def replan(problem: Problem, plan: Plan, since: int) -> Plan:
    """The old plan until slot `since`, then the old plan as far as it holds, then what is best.

    `problem` is the day as it is now. What was on air before `since` counts as it was, even if it
    wouldn't be allowed now: it can't be undone.
    """
    table = Table(problem)
    known = [
        (cell, duty)
        for cell, duty in plan.duties.items()
        if cell[0] in problem.shop and duty.persona in problem.persona
    ]
    for (shop, slot), duty in known:
        if slot < since:
            table.remember(problem.shop[shop], slot, duty)
    later = [(slot, shop, duty) for (shop, slot), duty in known if slot >= since]
    for slot, shop, duty in sorted(later, key=lambda item: item[:2]):
        table.put(problem.shop[shop], slot, duty.persona, duty.operator)
    return greedy(problem, table, since)
