"""Why a cell of a plan is empty, in words, with what would fix it: who, where, whose shift."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.eligible import closes
from orchestrator.planner.greedy import gain, keeps_prime
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Exclusivity, Operator, Problem, Shop
from orchestrator.planner.score import GRAINS, sale, upkeep
from orchestrator.planner.table import Table
from orchestrator.planner.when import hours, spans

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


LASTING = ("persona has the skills", "persona is allowed")
"""Rules that are lifted by a decision about a double, not about a day; named after all others."""


@dataclass(frozen=True)
class Reason:
    """Why nobody is in a cell: what binds, and of how many doubles what else is in the way.

    What binds are the rules without which the cell could be filled with profit: the fewest that do,
    those of the day before those that last, and the more it would bring in the sooner.
    """

    shop: ShopId
    slot: int
    why: str
    remedy: str
    doubles: tuple[tuple[str, int], ...]
    rules: tuple[str, ...]
    """What `why` lists."""


@dataclass
class _Way:
    """Rules in the way of some doubles, these doubles, and what the best of them would add."""

    rules: tuple[str, ...]
    names: list[PersonaId] = field(default_factory=list)
    adds: int = 0

    @property
    def said(self) -> str:
        return _listed(self.rules)

    @property
    def order(self) -> tuple[bool, int, bool, int, str]:
        lasts = any(rule in LASTING for rule in self.rules)
        return self.rules == LOSS, len(self.rules), lasts, -self.adds, self.said


NOBODY = ("persona is allowed",)
LOSS = ("it doesn't pay",)
FREE = ("a better use was found",)


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
    ways = _ways(table, shop, slot)
    if not ways:
        return Reason(shop.id, slot, "persona is allowed", "declare a double", (), NOBODY)
    best = ways[0]
    told = [
        (_TOLD[rule](table, shop, slot, best.names) if rule in _TOLD else "") or REMEDIES[rule]
        for rule in best.rules
    ]
    counts: Counter[str] = Counter()
    for way in ways:
        more = tuple(rule for rule in way.rules if rule not in best.rules)
        counts[_listed(more or way.rules)] += len(way.names)
    said = ", and ".join(told)
    return Reason(shop.id, slot, best.said, said, tuple(counts.items()), best.rules)


def _listed(rules: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(rules[:-1]), rules[-1]]))


def _ways(table: Table, shop: Shop, slot: int) -> list[_Way]:
    """What is in the way of each double, what binds first."""
    always = tuple(_closed_to_all(table, shop, slot))
    found: dict[tuple[str, ...], _Way] = {}
    for persona in table.problem.personas:
        adds = gain(table, shop, slot, persona.id)
        own = tuple(table.kept_out_by(shop, slot, persona.id)) if adds > 0 else ()
        rules = (*always, *own) or FREE
        way = found.setdefault(rules if adds > 0 else LOSS, _Way(rules if adds > 0 else LOSS))
        way.names.append(persona.id)
        way.adds = max(way.adds, adds)
    return sorted(found.values(), key=lambda way: way.order)


def _closed_to_all(table: Table, shop: Shop, slot: int) -> Iterator[str]:
    """The rules that keep every double out of a cell."""
    yield from closes(table.problem, shop, slot)
    yield from table.fulls(shop, slot)
    if not table.watchable(shop, slot):
        yield "operator is on duty"
    if not keeps_prime(table, shop, slot):
        yield "prime share is kept"


def _some(names: Iterable[str]) -> str:
    """A few names, as people list them."""
    found = list(names)
    more = [f"{len(found) - FEW} more"] if len(found) > FEW else []
    return " or ".join([*found[:FEW], *more])


def _operators(table: Table, shop: Shop, slot: int, _: Sequence[PersonaId]) -> str:
    problem = table.problem
    team = [problem.operator[o] for o in sorted(shop.operators) if o in problem.operator]
    off = [f"{o.id} ({_shift(problem, o)})" for o in team if slot not in o.shift]
    on = [
        f"{o.id} watch more than {o.most_rooms} room{'s' * (o.most_rooms != 1)}"
        for o in team
        if slot in o.shift
    ]
    wishes = [f"put {_some(off)} on shift then"] if off else []
    wishes += [f"let {_some(on)}"] if on else []
    return ", or ".join(wishes) or f"name an operator for {shop.id}"


def _shift(problem: Problem, operator: Operator) -> str:
    return f"now {spans(problem, operator.shift)}" if operator.shift else "now on no shift"


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


def _rests(table: Table, shop: Shop, slot: int, names: Sequence[PersonaId]) -> str:
    """A run that is as long as it may be is raised; a rest that has to be kept is shortened."""
    best = max(names, key=lambda name: (gain(table, shop, slot, name), name))
    persona, minutes = table.problem.persona[best], table.problem.slots[slot].minutes
    beside = {table.personas[shop.id].get(t) for t in (slot - 1, slot + 1)}
    if best in beside or not persona.longest_run:
        limit = (
            f"raise the longest run of {best} (now {hours((persona.longest_run or 0) * minutes)})"
        )
    else:
        limit = f"shorten the rest of {best} (now {hours(persona.rest * minutes)})"
    return f"{limit}, or allow another double in {shop.id}"


def _rivals(table: Table, shop: Shop, slot: int, names: Sequence[PersonaId]) -> str:
    problem = table.problem
    there = [
        f"{day[slot]} from {s}"
        for s, day in table.personas.items()
        if day.get(slot) in names and problem.rivals(problem.shop[s].brand, shop.brand)
    ]
    return f"move {_some(there)} then, or allow another double in {shop.id}"


def _exclusive(table: Table, shop: Shop, slot: int, names: Sequence[PersonaId]) -> str:
    problem, told = table.problem, []
    for brand in problem.brands:
        if not problem.competitors(brand.id, shop.brand):
            continue
        for buyer in (problem.brand[shop.brand], brand):
            kind = buyer.exclusivity
            if kind is not Exclusivity.NONE and _with(table, brand.id, kind, slot, names):
                told.append(f"{buyer.id} has bought {kind.bought}: settle it with {buyer.id}")
                told += [] if kind.all_day else ["move the hours"]
                told += [] if kind.of_streamer else [f"allow another double in {shop.id}"]
    return ", or ".join(dict.fromkeys(told))


def _with(
    table: Table, brand: BrandId, kind: Exclusivity, slot: int, names: Sequence[PersonaId]
) -> bool:
    """Whether a brand has what it would have to share: one of these doubles, or the streamer."""
    problem = table.problem
    mine = [shop.id for shop in problem.shops if shop.brand == brand]
    slots = range(len(problem.slots)) if kind.all_day else (slot,)
    return any(
        (who is not None and (kind.of_streamer or who in names))
        or (kind.of_streamer and shop in problem.human_rooms(t))
        for shop in mine
        for t in slots
        for who in (table.personas[shop].get(t),)
    )


def _loss(table: Table, shop: Shop, slot: int, names: Sequence[PersonaId]) -> str:
    problem = table.problem
    best = max(names, key=lambda name: (gain(table, shop, slot, name), name))
    sold = sale(problem, shop, best, slot) - upkeep(problem, slot)
    lost = _yuan(-gain(table, shop, slot, best))
    if sold > 0:
        return f"{best} would sell, but the switch costs {lost} more than that"
    minutes = problem.slots[slot].minutes
    return (
        f"{best}, the best then, would lose {lost} in {hours(minutes)}; "
        "raise its fit or the shop's worth"
    )


def _better(table: Table, shop: Shop, slot: int, names: Sequence[PersonaId]) -> str:
    best = max(names, key=lambda name: (gain(table, shop, slot, name), name))
    added = _yuan(gain(table, shop, slot, best))
    return f"{best} could be there and would add {added}; another seed may plan it"


def _yuan(grains: int) -> str:
    return f"¥{grains / GRAINS / 100:,.2f}".removesuffix(".00")


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
    "exclusivity is kept": _exclusive,
    "it doesn't pay": _loss,
    "a better use was found": _better,
}
"""Remedies that name somebody."""
