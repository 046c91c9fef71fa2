"""A day's sheet: everything about a plan that people want to see, as values.

What shows it (table, page, calendars) adds nothing and leaves out what it has no room for. Lanes
are shop by shop; a block in a lane is a double's stay, the streamer's own hours, or a gap: open
hours in which nobody is on air, with the reason and the remedy.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.checker import unmet
from orchestrator.planner.conflict import Conflict
from orchestrator.planner.explain import Reason, empty
from orchestrator.planner.plan import Plan, Run
from orchestrator.planner.problem import Contract, Operator, Problem, Shop
from orchestrator.planner.score import Score, score
from orchestrator.planview.changes import Changed
from orchestrator.planview.names import Names
from orchestrator.planview.why import Choice, choice, table_of
from orchestrator.planview.words import stretches

UNPROVEN = float("inf")


@dataclass(frozen=True)
class Stay:
    """A double's run in a room, and who watches it from which slot to which."""

    first: int
    last: int
    persona: PersonaId
    watch: tuple[tuple[str, int, int], ...]
    choice: Choice


OVER = "these hours are over"
"""Why open hours before the slot from which a day is planned anew are empty."""


@dataclass(frozen=True)
class Gap:
    """Open hours without anybody."""

    first: int
    last: int
    why: str
    remedy: str
    """What would help in most of it."""
    doubles: tuple[tuple[str, int], ...]
    """Each rule that keeps doubles out, and how many."""


@dataclass(frozen=True)
class OwnHours:
    """The streamer in person."""

    first: int
    last: int


Block = Stay | Gap | OwnHours


@dataclass(frozen=True)
class Lane:
    """A shop's day, in order of time."""

    shop: Shop
    blocks: tuple[Block, ...]

    @property
    def stays(self) -> Iterator[Stay]:
        return (block for block in self.blocks if isinstance(block, Stay))


@dataclass(frozen=True)
class Promise:
    """A contract beside what is planned for it, in minutes."""

    contract: Contract
    planned: int
    prime: int
    lacks: int
    lacks_prime: int

    @property
    def met(self) -> bool:
        return not self.lacks and not self.lacks_prime

    @property
    def prime_percent(self) -> float:
        return 100 * self.prime / self.planned if self.planned else 0.0


@dataclass(frozen=True)
class Load:
    """An operator's rooms by slot; None where off shift."""

    operator: str
    most: int
    rooms: tuple[int | None, ...]


@dataclass(frozen=True)
class Fleet:
    """Streams by slot, beside what the fleet carries."""

    doubles: tuple[int, ...]
    human: tuple[int, ...]
    capacity: tuple[int, ...]


