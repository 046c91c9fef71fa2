"""The independent judge of plans: all hard rules, and what contracts still lack."""

from collections import Counter
from dataclasses import dataclass

from orchestrator.ids import BrandId
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.rules import RULES, Violation


@dataclass(frozen=True)
class Unmet:
    """What a contract lacks, in minutes: of the hours agreed, and of its share of prime time."""

    brand: BrandId
    minutes: int
    prime_minutes: int


def violations(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Everything that a plan does wrong; empty for one that may go on air."""
    unknown = tuple(_unknown(problem, plan))
    if unknown:
        return unknown
    return tuple(found for rule in RULES for found in rule(problem, plan))


def _unknown(problem: Problem, plan: Plan) -> list[Violation]:
    found = []
    for (shop, slot), duty in plan.duties.items():
        there = shop in problem.shop and duty.persona in problem.persona
        if not there or not 0 <= slot < len(problem.slots):
            what = f"{duty.persona} in {shop} in slot {slot}: not of this day"
            found.append(Violation("names are known", shop, None, what, "plan the day anew"))
    return found


def unmet(problem: Problem, plan: Plan) -> tuple[Unmet, ...]:
    """The contracts that a plan doesn't fulfil.

    minutes lacking = max(0, minimum − planned);
    prime minutes lacking = max(0, ⌈share × planned⌉ − planned in prime time).
    """
    planned: Counter[BrandId] = Counter()
    prime: Counter[BrandId] = Counter()
    for shop, number in plan.duties:
        slot = problem.slots[number]
        planned[problem.shop[shop].brand] += slot.minutes
        prime[problem.shop[shop].brand] += slot.minutes * slot.prime
    found = []
    for contract in problem.contracts:
        has = planned[contract.brand]
        lacks = max(0, contract.minimum - has)
        due = -(-contract.prime_percent * has // 100)
        lacks_prime = max(0, due - prime[contract.brand])
        if lacks or lacks_prime:
            found.append(Unmet(contract.brand, lacks, lacks_prime))
    return tuple(found)
