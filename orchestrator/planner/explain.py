"""Why a cell of a plan is empty, in words, with what would fix it."""

from collections import Counter
from dataclasses import dataclass

from orchestrator.ids import ShopId
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.score import sale, upkeep
from orchestrator.planner.table import Table

REMEDIES = {
    "human has the room": "the streamer is live then; let other shops carry the human hours",
    "platform allows doubles": "meet the platform's conditions, or let a human host",
    "one room per owner": "spread the owner's shops over the day, or over accounts of their own",
    "fleet can carry it": "add nodes for that hour",
    "contract maximum holds": "the brand has all its hours; sell it more",
    "persona is allowed": "allow a double for this brand and platform",
    "persona has the skills": "teach a double what the shop asks for",
    "consent holds": "no double who could has consent then; plan another one",
    "persona rests": "the doubles that could are at rest; add one, or raise a longest run",
    "rivals never share a face": "the doubles that could are with a rival; add another",
    "exclusivity is kept": "a competitor has bought exclusivity; settle it, or move the hours",
    "operator is on duty": "put an operator of this shop on that shift, or let one watch more",
    "it doesn't pay": "nobody sells more then than the stream costs; raise its worth or a fit",
    "a better use was found": "nothing forbids it; it would cost more elsewhere, or wasn't found",
}
"""Each reason, and what to do about it."""


@dataclass(frozen=True)
class Reason:
    """Why nobody is in a cell: the rule in the way of most doubles, and how many each keeps out."""

    shop: ShopId
    slot: int
    why: str
    remedy: str
    doubles: tuple[tuple[str, int], ...]


def empty(problem: Problem, plan: Plan) -> tuple[Reason, ...]:
    """A reason for each open cell that is empty."""
    table = Table(problem)
    for (shop, slot), duty in sorted(plan.duties.items(), key=lambda item: item[0][::-1]):
        table.put(problem.shop[shop], slot, duty.persona, duty.operator)
    cells = [(s.id, t) for s in problem.shops for t in sorted(s.open)]
    return tuple(_reason(table, *cell) for cell in cells if cell not in plan.duties)


def _reason(table: Table, shop: ShopId, slot: int) -> Reason:
    problem, place = table.problem, table.problem.shop[shop]
    watched = table.watchable(place, slot)
    found: Counter[str] = Counter()
    for persona in problem.personas:
        why = table.why_not(place, slot, persona.id)
        if why is None and not watched:
            why = "operator is on duty"
        pays = sale(problem, place, persona.id, slot) > upkeep(problem, slot)
        found[why or ("a better use was found" if pays else "it doesn't pay")] += 1
    order = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    if not order:
        return Reason(shop, slot, "persona is allowed", "declare a double", ())
    why = next((w for w, _ in order if w.startswith("a better")), order[0][0])
    return Reason(shop, slot, why, REMEDIES[why], tuple(order))
