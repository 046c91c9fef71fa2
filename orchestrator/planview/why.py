"""Why a double is where it is: how well it fits, and why those that fit better aren't there.

The table is the plan with nothing but the plan in it; a stay is taken out, those that would sell
more are asked what keeps them out, and the stay is put back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.ids import PersonaId
from orchestrator.planner.eligible import unfit
from orchestrator.planner.plan import Plan, Run
from orchestrator.planner.problem import Problem
from orchestrator.planner.score import sale, upkeep
from orchestrator.planner.table import Table

NEVER = ("persona is allowed", "persona has the skills")
"""What keeps a double out of a shop for good: nobody asks why such a one isn't there."""
NOTHING_FORBIDS = "no rule is in the way; it pays better elsewhere, or a switch costs more"


@dataclass(frozen=True)
class Better:
    """A double that fits a shop better, and what keeps it out of a stay."""

    persona: PersonaId
    fit: int
    rule: str


@dataclass(frozen=True)
class Choice:
    """What speaks for a double in a stay. `rank` counts from 1 among those who could be there."""

    fit: int
    rank: int
    among: int
    sells: int
    costs: int
    """Over the whole stay, in grains."""
    better: tuple[Better, ...]


def table_of(problem: Problem, plan: Plan) -> Table:
    """A plan as a table. It may break rules: what was is told as it was."""
    table = Table(problem)
    for (shop, slot), duty in plan.duties.items():
        table.remember(problem.shop[shop], slot, duty)
    return table


def choice(table: Table, plan: Plan, run: Run) -> Choice:
    """What speaks for a run of a plan, whose table is handed in."""
    problem, shop = table.problem, table.problem.shop[run.shop]
    able = [p for p in problem.personas if unfit(shop, p, run.first) not in NEVER]
    fits = {p.id: problem.fit.get((p.id, shop.id), 100) for p in able}
    mine, slots = problem.fit.get((run.persona, shop.id), 100), range(run.first, run.last + 1)
    better = sorted((-fit, name) for name, fit in fits.items() if fit > mine)
    return Choice(
        fit=mine,
        rank=1 + len(better),
        among=max(len(fits), 1 + len(better)),
        sells=sum(sale(problem, shop, run.persona, slot) for slot in slots),
        costs=sum(upkeep(problem, slot) for slot in slots),
        better=_kept_out(table, plan, run, [(name, -less) for less, name in better]),
    )


def _kept_out(
    table: Table, plan: Plan, run: Run, better: Sequence[tuple[PersonaId, int]]
) -> tuple[Better, ...]:
    if not better:
        return ()
    shop, slots = table.problem.shop[run.shop], range(run.first, run.last + 1)
    for slot in slots:
        table.clear(shop, slot)
    found = []
    for name, fit in better:
        rules = [rule for slot in slots if (rule := table.why_not(shop, slot, name))]
        found.append(Better(name, fit, rules[0] if rules else NOTHING_FORBIDS))
    for slot in slots:
        table.remember(shop, slot, plan.duties[shop.id, slot])
    return tuple(found)
