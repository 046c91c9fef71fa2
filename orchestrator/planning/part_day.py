"""A day that was partly over when it was planned for the first time: what contracts can ask of it.

A contract's hours are those of a whole day, and what hasn't been on air hasn't been delivered; so
what is lacking stays lacking, in the plan as in alarms. But where a brand gets as large a part of
its hours as there was left of its shops' day, nothing is wrong with the matrix, and people are told
so. Pure.
"""

from orchestrator.ids import BrandId
from orchestrator.planner.checker import Unmet
from orchestrator.planner.problem import Problem


def over_at(problem: Problem, moment: float) -> frozenset[int]:
    """The slots that have ended by then."""
    return frozenset(
        slot.number
        for slot in problem.slots
        if slot.begin.timestamp() + 60 * slot.minutes <= moment
    )


def only_late(problem: Problem, short: Unmet, over: frozenset[int]) -> bool:
    """Whether a contract lacks no more than its part of the slots that were over."""
    if not over:
        return False
    asked = max((c.minimum for c in problem.contracts if c.brand == short.brand), default=0)
    total, gone = _open_minutes(problem, short.brand), _open_minutes(problem, short.brand, over)
    hours = short.minutes * total <= asked * gone
    prime = frozenset(slot.number for slot in problem.slots if slot.prime)
    prime_left = _open_minutes(problem, short.brand, prime - over)
    return hours and (not short.prime_minutes or not prime_left)


def _open_minutes(problem: Problem, brand: BrandId, slots: frozenset[int] | None = None) -> int:
    return sum(
        problem.slots[slot].minutes
        for shop in problem.shops
        if shop.brand == brand
        for slot in (shop.open if slots is None else shop.open & slots)
    )
