"""Why contracts can't be kept: for each, the smallest set of rules that can't all hold with it."""

from collections import defaultdict
from dataclasses import dataclass

from orchestrator.ids import BrandId
from orchestrator.planner.checker import unmet
from orchestrator.planner.conflictwords import ONE, Part, agreed, part
from orchestrator.planner.explain import Reason, empty
from orchestrator.planner.keeping import CONTRACT, Patience
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.smallest import Core, core, seen_from
from orchestrator.planner.when import spans


@dataclass(frozen=True)
class Conflict:
    """A contract that can't be kept, by how much, and why. Not proven: no way was found.

    Irreducible: it could be kept without any one of its parts. Smallest: no fewer rules conflict.
    """

    brand: BrandId
    minutes: int
    parts: tuple[Part, ...]
    proven: bool
    irreducible: bool = False
    smallest: bool = False


def conflicts(problem: Problem, plan: Plan) -> tuple[Conflict, ...]:
    """For each contract that a plan doesn't keep, the rules that are in the way.

    Contracts that are in each other's way are told of the same set.
    """
    patience, cores, found = Patience(), dict[str, Core](), []
    for lack in unmet(problem, plan):
        name, minutes = f"{CONTRACT}{lack.brand}", lack.minutes + lack.prime_minutes
        asker = next((one for one, known in cores.items() if name in known.rules), None)
        if asker is None:
            known = core(problem, lack.brand, patience)
        else:
            known = seen_from(problem, lack.brand, cores[asker], asker, patience)
        own = agreed(problem, lack)
        if known is None:
            parts = (own, *_hindered(problem, plan, lack.brand))
            found.append(Conflict(lack.brand, minutes, parts, proven=False))
            continue
        cores.setdefault(name, known)
        rules = [part(problem, lack.brand, rule) for rule in known.rules or (ONE,)]
        proof = (known.irreducible, known.smallest)
        found.append(Conflict(lack.brand, minutes, (own, *rules), True, *proof))
    return tuple(found)


def _hindered(problem: Problem, plan: Plan, brand: BrandId) -> list[Part]:
    """What keeps a brand's open shops empty, most hours first."""
    found: dict[str, list[Reason]] = defaultdict(list)
    for reason in empty(problem, plan):
        if problem.shop[reason.shop].brand == brand:
            found[reason.why].append(reason)
    parts = []
    for why, reasons in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        shops = sorted({reason.shop for reason in reasons})
        where = "; ".join(
            f"{shop} {spans(problem, [r.slot for r in reasons if r.shop == shop])}"
            for shop in shops
        )
        parts.append(Part(why, f"empty because of it: {where}", reasons[0].remedy))
    return parts