@dataclass(frozen=True)
class Sheet:
    """A plan for a day, with its figures. `since` is the slot from which it was made anew."""

    problem: Problem
    plan: Plan
    names: Names
    value: int
    bound: float = UNPROVEN
    conflicts: tuple[Conflict, ...] = ()
    """Why contracts that are unmet can't be kept."""
    since: int | None = None
    changes: tuple[Changed, ...] = ()

    @cached_property
    def parts(self) -> Score:
        return score(self.problem, self.plan)

    @cached_property
    def lanes(self) -> tuple[Lane, ...]:
        """Shops, brand by brand in the day's order of brands."""
        order = {brand.id: place for place, brand in enumerate(self.problem.brands)}
        shops = sorted(self.problem.shops, key=lambda shop: order[shop.brand])
        stays, gaps = self._stays(), self._gaps()
        return tuple(Lane(s, _in_order(self.problem, s, stays, gaps)) for s in shops)

    @cached_property
    def promises(self) -> tuple[Promise, ...]:
        """Contracts, those that are unmet first."""
        lacks = {lack.brand: lack for lack in unmet(self.problem, self.plan)}
        planned, prime = self._minutes()
        found = [
            Promise(
                contract,
                planned[contract.brand],
                prime[contract.brand],
                lack.minutes if (lack := lacks.get(contract.brand)) else 0,
                lack.prime_minutes if lack else 0,
            )
            for contract in self.problem.contracts
        ]
        return tuple(sorted(found, key=lambda promise: promise.met))

    @property
    def unmet(self) -> tuple[Promise, ...]:
        return tuple(promise for promise in self.promises if not promise.met)

    @property
    def lacking(self) -> int:
        """Minutes that all contracts lack together."""
        return sum(promise.lacks + promise.lacks_prime for promise in self.promises)

    def conflict(self, brand: BrandId) -> Conflict | None:
        """Why a brand's contract can't be kept, where that is proven."""
        return next((c for c in self.conflicts if c.brand == brand and c.proven), None)

    @cached_property
    def loads(self) -> tuple[Load, ...]:
        """Operators, in the day's order."""
        return tuple(Load(o.id, o.most_rooms, self._rooms(o)) for o in self.problem.operators)

    @cached_property
    def watched(self) -> Mapping[tuple[str, int], tuple[ShopId, ...]]:
        """The rooms of an operator in a slot."""
        found: dict[tuple[str, int], list[ShopId]] = defaultdict(list)
        for (shop, slot), duty in self.plan.duties.items():
            found[duty.operator, slot].append(shop)
        return {key: tuple(rooms) for key, rooms in found.items()}

    @cached_property
    def fleet(self) -> Fleet:
        doubles = Counter(slot for _, slot in self.plan.duties)
        every = range(len(self.problem.slots))
        return Fleet(
            tuple(doubles[slot] for slot in every),
            tuple(len(self.problem.human_rooms(slot)) for slot in every),
            self.problem.capacity,
        )

    @cached_property
    def on_air(self) -> Mapping[PersonaId, int]:
        """Minutes by double; those with none, too."""
        minutes = {persona.id: 0 for persona in self.problem.personas}
        for (_, slot), duty in self.plan.duties.items():
            minutes[duty.persona] += self.problem.slots[slot].minutes
        return minutes

    def place(self, persona: PersonaId) -> int:
        """Its number in the day's order, which its color follows."""
        return self._places[persona]

    @cached_property
    def _places(self) -> Mapping[PersonaId, int]:
        return {persona.id: place for place, persona in enumerate(self.problem.personas)}

    @cached_property
    def changed(self) -> Mapping[tuple[str, int], Changed]:
        """The change in a cell, for cells that changed."""
        return {(c.shop, slot): c for c in self.changes for slot in range(c.first, c.last + 1)}

    def _rooms(self, operator: Operator) -> tuple[int | None, ...]:
        every = range(len(self.problem.slots))
        rooms = [len(self.watched.get((operator.id, slot), ())) for slot in every]
        return tuple(
            n if n or t in operator.shift else None for t, n in zip(every, rooms, strict=True)
        )

    def _minutes(self) -> tuple[Counter[BrandId], Counter[BrandId]]:
        planned: Counter[BrandId] = Counter()
        prime: Counter[BrandId] = Counter()
        for shop, number in self.plan.duties:
            brand, slot = self.problem.shop[shop].brand, self.problem.slots[number]
            planned[brand] += slot.minutes
            prime[brand] += slot.minutes * slot.prime
        return planned, prime

    def _stays(self) -> Mapping[str, list[Stay]]:
        table = table_of(self.problem, self.plan)
        found: dict[str, list[Stay]] = {}
        for run in self.plan.runs():
            stay = Stay(
                run.first,
                run.last,
                run.persona,
                _watch(self.plan, run),
                choice(table, self.plan, run),
            )
            found.setdefault(run.shop, []).append(stay)
        return found

    def _gaps(self) -> Mapping[str, list[Gap]]:
        found: dict[str, list[Gap]] = {}
        empties = (r for r in empty(self.problem, self.plan) if not self._own(r))
        reasons = [_over(r) if r.slot < (self.since or 0) else r for r in empties]
        for _, group in groupby(enumerate(reasons), _alike):
            row = [reason for _, reason in group]
            one = row[0]
            ((remedy, _),) = Counter(reason.remedy for reason in row).most_common(1)
            gap = Gap(one.slot, row[-1].slot, one.why, remedy, one.doubles)
            found.setdefault(one.shop, []).append(gap)
        return found

    def _own(self, reason: Reason) -> bool:
        return reason.shop in self.problem.human_rooms(reason.slot)


def _over(reason: Reason) -> Reason:
    """Whatever was in the way then, nothing would help now."""
    return Reason(reason.shop, reason.slot, OVER, "what is over can't be planned any more", (), ())


def _alike(item: tuple[int, Reason]) -> tuple[object, ...]:
    place, reason = item
    return reason.shop, reason.why, reason.slot - place


def _watch(plan: Plan, run: Run) -> tuple[tuple[str, int, int], ...]:
    slots = range(run.first, run.last + 1)
    found = []
    for operator, group in groupby(slots, lambda slot: plan.duties[run.shop, slot].operator):
        watched = list(group)
        found.append((operator, watched[0], watched[-1]))
    return tuple(found)


def _in_order(
    problem: Problem, shop: Shop, stays: Mapping[str, list[Stay]], gaps: Mapping[str, list[Gap]]
) -> tuple[Block, ...]:
    own = [slot for slot in sorted(problem.human.slots) if shop.id in problem.human_rooms(slot)]
    blocks: list[Block] = [*stays.get(shop.id, []), *gaps.get(shop.id, [])]
    blocks += [OwnHours(*stretch) for stretch in stretches(own)]
    return tuple(sorted(blocks, key=lambda block: block.first))
