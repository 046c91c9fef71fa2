"""Why a cell of a plan is empty, in words, with what would fix it: who, where, whose shift."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.greedy import gain, keeps_prime
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem, Shop
from orchestrator.planner.score import GRAINS, sale, upkeep
from orchestrator.planner.table import Table
from orchestrator.planner.when import hours

REMEDIES = {
    "human has the room": "the streamer is live then; let other shops carry the human hours",
    "platform allows doubles": "meet the platform's conditions, or let a human host",
    "one room per owner": "spread the owner's shops over the day, or over accounts of their own",
    "fleet can carry it": "add nodes for that hour",
    "contract maximum holds": "the brand has all its hours; sell it more",
    "persona is allowed": "allow a double for this brand and platform",
    "persona has the skills": "teach a double what the shop asks for",
    "consent holds": "no double who could has consent then; plan another one",
    "persona rests": "the doubles that could are at rest; add one, or raise a longest run",
    "rivals never share a face": "the doubles that could are with a rival; add another",
    "exclusivity is kept": "a competitor has bought exclusivity; settle it, or move the hours",
    "operator is on duty": "put an operator of this shop on that shift, or let one watch more",
    "prime share is kept": "the brand has to get more prime time before it gets other hours",
    "it doesn't pay": "nobody sells more then than the stream costs; raise its worth or a fit",
    "a better use was found": "nothing forbids it; it would cost more elsewhere, or wasn't found",
}
"""Each reason, and what to do about it when nobody can be named."""
FEW = 3
"""Names in a remedy, at most."""


@dataclass(frozen=True)
class Reason:
    """Why nobody is in a cell: the rule in the way of most doubles, and how many each keeps out."""

    shop: ShopId
    slot: int
    why: str
    remedy: str
    doubles: tuple[tuple[str, int], ...]


def empty(problem: Problem, plan: Plan) -> tuple[Reason, ...]:
    """A reason for each open cell that is empty."""
    table = Table(problem)
    for (shop, slot), duty in sorted(plan.duties.items(), key=lambda item: item[0][::-1]):
        table.put(problem.shop[shop], slot, duty.persona, duty.operator)
    cells = [(s, t) for s in problem.shops for t in sorted(s.open)]
    return tuple(
        _reason(table, *cell) for cell in cells if (cell[0].id, cell[1]) not in plan.duties
    )


def _reason(table: Table, shop: Shop, slot: int) -> Reason:
    problem = table.problem
    watched = table.watchable(shop, slot)
    found: dict[str, list[PersonaId]] = defaultdict(list)
    for persona in problem.personas:
        why = table.why_not(shop, slot, persona.id)
        if why is None and not watched:
            why = "operator is on duty"
        found[why or _unforced(table, shop, slot, persona.id)].append(persona.id)
    order = sorted(found, key=lambda why: (-len(found[why]), why))
    if not order:
        return Reason(shop.id, slot, "persona is allowed", "declare a double", ())
    why = next((w for w in order if w.startswith("a better")), order[0])
    told = _TOLD[why](table, shop, slot, found[why]) if why in _TOLD else ""
    counts = tuple((reason, len(found[reason])) for reason in order)
    return Reason(shop.id, slot, why, told or REMEDIES[why], counts)


def _unforced(table: Table, shop: Shop, slot: int, persona: PersonaId) -> str:
    """Why a double isn't there although no rule keeps it out."""
    if not keeps_prime(table, shop, slot):
        return "prime share is kept"
    return "a better use was found" if gain(table, shop, slot, persona) > 0 else "it doesn't pay"


def _some(names: Iterable[str]) -> str:
    """A few names, as people list them."""
    found = list(names)
    more = [f"{len(found) - FEW} more"] if len(found) > FEW else []
    return " or ".join([*found[:FEW], *more])


