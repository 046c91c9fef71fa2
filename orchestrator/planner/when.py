"""Slots as people say them: 19:00-23:00."""

from collections.abc import Iterable
from datetime import timedelta

from orchestrator.planner.problem import Problem


def spans(problem: Problem, slots: Iterable[int]) -> str:
    """Some slots as stretches of the day, those in a row together."""
    found: list[list[int]] = []
    for slot in sorted(slots):
        if found and found[-1][1] == slot - 1:
            found[-1][1] = slot
        else:
            found.append([slot, slot])
    return ", ".join(f"{problem.at(a)}-{ends(problem, b)}" for a, b in found)


def ends(problem: Problem, slot: int) -> str:
    """The hour a slot ends at; at midnight the day is over."""
    if slot + 1 < len(problem.slots):
        end = problem.at(slot + 1)
    else:
        last = problem.slots[slot]
        end = (last.begin + timedelta(minutes=last.minutes)).strftime("%H:%M")
    return "24:00" if end == "00:00" else end


def hours(minutes: float) -> str:
    """Minutes as hours."""
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} minutes"
