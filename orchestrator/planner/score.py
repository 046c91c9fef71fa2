"""What a plan is worth, in one number with its parts.

The unit of all parts is the **grain**, 1/6000 of a cent: worth (cents an hour) × fit (per cent) ×
minutes is a whole number of grains, so that values add up exactly and compare exactly.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from orchestrator.ids import BrandId, PersonaId
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem, Shop

GRAINS = 6000
"""Grains in a cent: 100 per cent × 60 minutes."""


@dataclass(frozen=True)
class Score:
    """The parts of a plan's value, in grains; costs are negative."""

    sales: int
    """Σ worth × fit × time"""
    streaming: int
    """− Σ stream-hour price × time"""
    switches: int
    """− price × number of changes of doubles on air"""
    fairness: int
    """+ price × least share, in whole per cent, of a contract's maximum that is served"""

    @property
    def value(self) -> int:
        """Sales − streaming − switches + fairness, in grains."""
        return self.sales + self.streaming + self.switches + self.fairness

    @property
    def cents(self) -> float:
        """The value as money."""
        return self.value / GRAINS


def sale(problem: Problem, shop: Shop, persona: PersonaId, slot: int) -> int:
    """What a double sells in a shop in a slot: worth × fit × minutes, in grains."""
    fit = problem.fit.get((persona, shop.id), 100)
    return shop.worth[slot] * fit * problem.slots[slot].minutes


def upkeep(problem: Problem, slot: int) -> int:
    """What a stream costs in a slot: price of an hour × 100 × minutes, in grains."""
    return problem.prices.stream_hour * 100 * problem.slots[slot].minutes


def score(problem: Problem, plan: Plan) -> Score:
    """The value of a plan, by parts."""
    duties = plan.duties.items()
    switches = sum(
        shop == next_shop and slot + 1 == next_slot and duty.persona != next_duty.persona
        for ((shop, slot), duty), ((next_shop, next_slot), next_duty) in pairwise(duties)
    )
    return Score(
        sales=sum(sale(problem, problem.shop[s], duty.persona, t) for (s, t), duty in duties),
        streaming=-sum(upkeep(problem, slot) for _, slot in plan.duties),
        switches=-switches * problem.prices.switch * GRAINS,
        fairness=least_share(problem, plan) * problem.prices.fairness * GRAINS,
    )


def least_share(problem: Problem, plan: Plan) -> int:
    """min over contracts of ⌊100 × planned / maximum⌋; without any maximum, 0."""
    minutes: Counter[BrandId] = Counter()
    for shop, slot in plan.duties:
        minutes[problem.shop[shop].brand] += problem.slots[slot].minutes
    bounded = [contract for contract in problem.contracts if contract.maximum]
    return min((100 * minutes[c.brand] // (c.maximum or 1) for c in bounded), default=0)
