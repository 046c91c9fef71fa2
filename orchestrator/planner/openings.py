"""Which cells are open to which doubles, beside what the other shops of a table hold: an array.

A shop's own day is not in its own way. It looks one cell ahead: two cells that are open may still
shut each other out. `Table.put` has the last word on each.
"""

from collections import defaultdict
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from orchestrator.ids import PersonaId
from orchestrator.planner.days import NEVER, NOBODY, Floats, Ints
from orchestrator.planner.model import excludes
from orchestrator.planner.problem import Exclusivity, Problem, Shop
from orchestrator.planner.table import Table

Bools = NDArray[np.bool_]


class Openings:
    """What of a day can be looked up once."""

    def __init__(self, problem: Problem, gains: Floats) -> None:
        self.problem, self.able = problem, gains > NEVER / 2
        self.number = {persona.id: n for n, persona in enumerate(problem.personas)}
        names = {brand.id: n for n, brand in enumerate(problem.brands)}
        self.brand = np.array([names[shop.brand] for shop in problem.shops])
        self.minutes = np.array([slot.minutes for slot in problem.slots])
        self.apart = {kind: self._apart(kind) for kind in Exclusivity if kind != Exclusivity.NONE}
        self.most = np.full(len(problem.brands), np.inf)
        for contract in problem.contracts:
            if contract.maximum is not None:
                least = min(self.most[names[contract.brand]], contract.maximum)
                self.most[names[contract.brand]] = least
        self.human = np.zeros((len(problem.shops), len(problem.slots)), dtype=bool)
        for s, shop in enumerate(problem.shops):
            for t in problem.human.slots if shop.id in problem.human.shops else ():
                self.human[s, t] = True
        self.owners: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.teams: dict[frozenset[str], list[int]] = defaultdict(list)
        for s, shop in enumerate(problem.shops):
            self.owners[shop.platform, shop.owner].append(s)
            self.teams[shop.operators].append(s)

    def _apart(self, kind: Exclusivity) -> Floats:
        brands = self.problem.brands
        found = np.zeros((len(brands), len(brands)))
        for (a, one), (b, other) in combinations(enumerate(brands), 2):
            if excludes(self.problem, kind, one.id, other.id):
                found[a, b] = found[b, a] = 1.0
        return found

    def taken(self, table: Table) -> Ints:
        """A table as an array [shop, slot] of doubles' numbers."""
        shape = (len(self.problem.shops), len(self.problem.slots))
        found = np.full(shape, NOBODY)
        for s, shop in enumerate(self.problem.shops):
            for t, persona in table.personas[shop.id].items():
                found[s, t] = self.number[persona]
        return found

    def open(self, table: Table, taken: Ints, shops: Ints) -> Bools:
        """The cells [shop, slot, double] that no taken cell and no full count of others shuts."""
        mask = self.able[shops] & ~self._faces(taken)[self.brand[shops]]
        on = taken != NOBODY
        shut = self._owners(on) | self._crowded(on) | self._streamer(on)
        shut |= self._watched(table, on, shops)
        open_to: Bools = mask & ~shut[shops][:, :, None]
        return open_to

    def near(self, shop: int) -> Bools:
        """Shops that have an owner, a brand or a rival in common with one."""
        place = self.problem.shops[shop]
        found: Bools = self.brand == self.brand[shop]
        found[self.owners[place.platform, place.owner]] = True
        for apart in self.apart.values():
            found |= apart[self.brand[shop], self.brand] > 0
        return found

    def _faces(self, taken: Ints) -> Bools:
        """[brand, slot, double] that are shut by who is where."""
        problem = self.problem
        shape = (len(problem.brands), len(problem.slots), len(problem.personas))
        present = np.zeros(shape)
        s, t = np.nonzero(taken != NOBODY)
        present[self.brand[s], t, taken[s, t]] = 1.0
        now = np.tensordot(self.apart[Exclusivity.PERSONA_SAME_TIME], present, axes=(1, 0))
        ever = self.apart[Exclusivity.PERSONA_ALL_DAY] @ present.max(axis=1)
        shut: Bools = (now > 0) | (ever > 0)[:, None, :]
        return shut

    def _streamer(self, on: Bools) -> Bools:
        present = np.zeros((len(self.problem.brands), on.shape[1]))
        np.maximum.at(present, self.brand, (on | self.human).astype(float))
        now = self.apart[Exclusivity.STREAMER_SAME_TIME] @ present
        ever = self.apart[Exclusivity.STREAMER_ALL_DAY] @ present.max(axis=1)
        shut: Bools = ((now > 0) | (ever > 0)[:, None])[self.brand]
        return shut

    def _owners(self, on: Bools) -> Bools:
        shut = np.zeros(on.shape, dtype=bool)
        rooms = on | self.human
        for (platform, _), shops in self.owners.items():
            most = self.problem.platform[platform].rooms_per_owner
            if most is not None:
                shut[shops] = rooms[shops].sum(axis=0)[None, :] - on[shops] >= most
        return shut

    def _crowded(self, on: Bools) -> Bools:
        """The fleet is full, or the brand has all its minutes."""
        others = (on | self.human).sum(axis=0)[None, :] - on
        shut: Bools = others >= np.array(self.problem.capacity)[None, :]
        return shut | (self.minutes[None, :] > self.left(on)[:, None])

    def left(self, on: Bools) -> Floats:
        """The minutes that each shop's brand may still have, beside what other shops take."""
        mine = on @ self.minutes
        planned = np.zeros(len(self.problem.brands))
        np.add.at(planned, self.brand, mine)
        left: Floats = (self.most - planned)[self.brand] + mine
        return left

    def _watched(self, table: Table, on: Bools, shops: Ints) -> Bools:
        shut = np.zeros(on.shape, dtype=bool)
        some = set(shops.tolist())
        for team in self.teams.values():
            mine = [s for s in team if s in some]
            place = self.problem.shops[team[0]]
            for t in np.flatnonzero((~on[mine] & self.able[mine].any(axis=2)).any(axis=0)).tolist():
                shut[mine, t] = not table.watchable(place, t)
        shut &= ~on
        return shut


Day = dict[int, tuple[PersonaId, str]]
"""Who was in a shop, and who watched, by slot."""


def put_day(table: Table, place: Shop, day: Ints) -> Ints:
    """Put a day into a table as far as rules let it in; what got in."""
    got = day.copy()
    for t, p in enumerate(day.tolist()):
        if p != NOBODY and not table.put(place, t, table.problem.personas[p].id):
            got[t] = NOBODY
    return got


def put_back(table: Table, place: Shop, day: Day) -> None:
    """Put a day back that was there before."""
    for slot, (persona, operator) in day.items():
        table.put(place, slot, persona, operator)


def take_out(table: Table, place: Shop, since: int = 0) -> Day:
    """Empty a shop's day, or what is left of it; what was there."""
    day = table.personas[place.id].items()
    was = {t: (p, table.watch[t][place.id]) for t, p in day if t >= since}
    for t in was:
        table.clear(place, t)
    return was
