"""The best day of every shop at once, when each cell has a price: a dynamic program over the slots.

State: which double is in the room, for how many slots in a row, and who was there before; nobody
counts as a double that earns nothing. Of all that came before, each state keeps the best and the
best with another predecessor, which is enough to keep a rest exactly as long as only one other
double, or nobody, is in between. Two short stays in between may slip through: what comes out is
worth at least as much as the best day that rests properly. All shops are done side by side, in
arrays [slots in a row, double, shop]: numpy is quickest along the last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from orchestrator.planner.eligible import closed, resting, unfit
from orchestrator.planner.problem import Problem
from orchestrator.planner.score import GRAINS, sale, upkeep

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEVER = -1e15
NOBODY = -1
NO_ONE = -9
"""Is nobody's number, nor that of what isn't known."""
_A = TypeVar("_A", Floats, NDArray[np.int16])


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
    """What there is after a slot, as arrays [slots in a row, double, shop].

    The best of each state; for as long as it matters, who was there before in it, and the best with
    anybody else before it.
    """

    best: Floats
    before: NDArray[np.int16]
    other: Floats


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
        allowed = np.arange(1, self.cap + 1)[:, None] <= most
        self.too_long = np.where(allowed, 0.0, 2 * NEVER)[:, :, None]
        """What a length costs: nothing, or more than days earn; [slots in a row, double, 1]."""
        price = float(problem.prices.switch * GRAINS)
        self.switch = np.full((self.doubles + 1, self.doubles + 1), price)
        self.switch[-1, :] = self.switch[:, -1] = 0.0
        np.fill_diagonal(self.switch, -NEVER)
        self.unpaid = np.diag(np.diag(self.switch))
        """What a change costs at the day's edge: nothing; nobody is his own successor there too."""
        everyone = np.arange(self.doubles + 1)
        self.back = [
            np.where(k < self.rest, everyone, NO_ONE)[:, None].astype(np.int16)
            for k in range(1, self.short + 1)
        ]
        """Who may not be back after so many slots of another; [double, 1]."""

    def best(
        self, gains: Floats, begin: Mapping[int, Stay] | None = None, *, edge: bool = True
    ) -> tuple[Floats, Ints]:
        """Each shop's best day: its value, and the double's number by slot, or NOBODY.

        It begins at the day's edge, or in its midst, where a change of doubles has its price.
        """
        shops, slots, doubles = gains.shape
        wide = np.zeros((slots, doubles + 1, shops))
        wide[:, :doubles] = gains.transpose(1, 2, 0)
        now, trace = self._first(shops, begin or {}), []
        for t in range(slots):
            price = self.unpaid if edge and t == 0 else self.switch
            trace.append((now, price))
            now = self._next(now, wide[t], price)
        return self._paths(now, trace)

    def _first(self, shops: int, begin: Mapping[int, Stay]) -> _Labels:
        shape = (self.cap, self.doubles + 1, shops)
        best, before = np.full(shape, NEVER), np.full(shape, NOBODY - 1, dtype=np.int16)
        for s in range(shops):
            stay = begin.get(s, Stay(NOBODY, self.cap, NOBODY - 1))
            length = min(stay.length, self.cap) - 1
            best[length, stay.who, s], before[length, stay.who, s] = 0.0, stay.before
        before[before == NOBODY] = self.doubles
        other = np.full((self.short, *shape[1:]), NEVER)
        return _Labels(best, before[: max(1, self.short)], other)

    def _leave(self, now: _Labels, price: Floats) -> Floats:
        """The best [from, to, shop] of leaving a room to another, rests kept."""
        left: Floats = now.best[self.short :].max(axis=0)[:, None, :]
        for k in range(self.short):
            same = now.before[k, :, None, :] == self.back[k]
            soon = np.where(same, now.other[k, :, None, :], now.best[k, :, None, :])
            left = np.maximum(left, soon, out=soon)
        paid: Floats = left - price[:, :, None]
        return paid

    def _next(self, now: _Labels, gains: Floats, price: Floats) -> _Labels:
        move = self._leave(now, price)
        first = move.argmax(axis=0).astype(now.before.dtype)
        best = _after(now.best, move.max(axis=0))
        np.maximum(best[-1], now.best[-1], out=best[-1])
        self._earn(best, gains)
        other = now.other
        if self.short:
            move.reshape(len(move), -1)[first.ravel(), np.arange(first.size)] = NEVER
            other = _after(other, move.max(axis=0))
            self._earn(other, gains)
        return _Labels(best, _after(now.before, first), other)

    def _earn(self, values: Floats, gains: Floats) -> None:
        """Add what the slot earns, where nobody stays longer than he may."""
        values += gains
        values += self.too_long[: len(values)]
        np.maximum(values, NEVER, out=values)

    def _paths(self, last: _Labels, trace: list[tuple[_Labels, Floats]]) -> tuple[Floats, Ints]:
        """Go back over the slots, all shops side by side."""
        shops = last.best.shape[2]
        every = np.arange(shops)
        flat = last.best.transpose(2, 1, 0).reshape(shops, -1)
        at = flat.argmax(axis=1)
        who, length = np.divmod(at, self.cap)
        spare = np.zeros(shops, dtype=bool)
        value, days = flat[every, at], np.full((shops, len(trace)), NOBODY)
        now = last
        for t in range(len(trace) - 1, -1, -1):
            past, price = trace[t]
            days[:, t] = np.where(who == self.doubles, NOBODY, who)
            fresh = length == 0
            came = now.before[0, who, every].astype(np.int64)
            again = np.flatnonzero(fresh & spare)
            if again.size:
                came[again] = self._second(past, price, who[again], came[again], again)
            stays = (length == self.cap - 1) & (
                past.best[-1, who, every] >= past.best[-2, who, every]
            )
            came_length, came_spare = self._departure(past, came, who)
            length = np.where(fresh, came_length, np.where(stays, length, length - 1))
            spare = np.where(fresh, came_spare, spare)
            who, now = np.where(fresh, came, who), past
        return value, days

    def _second(self, past: _Labels, price: Floats, to: Ints, first: Ints, shops: Ints) -> Ints:
        """Who is the best to come after, but for the first; asked only where a day needs it."""
        values, _ = self._lengths(past, (slice(None), shops), to)
        leave = values.max(axis=0) - price[:, to]
        leave[first, np.arange(len(to))] = NEVER
        second: Ints = leave.argmax(axis=0)
        return second

    def _departure(self, past: _Labels, came: Ints, to: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """How long who came had been where it came from, and by which label."""
        every = np.arange(len(to))
        values, spare = self._lengths(past, (np.clip(came, 0, self.doubles), every), to)
        length = values.argmax(axis=0)
        return length, spare[length, every]

    def _lengths(
        self, past: _Labels, at: tuple[Ints | slice, Ints], to: Ints
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """What it is worth to leave after each length, and where that is by the other label."""
        values = past.best[:, *at]
        spare = np.zeros(values.shape, dtype=bool)
        for k in range(self.short):
            spare[k] = (past.before[k][at] == to) & (k + 1 < self.rest[to])
            values[k] = np.where(spare[k], past.other[k][at], values[k])
        return values, spare


def _after(values: _A, first: _A) -> _A:
    """What is known of each length, a slot later."""
    later = np.empty_like(values)
    later[0], later[1:] = first, values[:-1]
    return later
