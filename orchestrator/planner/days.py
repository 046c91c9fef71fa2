"""The best day of every shop at once, when each cell has a price: a dynamic program over the slots.

State: which double is in the room, for how many slots in a row, and who was there before; nobody
counts as a double that earns nothing. Of all that came before, each state keeps the best and the
best with another predecessor, which is enough to keep a rest exactly as long as only one other
double, or nobody, is in between. Two short stays in between may slip through: what comes out is
worth at least as much as the best day that rests properly. All shops are done side by side, in
arrays [shop, double, slots in a row].
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestrator.planner.eligible import closed, resting, unfit
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
    if problem.before:
        shops = {shop.id: s for s, shop in enumerate(problem.shops)}
        doubles = {persona.id: p for p, persona in enumerate(problem.personas)}
        for name, t, persona_id in resting(problem):
            table[shops[name], t, doubles[persona_id]] = NEVER
    return table


@dataclass(frozen=True)
class Stay:
    """Who is in a room when the day's plan begins, for how many slots, and who was before."""

    who: int
    length: int
    before: int


def begins(problem: Problem) -> dict[int, Stay]:
    """Who is in which shop at the day's edge; whoever left before rests by `rewards`."""
    doubles = {persona.id: p for p, persona in enumerate(problem.personas)}
    found = {}
    for s, shop in enumerate(problem.shops):
        day = problem.before.get(shop.id, {})
        if -1 in day:
            length = next(n for n in range(1, len(day) + 2) if day.get(-n - 1) != day[-1])
            found[s] = Stay(doubles[day[-1]], length, NOBODY - 1)
    return found


@dataclass(frozen=True)
class _Labels:
    """What there is after a slot: the best of each state, and the best with another before it."""

    best: Floats
    before: Ints
    other: Floats
    other_before: Ints