def _operators(table: Table, shop: Shop, slot: int, _: Sequence[PersonaId]) -> str:
    team = [
        table.problem.operator[o] for o in sorted(shop.operators) if o in table.problem.operator
    ]
    off = [o.id for o in team if slot not in o.shift]
    on = [f"{o.id} watch more than {o.most_rooms} rooms" for o in team if slot in o.shift]
    wishes = [f"put {_some(off)} on shift then"] if off else []
    wishes += [f"let {_some(on)}"] if on else []
    return ", or ".join(wishes) or f"name an operator for {shop.id}"


def _fleet(table: Table, _: Shop, slot: int, __: Sequence[PersonaId]) -> str:
    return f"add nodes for that hour: all {table.problem.capacity[slot]} streams are in use"


def _owner(table: Table, shop: Shop, slot: int, _: Sequence[PersonaId]) -> str:
    same = [
        s.id for s in table.problem.shops if (s.owner, s.platform) == (shop.owner, shop.platform)
    ]
    human = table.problem.human_rooms(slot)
    on = [s for s in same if slot in table.personas[s] or s in human]
    return f"close {_some(on)} then, or give {shop.id} an account of its own on {shop.platform}"


def _maximum(table: Table, shop: Shop, _: int, __: Sequence[PersonaId]) -> str:
    most = min(
        c.maximum
        for c in table.problem.contracts
        if c.brand == shop.brand and c.maximum is not None
    )
    return f"{shop.brand} has all of its {hours(most)}; sell it more"


def _allowed(_: Table, shop: Shop, __: int, names: Sequence[PersonaId]) -> str:
    return f"allow {_some(names)} for {shop.brand} on {shop.platform}, in {shop.id}"


def _skills(table: Table, shop: Shop, _: int, names: Sequence[PersonaId]) -> str:
    lacks = {name: shop.skills - table.problem.persona[name].skills for name in names}
    name = min(names, key=lambda n: (len(lacks[n]), n))
    return f"teach {name} {', '.join(sorted(lacks[name]))}"


def _consent(_: Table, __: Shop, ___: int, names: Sequence[PersonaId]) -> str:
    return f"get consent for {_some(names)} then, or plan another double"


def _rests(_: Table, shop: Shop, __: int, names: Sequence[PersonaId]) -> str:
    return f"raise the longest run of {_some(names)}, or allow another double in {shop.id}"


def _rivals(table: Table, shop: Shop, slot: int, names: Sequence[PersonaId]) -> str:
    problem = table.problem
    there = [
        f"{day[slot]} from {s}"
        for s, day in table.personas.items()
        if day.get(slot) in names and problem.rivals(problem.shop[s].brand, shop.brand)
    ]
    return f"move {_some(there)} then, or allow another double in {shop.id}"


def _loss(table: Table, shop: Shop, slot: int, names: Sequence[PersonaId]) -> str:
    problem = table.problem
    best = max(names, key=lambda name: (gain(table, shop, slot, name), name))
    sold = sale(problem, shop, best, slot) - upkeep(problem, slot)
    cents = -gain(table, shop, slot, best) / GRAINS
    if sold > 0:
        return f"{best} would sell, but the switch costs {cents / 100:g} more than that"
    return f"{best}, the best then, would lose {cents / 100:g}; raise its fit or the shop's worth"


def _better(table: Table, shop: Shop, slot: int, names: Sequence[PersonaId]) -> str:
    best = max(names, key=lambda name: (gain(table, shop, slot, name), name))
    cents = gain(table, shop, slot, best) / GRAINS
    return f"{best} could be there and would add {cents / 100:g}; plan it with more effort"


_TOLD: dict[str, Callable[[Table, Shop, int, Sequence[PersonaId]], str]] = {
    "operator is on duty": _operators,
    "fleet can carry it": _fleet,
    "one room per owner": _owner,
    "contract maximum holds": _maximum,
    "persona is allowed": _allowed,
    "persona has the skills": _skills,
    "consent holds": _consent,
    "persona rests": _rests,
    "rivals never share a face": _rivals,
    "it doesn't pay": _loss,
    "a better use was found": _better,
}
"""Remedies that name somebody."""
