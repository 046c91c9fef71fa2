"""A plan in the making: what is taken, and whether one more cell would fit.

It says which rule is in the way, so that whoever fills it can explain what stays empty. Cells are
put in one at a time, and each that gets in leaves a plan that breaks no rule.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.eligible import closed, unfit, unfits
from orchestrator.planner.plan import Duty, Plan
from orchestrator.planner.problem import Exclusivity, Problem, Shop

_KINDS = (Exclusivity.PERSONA_SAME_TIME, Exclusivity.PERSONA_ALL_DAY,
          Exclusivity.STREAMER_SAME_TIME, Exclusivity.STREAMER_ALL_DAY)  # fmt: skip
_Where = tuple[Exclusivity, str, int]


class Table:
    """Cells taken so far, with counts for every rule."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.personas: dict[ShopId, dict[int, PersonaId]] = {s.id: {} for s in problem.shops}
        self.watch: dict[int, dict[ShopId, str]] = defaultdict(dict)
        self.minutes: Counter[BrandId] = Counter()
        self._owners: Counter[tuple[str, str, int]] = Counter()
        self._seen: dict[_Where, Counter[BrandId]] = defaultdict(Counter)
        self._rivals = {
            b.id: [o.id for o in problem.brands if problem.rivals(b.id, o.id)]
            for b in problem.brands
        }
        self._foes = {
            kind: {b.id: _bought(problem, kind, b.id) for b in problem.brands} for kind in _KINDS
        }
        self._most = {c.brand: c.maximum for c in problem.contracts if c.maximum is not None}
        for slot in problem.human.slots:
            for shop in problem.human_rooms(slot):
                self._count(problem.shop[shop], slot, None, 1)

    def plan(self) -> Plan:
        """What is taken, as a plan."""
        return Plan(
            {
                (shop, slot): Duty(persona, self.watch[slot][shop])
                for shop, day in self.personas.items()
                for slot, persona in day.items()
            }
        )

    def put(self, shop: Shop, slot: int, persona: PersonaId, operator: str | None = None) -> bool:
        """Take a cell if no rule is in the way; keep the operator if that is possible."""
        if self.why_not(shop, slot, persona) is not None:
            return False
        if not self._take_operator(shop, slot, operator):
            return False
        self.personas[shop.id][slot] = persona
        self._count(shop, slot, persona, 1)
        return True

    def remember(self, shop: Shop, slot: int, duty: Duty) -> None:
        """Take a cell as it was: history keeps no rules."""
        self.personas[shop.id][slot] = duty.persona
        self.watch[slot][shop.id] = duty.operator
        self._count(shop, slot, duty.persona, 1)

    def clear(self, shop: Shop, slot: int) -> PersonaId | None:
        """Empty a cell; say who was there."""
        persona = self.personas[shop.id].pop(slot, None)
        if persona is not None:
            del self.watch[slot][shop.id]
            self._count(shop, slot, persona, -1)
        return persona

    def why_not(self, shop: Shop, slot: int, persona: PersonaId) -> str | None:
        """The rule that keeps a double out of a cell, operators apart, or None."""
        return (
            closed(self.problem, shop, slot)
            or self.full(shop, slot)
            or unfit(shop, self.problem.persona[persona], slot)
            or self._tired(shop, slot, persona)
            or next(self._faces(shop, slot, persona), None)
        )

    def kept_out_by(self, shop: Shop, slot: int, persona: PersonaId) -> Iterator[str]:
        """Each rule that keeps this double, but not any other, out of a cell."""
        yield from unfits(shop, self.problem.persona[persona], slot)
        for rule in (self._tired(shop, slot, persona), *self._faces(shop, slot, persona)):
            if rule is not None:
                yield rule

    def full(self, shop: Shop, slot: int) -> str | None:
        """The count that is used up for any double in a cell, or None."""
        return next(self.fulls(shop, slot), None)

    def fulls(self, shop: Shop, slot: int) -> Iterator[str]:
        """Each count that is used up for any double in a cell."""
        problem, most = self.problem, self.problem.platform[shop.platform].rooms_per_owner
        if slot in self.personas[shop.id]:
            yield "one double per shop"
        if most is not None and self._owners[shop.platform, shop.owner, slot] >= most:
            yield "one room per owner"
        if len(self.watch[slot]) + len(problem.human_rooms(slot)) >= problem.capacity[slot]:
            yield "fleet can carry it"
        planned = self.minutes[shop.brand] + problem.slots[slot].minutes
        if planned > self._most.get(shop.brand, planned):
            yield "contract maximum holds"

    def watchable(self, shop: Shop, slot: int) -> bool:
        """Whether an operator can be found for one more room, changing hands if need be."""
        return self._path(shop.id, slot, None) is not None

    def _tired(self, shop: Shop, slot: int, name: PersonaId) -> str | None:
        persona, day = self.problem.persona[name], self.personas[shop.id]
        earlier = self.problem.before.get(shop.id)
        day = {**earlier, **day} if earlier else day
        first = last = slot
        while day.get(first - 1) == name:
            first -= 1
        while day.get(last + 1) == name:
            last += 1
        if persona.longest_run is not None and last - first + 1 > persona.longest_run:
            return "persona rests"
        near = [*range(first - persona.rest, first), *range(last + 1, last + persona.rest + 1)]
        return "persona rests" if any(day.get(t) == name for t in near) else None

    def _faces(self, shop: Shop, slot: int, persona: PersonaId) -> Iterator[str]:
        mine = shop.brand
        seen = self._seen.get((_KINDS[0], persona, slot))
        if seen and any(seen.get(brand) for brand in self._rivals[mine]):
            yield "rivals never share a face"
        for where in _places(slot, persona):
            foes, seen = self._foes[where[0]][mine], self._seen.get(where)
            if foes and seen and any(seen.get(brand) for brand in foes):
                yield "exclusivity is kept"
                return

    def _count(self, shop: Shop, slot: int, persona: PersonaId | None, by: int) -> None:
        self._owners[shop.platform, shop.owner, slot] += by
        if persona is not None:
            self.minutes[shop.brand] += by * self.problem.slots[slot].minutes
        for where in _places(slot, persona):
            self._seen[where][shop.brand] += by

    def _take_operator(self, shop: Shop, slot: int, wanted: str | None) -> bool:
        path = self._path(shop.id, slot, wanted)
        for room, operator in path or ():
            self.watch[slot][room] = operator
        return path is not None

    def _path(self, shop: ShopId, slot: int, wanted: str | None) -> list[tuple[ShopId, str]] | None:
        """Who takes which room so that this one is watched too: an augmenting path."""
        loads = Counter(self.watch[slot].values())
        before = self.watch[slot - 1].get(shop) if slot else None
        queue: list[tuple[ShopId, list[tuple[ShopId, str]]]] = [(shop, [])]
        tried: set[str] = set()
        while queue:
            room, path = queue.pop(0)
            for operator in self._on_duty(room, slot, (wanted, before)):
                if operator in tried:
                    continue
                tried.add(operator)
                step = [*path, (room, operator)]
                if loads[operator] < self.problem.operator[operator].most_rooms:
                    return step
                theirs = sorted(r for r, o in self.watch[slot].items() if o == operator)
                queue += [(r, step) for r in theirs]
        return None

    def _on_duty(self, shop: ShopId, slot: int, first: Iterable[str | None]) -> list[str]:
        on = [
            o
            for o in sorted(self.problem.shop[shop].operators)
            if o in self.problem.operator and slot in self.problem.operator[o].shift
        ]
        liked = list(first)
        return sorted(on, key=lambda o: liked.index(o) if o in liked else len(liked))


def _bought(problem: Problem, kind: Exclusivity, mine: BrandId) -> list[BrandId]:
    """The competitors that a brand keeps out, or that keep it out, in this way."""
    return [
        other.id
        for other in problem.brands
        if kind in (other.exclusivity, problem.brand[mine].exclusivity)
        and problem.competitors(mine, other.id)
    ]


def _places(slot: int, persona: PersonaId | None) -> list[_Where]:
    places = [(_KINDS[2], "", slot), (_KINDS[3], "", -1)]
    if persona is not None:
        places += [(_KINDS[0], persona, slot), (_KINDS[1], persona, -1)]
    return places
