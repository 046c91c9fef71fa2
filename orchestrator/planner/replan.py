"""A new plan for the rest of a day after something changed, with as few changes as possible.

What lies before the next slot is history and stays as it was. From there on, what the old plan says
stays unless a hard rule breaks; what is on air at that moment is the last to go. What fell out is
filled anew with the doubles that sell most there, and contracts are seen to again; a cell that was
empty stays empty unless a contract needs it. On a small day CP-SAT finds the fewest changes; on a
large one the least valuable rooms make way first, and each hole gets its best filling by itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.days import NEVER, NOBODY, Days, Floats, Ints, Stay, rewards
from orchestrator.planner.makegood import make_good
from orchestrator.planner.model import Model
from orchestrator.planner.openings import Openings, take_out
from orchestrator.planner.plan import Cell, Duty, Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.score import sale, score
from orchestrator.planner.solution import Effort, cells, lacking, size
from orchestrator.planner.table import Table
from orchestrator.planner.whole import read, run

WHOLE = 16_000
"""Cells × doubles up to which the fewest changes are looked for by CP-SAT: some seconds."""


def replan(problem: Problem, plan: Plan, since: int, effort: Effort | None = None) -> Plan:
    """The old plan until slot `since`, then the old plan as far as it holds, then what is best.

    `problem` is the day as it is now. What was on air before `since` counts as it was, even if it
    wouldn't be allowed now: it can't be undone.
    """
    known = {
        cell: duty
        for cell, duty in plan.duties.items()
        if cell[0] in problem.shop and duty.persona in problem.persona
    }
    first = _kept_and_filled(problem, known, since)
    changed = first != Plan(known)
    if changed and size(problem) <= WHOLE:
        return _fewest(problem, Plan(known), first, since, effort or Effort())
    return first


def _kept_and_filled(problem: Problem, known: dict[Cell, Duty], since: int) -> Plan:
    table = Table(problem)
    for (shop, slot), duty in known.items():
        if slot < since:
            table.remember(problem.shop[shop], slot, duty)
    lost = {
        (shop, slot)
        for shop, slot in _dearest_first(problem, known, since)
        if not _put(table, shop, slot, known[shop, slot])
    }
    if lost:
        _fill(table, lost, since)
    make_good(table, since)
    return table.plan()


def _put(table: Table, shop: ShopId, slot: int, duty: Duty) -> bool:
    return table.put(table.problem.shop[shop], slot, duty.persona, duty.operator)


def _dearest_first(problem: Problem, known: dict[Cell, Duty], since: int) -> list[Cell]:
    """What is on air at that moment, then all other cells, the best-selling rooms first."""
    worth: dict[ShopId, int] = {}
    for (shop, slot), duty in known.items():
        if slot >= since:
            sold = sale(problem, problem.shop[shop], duty.persona, slot)
            worth[shop] = worth.get(shop, 0) + sold
    later = [cell for cell in known if cell[1] >= since]
    return sorted(later, key=lambda c: (not _on_air(known, c, since), -worth[c[0]], c))


def _on_air(known: Mapping[Cell, Duty], cell: Cell, since: int) -> bool:
    """Whether this is the slot that comes next for a double that is on air already."""
    shop, slot = cell
    before = known.get((shop, since - 1))
    return slot == since and before is not None and before.persona == known[cell].persona


def _fill(table: Table, lost: set[Cell], since: int) -> None:
    """Give each room its best doubles in the cells that it lost, beside all that stayed."""
    problem = table.problem
    gains = rewards(problem)
    days, openings = Days(problem), Openings(problem, gains)
    rooms = sorted({shop for shop, _ in lost}, key=lambda s: (-sum(problem.shop[s].worth), s))
    numbers = {shop.id: n for n, shop in enumerate(problem.shops)}
    keep = float(gains.max(initial=0.0)) * (len(problem.slots) + 1)
    for name in rooms:
        s, place = numbers[name], problem.shop[name]
        mask = openings.open(table, openings.taken(table), np.array([s]))[0]
        wanted = np.where(mask, gains[s], NEVER)
        for t in range(since, len(problem.slots)):
            here = table.personas[name].get(t)
            if here is not None:
                wanted[t, openings.number[here]] = gains[s, t, openings.number[here]] + keep
            elif (name, t) not in lost:
                wanted[t] = NEVER
        day = _best_rest(table, days, name, wanted, since, openings.number)
        was = take_out(table, place, since)
        for t in np.flatnonzero(day != NOBODY).tolist():
            watched = was[t][1] if t in was else None
            table.put(place, t, problem.personas[day[t]].id, watched)


def _best_rest(
    table: Table,
    days: Days,
    shop: ShopId,
    wanted: Floats,
    since: int,
    number: dict[PersonaId, int],
) -> Ints:
    """The best day of a room from a slot on, after what was."""
    whole = np.full(len(wanted), NOBODY)
    begin = _stay(table, shop, since, number)
    _, best = days.best(wanted[None, since:], {0: begin} if begin else None, edge=not since)
    whole[since:] = best[0]
    return whole


def _stay(table: Table, shop: ShopId, since: int, number: dict[PersonaId, int]) -> Stay | None:
    """Who was there just before, for how long, and who came before that."""
    earlier = table.problem.before.get(shop, {})
    day = {**earlier, **table.personas[shop]}
    known = since - min(earlier, default=0)
    if not known:
        return None
    who = day.get(since - 1)
    length = 1
    while length < known and day.get(since - 1 - length) == who:
        length += 1
    before = day.get(since - 1 - length)
    return Stay(
        NOBODY if who is None else number[who], length, NOBODY if before is None else number[before]
    )


def _fewest(problem: Problem, old: Plan, first: Plan, since: int, effort: Effort) -> Plan:
    """The plan with the fewest changes, of those that lack least; then the most valuable.

    One aim after the other, each within what those before it reached: weighed against one another
    in one sum, yuan and cells of a real day are more than the solver's integers hold.
    """
    free = [cell for cell in cells(problem) if cell[1] >= since]
    history = Plan({cell: duty for cell, duty in old.duties.items() if cell[1] < since})
    model = Model(problem, history, set(free), since)

    def rank(plan: Plan) -> tuple[int, int, int]:
        x = {(*cell, duty.persona): 1 for cell, duty in plan.duties.items()}
        changes = _changes(old, free, since, dict.fromkeys(plan.duties, 1), x)
        return lacking(problem, plan), changes, -score(problem, plan).value

    best = first
    aims = (model.lack, _changes(old, free, since, model.on, model.x), -model.value)
    for number, aim in enumerate(aims):
        if isinstance(aim, int):
            continue
        model.cp.minimize(aim)
        solver = run(model, best, effort, effort.whole)
        if solver is None:
            break
        best = min(best, read(problem, model, solver, old, since), key=rank)
        model.cp.add(aim <= rank(best)[number])
    return best


def _changes(
    old: Plan, free: Sequence[Cell], since: int, on: Mapping[Cell, Any], x: Mapping[Any, Any]
) -> Any:
    """How many cells differ from the old plan; what is on air at that moment counts twice.

    `on` and `x` say who is where, as a plan does in numbers, or a model in its variables.
    """
    total: Any = 0
    for cell in free:
        duty = old.duties.get(cell)
        if duty is None:
            total += on.get(cell, 0)
        else:
            weight = 2 if _on_air(old.duties, cell, since) else 1
            total += weight * (1 - x.get((*cell, duty.persona), 0))
    return total
