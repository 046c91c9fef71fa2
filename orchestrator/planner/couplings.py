"""The rules that bind shops to each other, as rows Σ factor × place + Σ factor × variable ≤ most.

A place is a shop in a slot, whoever is in it; only the rows on faces ask which double it is.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from orchestrator.ids import BrandId
from orchestrator.planner.days import NEVER, NOBODY, Floats, Ints
from orchestrator.planner.model import excludes
from orchestrator.planner.problem import Exclusivity, Problem
from orchestrator.planner.score import GRAINS

Place = tuple[int, int]
"""Shop and slot, by number."""
Cell = tuple[int, int, int]
"""Shop, slot and double, by number."""
FEW = 4
"""Teams that share operators, up to which every set of them gets a row; more of them get flows."""


@dataclass(frozen=True)
class Row:
    """One of them."""

    most: float
    places: dict[Place, float] = field(default_factory=dict)
    variables: tuple[tuple[str, float], ...] = ()
    cells: dict[Cell, float] = field(default_factory=dict)


@dataclass
class Couplings:
    """All rows, and the variables beside the columns: name → (most, value of a unit)."""

    rows: list[Row] = field(default_factory=list)
    variables: dict[str, tuple[float, float]] = field(default_factory=dict)
    total: int | None = None
    """The row that holds the minutes which all contracts lack together."""


def worth_of(problem: Problem, gains: Floats, shop: int, day: Ints) -> float:
    """What a day of a shop is worth, in grains: gains less the price of its switches."""
    on = np.flatnonzero(day != NOBODY)
    pairs = (day[:-1] != NOBODY) & (day[1:] != NOBODY) & (day[:-1] != day[1:])
    return float(gains[shop, on, day[on]].sum() - pairs.sum() * problem.prices.switch * GRAINS)


def couplings(problem: Problem, lacking: int, gains: Floats) -> Couplings:
    """The rows that are there from the start; those on faces come as they are needed."""
    found = Couplings()
    usable = [(int(s), int(t)) for s, t in np.argwhere((gains > NEVER / 2).any(axis=2))]
    by_slot: dict[int, list[Place]] = defaultdict(list)
    for s, t in usable:
        by_slot[t].append((s, t))
    _capacity(problem, by_slot, found)
    _owners(problem, usable, found)
    for t, places in by_slot.items():
        _operators(problem, t, places, found)
    _contracts(problem, usable, found, lacking)
    _streamer(problem, by_slot, found)
    return found


def _capacity(problem: Problem, by_slot: dict[int, list[Place]], found: Couplings) -> None:
    for slot, places in by_slot.items():
        free = max(0, problem.capacity[slot] - len(problem.human_rooms(slot)))
        if len(places) > free:
            found.rows.append(Row(free, dict.fromkeys(places, 1.0)))


def _owners(problem: Problem, usable: Sequence[Place], found: Couplings) -> None:
    rooms = defaultdict(list)
    for s, t in usable:
        rooms[problem.shops[s].platform, problem.shops[s].owner, t].append((s, t))
    for (platform, owner, slot), places in rooms.items():
        most = problem.platform[platform].rooms_per_owner
        human = [problem.shop[h] for h in problem.human_rooms(slot)]
        taken = sum((h.platform, h.owner) == (platform, owner) for h in human)
        if most is not None and len(places) > max(0, most - taken):
            found.rows.append(Row(max(0, most - taken), dict.fromkeys(places, 1.0)))


Team = tuple[str, ...]


def _operators(problem: Problem, t: int, places: Sequence[Place], found: Couplings) -> None:
    """Rooms of a team's shops ≤ rooms its operators watch; teams that share some, together too."""
    rooms: dict[Team, list[Place]] = defaultdict(list)
    for s, _ in places:
        rooms[tuple(o for o in sorted(problem.shops[s].operators) if _on(problem, o, t))].append(
            (s, t)
        )
    for teams in _together(sorted(rooms)):
        if len(teams) > FEW:
            _flows(problem, t, {team: rooms[team] for team in teams}, found)
            continue
        for some in (c for n in range(1, len(teams) + 1) for c in combinations(teams, n)):
            operators = {name for team in some for name in team}
            most = sum(problem.operator[name].most_rooms for name in operators)
            theirs = [place for team in some for place in rooms[team]]
            if len(theirs) > most:
                found.rows.append(Row(most, dict.fromkeys(theirs, 1.0)))


def _on(problem: Problem, name: str, slot: int) -> bool:
    return name in problem.operator and slot in problem.operator[name].shift


def _together(teams: Sequence[Team]) -> Iterator[list[Team]]:
    """Teams in groups that share no operator with each other."""
    left = list(teams)
    while left:
        group = [left.pop(0)]
        names = set(group[0])
        while more := [team for team in left if names & set(team)]:
            group += more
            names.update(name for team in more for name in team)
            left = [team for team in left if team not in more]
        yield group


def _flows(problem: Problem, t: int, rooms: dict[Team, list[Place]], found: Couplings) -> None:
    loads: dict[str, list[str]] = defaultdict(list)
    for team, places in rooms.items():
        for name in team:
            flow = f"watch {t} {','.join(team)} {name}"
            found.variables[flow] = (problem.operator[name].most_rooms, 0.0)
            loads[name].append(flow)
        flows = tuple((f"watch {t} {','.join(team)} {name}", -1.0) for name in team)
        found.rows.append(Row(0.0, dict.fromkeys(places, 1.0), flows))
    for name, load in loads.items():
        most = problem.operator[name].most_rooms
        found.rows.append(Row(most, {}, tuple((flow, 1.0) for flow in load)))


