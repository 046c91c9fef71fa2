"""The rules that bind shops to each other, as rows Σ factor × cell + Σ factor × variable ≤ most."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from orchestrator.planner.days import NEVER, NOBODY, Floats, Ints
from orchestrator.planner.model import excludes
from orchestrator.planner.problem import Exclusivity, Problem
from orchestrator.planner.score import GRAINS

Place = tuple[int, int, int]
"""Shop, slot and double, by number."""


@dataclass(frozen=True)
class Row:
    """One of them."""

    most: float
    cells: dict[Place, float]
    variables: tuple[tuple[str, float], ...] = ()

    def factor(self, cell: Place) -> float:
        return self.cells[cell]

    @cached_property
    def index(self) -> Any:
        """The cells, as numpy asks for them."""
        return tuple(np.array(list(self.cells)).T) if self.cells else ([], [], [])

    @cached_property
    def weights(self) -> Floats:
        return np.array(list(self.cells.values()))


@dataclass
class Couplings:
    """All rows, and the variables beside the columns: name → (most, value of a unit)."""

    rows: list[Row] = field(default_factory=list)
    variables: dict[str, tuple[float, float]] = field(default_factory=dict)

    @cached_property
    def uses(self) -> dict[str, list[tuple[int, float]]]:
        found = defaultdict(list)
        for number, row in enumerate(self.rows):
            for name, factor in row.variables:
                found[name].append((number, factor))
        return found

    def value(self, problem: Problem, gains: Floats, shop: int, day: Ints) -> float:
        """What a day of a shop is worth, in grains: gains less the price of its switches."""
        on = np.flatnonzero(day != NOBODY)
        pairs = (day[:-1] != NOBODY) & (day[1:] != NOBODY) & (day[:-1] != day[1:])
        return float(gains[shop, on, day[on]].sum() - pairs.sum() * problem.prices.switch * GRAINS)


def couplings(problem: Problem, lacking: int, gains: Floats) -> Couplings:
    """The rows that are there from the start; those on faces come as they are needed."""
    found = Couplings()
    able = gains > NEVER / 2
    usable = {(s, t): np.flatnonzero(able[s, t]).tolist() for s, t in np.argwhere(able.any(axis=2))}
    _capacity(problem, usable, found)
    _owners(problem, usable, found)
    _operators(problem, usable, found)
    _contracts(problem, usable, found, lacking)
    _streamer(problem, usable, found)
    return found


_Usable = dict[tuple[int, int], list[int]]


def _spread(
    usable: _Usable, places: Sequence[tuple[int, int]], by: float = 1.0
) -> dict[Place, float]:
    return {(s, t, p): by for s, t in places for p in usable[s, t]}


def _capacity(problem: Problem, usable: _Usable, found: Couplings) -> None:
    for slot, most in enumerate(problem.capacity):
        free = max(0, most - len(problem.human_rooms(slot)))
        places = [(s, t) for s, t in usable if t == slot]
        if len(places) > free:
            found.rows.append(Row(free, _spread(usable, places)))


def _owners(problem: Problem, usable: _Usable, found: Couplings) -> None:
    rooms = defaultdict(list)
    for s, t in usable:
        rooms[problem.shops[s].platform, problem.shops[s].owner, t].append((s, t))
    for (platform, owner, slot), places in rooms.items():
        most = problem.platform[platform].rooms_per_owner
        human = [problem.shop[h] for h in problem.human_rooms(slot)]
        taken = sum((h.platform, h.owner) == (platform, owner) for h in human)
        if most is not None and len(places) > max(0, most - taken):
            found.rows.append(Row(max(0, most - taken), _spread(usable, places)))


def _operators(problem: Problem, usable: _Usable, found: Couplings) -> None:
    rooms: dict[tuple[int, tuple[str, ...]], list[tuple[int, int]]] = defaultdict(list)
    for s, t in usable:
        on = [o for o in sorted(problem.shops[s].operators) if _on(problem, o, t)]
        rooms[t, tuple(on)].append((s, t))
    loads: dict[tuple[int, str], list[str]] = defaultdict(list)
    for (t, team), places in rooms.items():
        for name in team:
            flow = f"watch {t} {','.join(team)} {name}"
            found.variables[flow] = (problem.operator[name].most_rooms, 0.0)
            loads[t, name].append(flow)
        flows = tuple((f"watch {t} {','.join(team)} {name}", -1.0) for name in team)
        found.rows.append(Row(0.0, _spread(usable, places), flows))
    for (_, name), load in loads.items():
        if len(load) > 1:
            most = problem.operator[name].most_rooms
            found.rows.append(Row(most, {}, tuple((flow, 1.0) for flow in load)))


def _on(problem: Problem, name: str, slot: int) -> bool:
    return name in problem.operator and slot in problem.operator[name].shift


def _contracts(problem: Problem, usable: _Usable, found: Couplings, lacking: int) -> None:
    lacks = []
    bounded = bool(problem.prices.fairness) and any(c.maximum for c in problem.contracts)
    if bounded:
        found.variables["least"] = (100.0, problem.prices.fairness * GRAINS)
    for n, contract in enumerate(problem.contracts):
        mine = [(s, t) for s, t in usable if problem.shops[s].brand == contract.brand]
        minutes = {
            (s, t, p): float(problem.slots[t].minutes) for s, t in mine for p in usable[s, t]
        }
        less = {cell: -m for cell, m in minutes.items()}
        if contract.maximum is not None:
            found.rows.append(Row(contract.maximum, minutes))
        if bounded and contract.maximum:
            share = (("least", contract.maximum / 100),)
            found.rows.append(Row(0.0, less, share))
        if contract.minimum:
            found.variables[f"lack {n}"] = (min(lacking, contract.minimum), 0.0)
            lacks.append(f"lack {n}")
            found.rows.append(Row(-contract.minimum, less, ((lacks[-1], -1.0),)))
        if contract.prime_percent:
            found.variables[f"dim {n}"] = (lacking, 0.0)
            lacks.append(f"dim {n}")
            due = {
                cell: m * (contract.prime_percent / 100 - problem.slots[cell[1]].prime)
                for cell, m in minutes.items()
            }
            found.rows.append(Row(0.0, due, ((lacks[-1], -1.0),)))
    if lacks:
        found.rows.append(Row(lacking, {}, tuple((name, 1.0) for name in lacks)))


def _streamer(problem: Problem, usable: _Usable, found: Couplings) -> None:
    """Who has the streamer alone: a share of each slot, or of the day, for one of two brands."""
    for one, other in combinations(sorted(problem.brand), 2):
        for kind in (Exclusivity.STREAMER_SAME_TIME, Exclusivity.STREAMER_ALL_DAY):
            if not excludes(problem, kind, one, other):
                continue
            for t in range(len(problem.slots)):
                when = t if kind is Exclusivity.STREAMER_SAME_TIME else -1
                share = f"{kind} {when} {one} {other}"
                found.variables[share] = (1.0, 0.0)
                for s in [s for s, slot in usable if slot == t]:
                    brand, cells = problem.shops[s].brand, _spread(usable, [(s, t)])
                    if brand == one:
                        found.rows.append(Row(0.0, cells, ((share, -1.0),)))
                    elif brand == other:
                        found.rows.append(Row(1.0, cells, ((share, 1.0),)))


def faces(problem: Problem, mix: Floats, most: int = 2000) -> list[Row]:
    """Rows x + x' ≤ 1 for two shops that may not share a double, where a mix breaks them."""
    shops: dict[str, list[int]] = defaultdict(list)
    for s, shop in enumerate(problem.shops):
        shops[shop.brand].append(s)
    found = []
    for one, other in combinations(sorted(problem.brand), 2):
        if not shops[one] or not shops[other]:
            continue
        kinds = (Exclusivity.PERSONA_SAME_TIME, Exclusivity.PERSONA_ALL_DAY)
        if any(excludes(problem, kind, one, other) for kind in kinds):
            found += _shared(mix, shops[one], shops[other])
    found.sort(key=lambda pair: -pair[0])
    return [Row(1.0, {a: 1.0, b: 1.0}) for _, a, b in found[:most]]


def _shared(mix: Floats, ones: list[int], others: list[int]) -> list[tuple[float, Place, Place]]:
    a, b = mix[ones], mix[others]
    at_a, at_b = a.argmax(axis=0), b.argmax(axis=0)
    over = a.max(axis=0) + b.max(axis=0) - 1.0
    return [
        (
            float(over[t, p]),
            (ones[at_a[t, p]], int(t), int(p)),
            (others[at_b[t, p]], int(t), int(p)),
        )
        for t, p in np.argwhere(over > 1e-6)
    ]
