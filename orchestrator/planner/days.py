"""The best day of every shop at once, when each cell has a price: a dynamic program over the slots.

State: which double is in the room, and for how many slots in a row; or nobody. All shops are done
side by side in arrays [shop, double, slots in a row]. A longest run is kept; a rest is not, beyond
one slot away: what comes out is worth at least as much as the best day that rests properly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestrator.planner.eligible import closed, unfit
from orchestrator.planner.problem import Problem
from orchestrator.planner.score import GRAINS, sale, upkeep

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEVER = -1e15
NOBODY = -1


def rewards(problem: Problem) -> Floats:
    """What a double adds in a cell, in grains: [shop, slot, double]; NEVER where it may not be."""
    shape = (len(problem.shops), len(problem.slots), len(problem.personas))
    table = np.full(shape, NEVER)
    for s, shop in enumerate(problem.shops):
        for t in shop.open:
            if closed(problem, shop, t) is None:
                for p, persona in enumerate(problem.personas):
                    if unfit(shop, persona, t) is None:
                        table[s, t, p] = sale(problem, shop, persona.id, t) - upkeep(problem, t)
    return table


def best_days(problem: Problem, gains: Floats) -> tuple[Floats, Ints]:
    """Each shop's best day: its value, and the double's number by slot, or NOBODY."""
    shops, slots, doubles = gains.shape
    limits = [p.longest_run for p in problem.personas]
    cap = max([n for n in limits if n is not None], default=0) + 1
    most = np.array([cap if n is None else n for n in limits])
    allowed = np.arange(1, cap + 1)[None, :] <= most[:, None]
    on = np.full((shops, doubles, cap), NEVER)
    off = np.zeros(shops)
    trace: list[_Step] = []
    for t in range(slots):
        begin, top, first, came = _begin(on, off, problem.prices.switch * GRAINS)
        new, stays = _stay(on, begin)
        trace.append(_Step(np.where(top > off, first, NOBODY), came, on.argmax(axis=2), stays))
        off = np.maximum(off, top)
        on = np.maximum(np.where(allowed[None], new + gains[:, t, :, None], NEVER), NEVER)
    return _paths(on, off, trace, cap)


@dataclass(frozen=True)
class _Step:
    """How each state of a slot was come by."""

    ends: Ints
    """Who was there before nobody is."""
    came: Ints
    """Who was there before a double begins."""
    length: Ints
    """How long a double had been there when it left, best of all."""
    stays: NDArray[np.bool_]
    """Whether one that may stay forever has been there that long already."""


def _begin(on: Floats, off: Floats, switch: int) -> tuple[Floats, Floats, Ints, Ints]:
    """The best to begin from: another double, for the price of a switch, or nobody."""
    every, everyone = np.arange(len(off)), np.arange(on.shape[1])[None, :]
    top = on.max(axis=2)
    first = top.argmax(axis=1)
    best = top[every, first]
    rest = top.copy()
    rest[every, first] = NEVER
    second = rest.argmax(axis=1)
    itself = everyone == first[:, None]
    other = np.where(itself, second[:, None], first[:, None])
    changed = np.where(itself, rest[every, second][:, None], best[:, None]) - switch
    fresh = changed > off[:, None]
    begin = np.where(fresh, changed, off[:, None])
    return begin, best, first, np.where(fresh, other, NOBODY)


def _stay(on: Floats, begin: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """One slot longer; the last length stands for any longer one too."""
    new = np.empty_like(on)
    new[:, :, 0], new[:, :, 1:] = begin, on[:, :, :-1]
    stays = on[:, :, -1] > new[:, :, -1]
    new[:, :, -1] = np.maximum(on[:, :, -1], new[:, :, -1])
    return new, stays


def _paths(on: Floats, off: Floats, trace: list[_Step], cap: int) -> tuple[Floats, Ints]:
    shops = len(off)
    flat = on.reshape(shops, -1)
    best, value = flat.argmax(axis=1), np.maximum(off, flat.max(axis=1))
    days = np.full((shops, len(trace)), NOBODY)
    for s in range(shops):
        who, length = divmod(int(best[s]), cap)
        if off[s] >= flat[s, best[s]]:
            who = NOBODY
        for t in range(len(trace) - 1, -1, -1):
            step = trace[t]
            days[s, t] = who
            if who == NOBODY:
                who = int(step.ends[s])
                length = int(step.length[s, who]) if who != NOBODY else 0
            elif length == cap - 1 and step.stays[s, who]:
                continue
            elif length:
                length -= 1
            else:
                who = int(step.came[s, who])
                length = int(step.length[s, who]) if who != NOBODY else 0
    return value, days
