"""What a day leaves to the next: who was in a room at its edge, for its runs and rests. Pure.

    problem = carried(problem_of(matrix, day), the_day_before)

Only what binds is carried over: in shops that open at the edge or soon after, the last stays of
doubles whose run is limited or that rest for longer than a slot. All other days stay the same
problem whatever the day before was.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.problem import Persona, Problem, Shop
from orchestrator.store.plans import DayPlan


def carried(problem: Problem, yesterday: DayPlan | None) -> Problem:
    """A day's problem, after the plan for the day before."""
    if yesterday is None:
        return problem
    known = ((shop, _last_slots(problem, yesterday, shop.id)) for shop in problem.shops)
    binding = {shop.id: _binding(problem, shop, room) for shop, room in known}
    return replace(problem, before={shop: room for shop, room in binding.items() if room})


def _last_slots(problem: Problem, yesterday: DayPlan, shop: ShopId) -> dict[int, PersonaId]:
    """Who was to be in a room when the slots before the first began, if these were as long."""
    deep = max((max(p.longest_run or 0, p.rest) for p in problem.personas), default=0)
    edge, length = problem.slots[0].begin, timedelta(minutes=problem.slots[0].minutes)
    found = {}
    for slot in range(-deep, 0):
        begins = (edge + slot * length).timestamp()
        started = [number for number, at in enumerate(yesterday.begins) if at <= begins]
        if started and begins < yesterday.ends_at:
            duty = yesterday.plan.duties.get((shop, started[-1]))
            if duty is not None and duty.persona in problem.persona:
                found[slot] = duty.persona
    return found


def _binding(problem: Problem, shop: Shop, room: Mapping[int, PersonaId]) -> dict[int, PersonaId]:
    """Of these slots those that a run or a rest goes by."""
    opens, found = min(shop.open, default=len(problem.slots)), dict[int, PersonaId]()
    for name in set(room.values()):
        persona, last = problem.persona[name], max(t for t, who in room.items() if who == name)
        if opens - last > persona.rest and (last < -1 or opens > 0):
            continue
        kept = _run(room, persona) if last == -1 else (last,)
        found |= dict.fromkeys(kept, name)
    return dict(sorted(found.items()))


def _run(room: Mapping[int, PersonaId], persona: Persona) -> range:
    """The slots in a row up to the edge, as many as its longest run lets matter."""
    if persona.longest_run is None and persona.rest <= 1:
        return range(0)
    most = persona.longest_run or 1
    away = next((n for n in range(1, most + 1) if room.get(-n) != persona.id), most + 1)
    return range(1 - away, 0)