class Days:
    """The dynamic program, ready for any prices."""

    def __init__(self, problem: Problem) -> None:
        personas = problem.personas
        runs = [p.longest_run for p in personas]
        self.doubles = len(personas)
        self.rest = np.array([*(p.rest for p in personas), 0])
        self.short = max(0, int(self.rest.max()) - 1)
        """Lengths up to which it matters who was there before."""
        self.cap = max(1, self.short, *(r or 0 for r in runs)) + 1
        """Lengths that are told apart; the last stands for any longer one too."""
        most = np.array([self.cap if r is None else r for r in runs] + [self.cap])
        self.allowed = np.arange(1, self.cap + 1)[None, :] <= most[:, None]
        price = float(problem.prices.switch * GRAINS)
        self.switch = np.full((self.doubles + 1, self.doubles + 1), price)
        self.switch[-1, :] = self.switch[:, -1] = 0.0
        np.fill_diagonal(self.switch, -NEVER)
        self.unpaid = np.diag(np.diag(self.switch))
        """What a change costs at the day's edge: nothing; nobody is his own successor there too."""
        self.back = np.array(
            [
                [[k < self.rest[q] for q in range(self.doubles + 1)]]
                for k in range(1, self.short + 1)
            ]
        )

    def best(
        self, gains: Floats, begin: Mapping[int, Stay] | None = None, *, edge: bool = True
    ) -> tuple[Floats, Ints]:
        """Each shop's best day: its value, and the double's number by slot, or NOBODY.

        It begins at the day's edge, or in its midst, where a change of doubles has its price.
        """
        shops, slots, _ = gains.shape
        wide = np.concatenate([gains, np.zeros((shops, slots, 1))], axis=2)
        now, trace = self._first(shops, begin or {}), []
        for t in range(slots):
            trace.append(now)
            price = self.unpaid if edge and t == 0 else self.switch
            now = self._next(now, wide[:, t, :, None], price)
        return self._paths(now, trace)

    def _first(self, shops: int, begin: Mapping[int, Stay]) -> _Labels:
        shape = (shops, self.doubles + 1, self.cap)
        brief = (shops, self.doubles + 1, self.short)
        best, before = np.full(shape, NEVER), np.full(shape, NOBODY - 1)
        for s in range(shops):
            stay = begin.get(s, Stay(NOBODY, self.cap, NOBODY - 1))
            length = min(stay.length, self.cap) - 1
            best[s, stay.who, length], before[s, stay.who, length] = 0.0, stay.before
        before[before == NOBODY] = self.doubles
        return _Labels(best, before, np.full(brief, NEVER), np.full(brief, NOBODY - 1))

    def _leave(self, now: _Labels, price: Floats) -> Floats:
        """The best [shop, from, to] of leaving a room to another, rests kept."""
        late = now.best[:, :, self.short :].max(axis=2)
        value = np.repeat(late[:, :, None], self.doubles + 1, axis=2)
        everyone = np.arange(self.doubles + 1)[None, None, :]
        for k in range(self.short):
            same = (now.before[:, :, k, None] == everyone) & self.back[k][None]
            value = np.maximum(
                value, np.where(same, now.other[:, :, k, None], now.best[:, :, k, None])
            )
        left: Floats = value - price[None]
        return left

    def _next(self, now: _Labels, gains: Floats, price: Floats) -> _Labels:
        move = self._leave(now, price)
        first = move.argmax(axis=1)
        top = np.take_along_axis(move, first[:, None, :], axis=1)[:, 0, :]
        best, before = np.empty_like(now.best), np.empty_like(now.before)
        best[:, :, 0], best[:, :, 1:] = top, now.best[:, :, :-1]
        before[:, :, 0], before[:, :, 1:] = first, now.before[:, :, :-1]
        best[:, :, -1] = np.maximum(best[:, :, -1], now.best[:, :, -1])
        best = np.maximum(np.where(self.allowed[None], best + gains, NEVER), NEVER)
        if not self.short:
            return _Labels(best, before, now.other, now.other_before)
        np.put_along_axis(move, first[:, None, :], NEVER, axis=1)
        second = move.argmax(axis=1)
        other, other_before = np.empty_like(now.other), np.empty_like(now.other_before)
        other[:, :, 0] = np.take_along_axis(move, second[:, None, :], axis=1)[:, 0, :]
        other[:, :, 1:], other_before[:, :, 1:] = now.other[:, :, :-1], now.other_before[:, :, :-1]
        other_before[:, :, 0] = second
        fits = self.allowed[None, :, : self.short]
        other = np.maximum(np.where(fits, other + gains, NEVER), NEVER)
        return _Labels(best, before, other, other_before)

    def _paths(self, last: _Labels, trace: list[_Labels]) -> tuple[Floats, Ints]:
        """Go back over the slots, all shops side by side."""
        shops = len(last.best)
        every = np.arange(shops)
        flat = last.best.reshape(shops, -1)
        at = flat.argmax(axis=1)
        who, length = np.divmod(at, self.cap)
        spare = np.zeros(shops, dtype=bool)
        value, days = flat[every, at], np.full((shops, len(trace)), NOBODY)
        now = last
        for t in range(len(trace) - 1, -1, -1):
            past = trace[t]
            days[:, t] = np.where(who == self.doubles, NOBODY, who)
            came = now.before[every, who, length]
            if self.short:
                short = np.minimum(length, self.short - 1)
                came = np.where(spare, now.other_before[every, who, short], came)
            fresh = length == 0
            stays = (length == self.cap - 1) & (
                past.best[every, who, -1] >= past.best[every, who, -2]
            )
            came_length, came_spare = self._departure(past, came, who)
            length = np.where(fresh, came_length, np.where(stays, length, length - 1))
            spare = np.where(fresh, came_spare, spare)
            who, now = np.where(fresh, came, who), past
        return value, days

    def _departure(self, past: _Labels, came: Ints, to: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """How long who came had been where it came from, and by which label."""
        every = np.arange(len(to))
        came = np.clip(came, 0, self.doubles)
        values = past.best[every, came].copy()
        spare = np.zeros(values.shape, dtype=bool)
        for k in range(self.short):
            blocked = (past.before[every, came, k] == to) & (k + 1 < self.rest[to])
            values[:, k] = np.where(blocked, past.other[every, came, k], values[:, k])
            spare[:, k] = blocked
        length = values.argmax(axis=1)
        return length, spare[every, length]