def _contracts(problem: Problem, usable: Sequence[Place], found: Couplings, lacking: int) -> None:
    lacks = []
    bounded = bool(problem.prices.fairness) and any(c.maximum for c in problem.contracts)
    if bounded:
        found.variables["least"] = (100.0, problem.prices.fairness * GRAINS)
    for n, contract in enumerate(problem.contracts):
        minutes = {
            (s, t): float(problem.slots[t].minutes)
            for s, t in usable
            if problem.shops[s].brand == contract.brand
        }
        less = {place: -m for place, m in minutes.items()}
        if contract.maximum is not None:
            found.rows.append(Row(contract.maximum, minutes))
        if bounded and contract.maximum:
            found.rows.append(Row(0.0, less, (("least", contract.maximum / 100),)))
        if contract.minimum:
            lacks.append(f"lack {n}")
            found.variables[lacks[-1]] = (float(contract.minimum), 0.0)
            found.rows.append(Row(-contract.minimum, less, ((lacks[-1], -1.0),)))
        if contract.prime_percent:
            lacks.append(f"dim {n}")
            found.variables[lacks[-1]] = (float(sum(minutes.values())), 0.0)
            due = {
                place: m * (contract.prime_percent / 100 - problem.slots[place[1]].prime)
                for place, m in minutes.items()
            }
            found.rows.append(Row(0.0, due, ((lacks[-1], -1.0),)))
    if lacks:
        found.total = len(found.rows)
        found.rows.append(Row(lacking, {}, tuple((name, 1.0) for name in lacks)))


def _streamer(problem: Problem, by_slot: dict[int, list[Place]], found: Couplings) -> None:
    """Who has the streamer alone: a share of each slot, or of the day, for one of two brands."""
    for one, other in combinations(sorted(problem.brand), 2):
        for kind in (Exclusivity.STREAMER_SAME_TIME, Exclusivity.STREAMER_ALL_DAY):
            if not excludes(problem, kind, one, other):
                continue
            for t, places in by_slot.items():
                when = t if kind is Exclusivity.STREAMER_SAME_TIME else -1
                share = f"{kind} {when} {one} {other}"
                found.variables[share] = (1.0, 0.0)
                for s, _ in places:
                    brand = problem.shops[s].brand
                    if brand == one:
                        found.rows.append(Row(0.0, {(s, t): 1.0}, ((share, -1.0),)))
                    elif brand == other:
                        found.rows.append(Row(1.0, {(s, t): 1.0}, ((share, 1.0),)))


_Broken = tuple[float, list[Cell]]
"""By how much a row is broken, and its cells."""


class Faces:
    """Brands no two of which may share a double, and the rows that a mix of days breaks."""

    def __init__(self, problem: Problem) -> None:
        self.shops: dict[str, list[int]] = defaultdict(list)
        for s, shop in enumerate(problem.shops):
            self.shops[shop.brand].append(s)
        always: dict[str, set[str]] = defaultdict(set)
        apart: dict[str, set[str]] = defaultdict(set)
        for one, other in combinations(sorted(self.shops), 2):
            if excludes(problem, Exclusivity.PERSONA_ALL_DAY, BrandId(one), BrandId(other)):
                always[one].add(other)
                always[other].add(one)
            elif not excludes(problem, Exclusivity.PERSONA_SAME_TIME, BrandId(one), BrandId(other)):
                continue
            apart[one].add(other)
            apart[other].add(one)
        self.now, self.ever = list(_cliques(apart)), list(_cliques(always))

    def broken(self, mix: Floats, most: int = 2000, by: float = 1e-6) -> list[Row]:
        """Rows Σ x ≤ 1 for cells of which no two may be taken by a double."""
        found = [pair for brands in self.now for pair in self._now(mix, brands, by)]
        found += [pair for brands in self.ever for pair in self._ever(mix, brands, by)]
        found.sort(key=lambda pair: -pair[0])
        return [Row(1.0, cells=dict.fromkeys(cells, 1.0)) for _, cells in found[:most]]

    def _now(self, mix: Floats, brands: Sequence[str], by: float) -> Iterator[_Broken]:
        sides = [self.shops[brand] for brand in brands]
        at = [mix[shops].argmax(axis=0) for shops in sides]
        over = sum(mix[shops].max(axis=0) for shops in sides) - 1.0
        for t, p in np.argwhere(over > by).tolist():
            cells = [(shops[top[t, p]], t, p) for shops, top in zip(sides, at, strict=True)]
            yield float(over[t, p]), cells

    def _ever(self, mix: Floats, brands: Sequence[str], by: float) -> Iterator[_Broken]:
        slots = mix.shape[1]
        sides = [self.shops[brand] for brand in brands]
        flat = [mix[shops].reshape(-1, mix.shape[2]) for shops in sides]
        at = [side.argmax(axis=0) for side in flat]
        over = sum(side.max(axis=0) for side in flat) - 1.0
        for p in np.flatnonzero(over > by).tolist():
            where = [divmod(int(top[p]), slots) for top in at]
            cells = [(shops[s], t, p) for shops, (s, t) in zip(sides, where, strict=True)]
            yield float(over[p]), cells


def _cliques(apart: dict[str, set[str]]) -> Iterator[list[str]]:
    """All sets of brands in which every two stay apart, and to which none can be added."""
    todo: list[tuple[list[str], list[str], set[str]]] = [([], sorted(apart), set())]
    while todo:
        chosen, may, seen = todo.pop()
        if not may and not seen:
            if len(chosen) > 1:
                yield chosen
            continue
        left = list(may)
        for brand in may:
            near = apart[brand]
            left = [b for b in left if b != brand]
            todo.append(([*chosen, brand], [b for b in left if b in near], seen & near))
            seen = seen | {brand}
