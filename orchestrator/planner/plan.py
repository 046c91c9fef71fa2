"""A plan: who is in which shop in which slot, and who watches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from orchestrator.ids import PersonaId, ShopId

Cell = tuple[ShopId, int]
"""A shop in a slot."""


@dataclass(frozen=True)
class Duty:
    """What is in a cell: the double that is on air, and the operator that answers for it."""

    persona: PersonaId
    operator: str


@dataclass(frozen=True)
class Run:
    """A double's stay in one room, from slot `first` to slot `last`, as people read a plan."""

    shop: ShopId
    persona: PersonaId
    first: int
    last: int


@dataclass(frozen=True)
class Change:
    """One cell that differs between two plans."""

    shop: ShopId
    slot: int
    before: Duty | None
    after: Duty | None


@dataclass(frozen=True)
class Plan:
    """An assignment of cells. A cell that isn't in it is empty: no double is on air there."""

    duties: Mapping[Cell, Duty]

    def __post_init__(self) -> None:
        ordered = dict(sorted(self.duties.items()))
        object.__setattr__(self, "duties", MappingProxyType(ordered))

    def runs(self) -> Iterator[Run]:
        """The plan as stays, shop by shop, in order of time."""

        def stay(item: tuple[int, tuple[Cell, Duty]]) -> tuple[ShopId, PersonaId, int]:
            place, ((shop, slot), duty) = item
            return shop, duty.persona, slot - place

        for (shop, persona, _), items in groupby(enumerate(self.duties.items()), stay):
            slots = [slot for _, ((_, slot), _) in items]
            yield Run(shop, persona, slots[0], slots[-1])

    def diff(self, later: "Plan") -> tuple[Change, ...]:
        """What has to be done to this plan to get the later one."""
        cells = sorted({*self.duties, *later.duties})
        pairs = ((cell, self.duties.get(cell), later.duties.get(cell)) for cell in cells)
        return tuple(Change(*cell, a, b) for cell, a, b in pairs if a != b)


NOTHING = Plan({})
