"""The day as a model for CP-SAT: x[shop, slot, persona] is 1 where that double is in that cell.

Some shops are free and the others stay as they are in a given plan, so that the same model solves
a whole day and a neighborhood of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Any

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.eligible import closed, unfit
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Exclusivity, Problem, Shop
from orchestrator.planner.score import GRAINS, sale, upkeep

Linear = Any
"""A sum of the solver's variables, or a plain number."""


class Model:
    """The variables and rules of a day, or of some shops of it."""

    def __init__(
        self,
        problem: Problem,
        plan: Plan,
        free: Collection[tuple[ShopId, int]],
        since: int = 0,
    ) -> None:
        from ortools.sat.python import cp_model

        self.problem, self.plan, self.since = problem, plan, since
        self.cp = cp_model.CpModel()
        self.x: dict[tuple[ShopId, int, PersonaId], Any] = {}
        self.on: dict[tuple[ShopId, int], Linear] = {}
        for shop in problem.shops:
            for slot in shop.open:
                self._cell(shop, slot, (shop.id, slot) in free)
        self.lacks = [lack for contract in problem.contracts for lack in self._contract(contract)]
        self.lack: Linear = sum(self.lacks)
        self._owners()
        self._capacity()
        self._operators()
        for shop in problem.shops:
            if any((shop.id, slot) in free for slot in shop.open):
                self._rest(shop)
        self._exclusive()
        self.value: Linear = self._value(free)

    def _cell(self, shop: Shop, slot: int, free: bool) -> None:
        problem, duty = self.problem, self.plan.duties.get((shop.id, slot))
        if not free:
            self.on[shop.id, slot] = int(duty is not None)
            if duty is not None:
                self.x[shop.id, slot, duty.persona] = 1
            return
        if closed(problem, shop, slot) is not None:
            self.on[shop.id, slot] = 0
            return
        able = [p.id for p in problem.personas if unfit(shop, p, slot) is None]
        mine = [self.cp.new_bool_var("") for _ in able]
        self.x |= {(shop.id, slot, name): var for name, var in zip(able, mine, strict=True)}
        on = self.cp.new_bool_var("")
        self.cp.add_exactly_one([*mine, ~on])
        self.on[shop.id, slot] = on

    def _minutes(self, brand: BrandId, *, prime: bool = False) -> Linear:
        slots = self.problem.slots
        return sum(
            slots[t].minutes * on
            for (s, t), on in self.on.items()
            if self.problem.shop[s].brand == brand and (slots[t].prime or not prime)
        )

    def _contract(self, contract: Any) -> Iterator[Any]:
        planned = self._minutes(contract.brand)
        if contract.maximum is not None:
            self._add(planned, contract.maximum)
        if contract.minimum:
            lack = self.cp.new_int_var(0, contract.minimum, "")
            self.cp.add(planned + lack >= contract.minimum)
            yield lack
        if contract.prime_percent:
            lack = self.cp.new_int_var(0, 10**6, "")
            prime = self._minutes(contract.brand, prime=True)
            self.cp.add(100 * (prime + lack) >= contract.prime_percent * planned)
            yield lack

    def _add(self, total: Linear, most: int) -> None:
        if not isinstance(total, int):
            self.cp.add(total <= most)

    def _owners(self) -> None:
        problem, rooms = self.problem, defaultdict(list)
        for (s, t), on in self.on.items():
            rooms[problem.shop[s].platform, problem.shop[s].owner, t].append(on)
        for (platform, owner, t), ons in rooms.items():
            most = problem.platform[platform].rooms_per_owner
            if most is not None:
                human = [problem.shop[s] for s in problem.human_rooms(t)]
                taken = sum((h.platform, h.owner) == (platform, owner) for h in human)
                self._add(sum(ons), max(0, most - taken))

    def _capacity(self) -> None:
        for slot, most in enumerate(self.problem.capacity):
            total = sum(on for (_, t), on in self.on.items() if t == slot)
            self._add(total, max(0, most - len(self.problem.human_rooms(slot))))

    def _operators(self) -> None:
        """Rooms flow to operators: by slot, and by the set of operators that may watch them."""
        rooms: dict[tuple[int, frozenset[str]], list[Linear]] = defaultdict(list)
        for (s, t), on in self.on.items():
            if t >= self.since:
                rooms[t, self.problem.shop[s].operators].append(on)
        loads: dict[tuple[int, str], list[Any]] = defaultdict(list)
        for (t, team), ons in rooms.items():
            flows = []
            for name in sorted(team):
                operator = self.problem.operator.get(name)
                if operator is not None and t in operator.shift:
                    flows.append(self.cp.new_int_var(0, min(len(ons), operator.most_rooms), ""))
                    loads[t, name].append(flows[-1])
            total = sum(ons)
            if flows or not isinstance(total, int):
                self.cp.add(total == sum(flows))
        for (_, name), carried in loads.items():
            self.cp.add(sum(carried) <= self.problem.operator[name].most_rooms)

    def _rest(self, shop: Shop) -> None:
        """Longest run: no window of one slot more is full. Rest: who leaves stays away.

        What was before the day comes first, as it was.
        """
        every, earlier = range(len(self.problem.slots)), self.problem.before.get(shop.id, {})
        past = range(min(earlier, default=0), 0)
        last = len(past) + len(every)
        for persona in self.problem.personas:
            day = [int(earlier.get(t) == persona.id) for t in past]
            day += [self.x.get((shop.id, t, persona.id), 0) for t in every]
            longest = persona.longest_run
            for t in range(last if longest is not None else 0):
                window = day[t : t + (longest or 0) + 1]
                if len(window) == (longest or 0) + 1:
                    self._add(sum(window), longest or 0)
            for t in range(last):
                for later in day[t + 2 : t + persona.rest + 1]:
                    # was here, left, is back: 1 − stays ≥ was + back − 1
                    self._add(day[t] + later - day[t + 1], 1)

    def _exclusive(self) -> None:
        """Presence w[kind, persona, when, brand] ≥ x; of two that stay apart, one at most."""
        present: dict[tuple[Exclusivity, str, int], dict[BrandId, list[Linear]]] = {}
        for (s, t, p), var in self.x.items():
            brand = self.problem.shop[s].brand
            for where in _places(t, p):
                present.setdefault(where, {}).setdefault(brand, []).append(var)
        for t in self.problem.human.slots:
            for s in self.problem.human_rooms(t):
                for where in _places(t, None):
                    brands = present.setdefault(where, {})
                    brands.setdefault(self.problem.shop[s].brand, []).append(1)
        for (kind, _, _), brands in present.items():
            self._apart(kind, brands)

    def _apart(self, kind: Exclusivity, brands: dict[BrandId, list[Linear]]) -> None:
        pairs = [
            pair for pair in combinations(sorted(brands), 2) if excludes(self.problem, kind, *pair)
        ]
        seen: dict[BrandId, Any] = {}
        for brand in sorted({name for pair in pairs for name in pair}):
            seen[brand] = self.cp.new_bool_var("")
            for var in brands[brand]:
                if isinstance(var, int):
                    self.cp.add(seen[brand] == 1)
                else:
                    self.cp.add_implication(var, seen[brand])
        for one, other in pairs:
            if not (_given(brands[one]) and _given(brands[other])):
                self.cp.add_at_most_one([seen[one], seen[other]])

    def _value(self, free: Collection[tuple[ShopId, int]]) -> Linear:
        problem = self.problem
        gains = [
            (sale(problem, problem.shop[s], p, t) - upkeep(problem, t)) * var
            for (s, t, p), var in self.x.items()
        ]
        price = problem.prices.switch * GRAINS
        if price:
            gains += [-price * var for var in self._switches(free)]
        bounded = [c for c in problem.contracts if c.maximum]
        if problem.prices.fairness and bounded:
            least = self.cp.new_int_var(0, 100, "")
            for contract in bounded:
                planned = self._minutes(contract.brand)
                self.cp.add(100 * planned >= least * (contract.maximum or 1))
            gains.append(problem.prices.fairness * GRAINS * least)
        return sum(gains)

    def _switches(self, free: Collection[tuple[ShopId, int]]) -> Iterator[Any]:
        for s, t in self.on:
            if (s, t) not in free and (s, t + 1) not in free:
                duty, after = self.plan.duties.get((s, t)), self.plan.duties.get((s, t + 1))
                yield int(bool(duty and after and duty.persona != after.persona))
                continue
            after = self.on.get((s, t + 1), 0)
            if isinstance(after, int) and not after:
                continue
            switch = self.cp.new_bool_var("")
            for persona in self.problem.personas:
                here = self.x.get((s, t, persona.id), 0)
                stays = self.x.get((s, t + 1, persona.id), 0)
                if not isinstance(here, int) or here:
                    self.cp.add(switch >= here + after - stays - 1)
            yield switch


def excludes(problem: Problem, kind: Exclusivity, one: BrandId, other: BrandId) -> bool:
    """Whether two brands stay apart in this way."""
    if kind is Exclusivity.PERSONA_SAME_TIME and problem.rivals(one, other):
        return True
    bought = kind in (problem.brand[one].exclusivity, problem.brand[other].exclusivity)
    return bought and problem.competitors(one, other)


def _given(present: list[Linear]) -> bool:
    return any(isinstance(var, int) for var in present)


def _places(slot: int, persona: PersonaId | None) -> list[tuple[Exclusivity, str, int]]:
    places = [(Exclusivity.STREAMER_SAME_TIME, "", slot), (Exclusivity.STREAMER_ALL_DAY, "", -1)]
    if persona is not None:
        places.append((Exclusivity.PERSONA_SAME_TIME, persona, slot))
        places.append((Exclusivity.PERSONA_ALL_DAY, persona, -1))
    return places
