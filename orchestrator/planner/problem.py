"""A day to be planned, as values. Everything that a plan depends on is in here, and nothing else.

Slots are numbered from 0; wherever a set of slots is asked for, it holds such numbers. Money is in
cents, fit in per cent, time in minutes: whole numbers, so that sums are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from orchestrator.ids import BrandId, PersonaId, ShopId


@dataclass(frozen=True)
class Slot:
    """A stretch of the day. `begin` is aware, so that days may change the clocks."""

    number: int
    begin: datetime
    minutes: int
    prime: bool = False


@dataclass(frozen=True)
class Persona:
    """A double: what it can, where it may be, how long it stays. None means: no limit."""

    id: PersonaId
    skills: frozenset[str] = frozenset()
    brands: frozenset[BrandId] | None = None
    platforms: frozenset[str] | None = None
    longest_run: int | None = None
    """Slots in a row in one room."""
    rest: int = 1
    """Slots that it then stays away from that room, at least."""
    consent: frozenset[int] | None = None
    """The slots in which the person's consent holds."""


class Exclusivity(StrEnum):
    """What a brand has bought: who or what stays away from its competitors, and when."""

    NONE = "none"
    PERSONA_SAME_TIME = "persona, same time"
    PERSONA_ALL_DAY = "persona, all day"
    STREAMER_SAME_TIME = "streamer, same time"
    STREAMER_ALL_DAY = "streamer, all day"

    @property
    def of_streamer(self) -> bool:
        """Whether all doubles count as one."""
        return self in (Exclusivity.STREAMER_SAME_TIME, Exclusivity.STREAMER_ALL_DAY)

    @property
    def all_day(self) -> bool:
        return self in (Exclusivity.PERSONA_ALL_DAY, Exclusivity.STREAMER_ALL_DAY)

    @property
    def bought(self) -> str:
        """What was bought, in words."""
        who = "the streamer is" if self.of_streamer else "its doubles are"
        return f"that {who} with no competitor {'all day' if self.all_day else 'at the same time'}"


@dataclass(frozen=True)
class Brand:
    """A customer. Its competitors are its rivals, by name, and the other brands of its category."""

    id: BrandId
    category: str = ""
    rivals: frozenset[BrandId] = frozenset()
    exclusivity: Exclusivity = Exclusivity.NONE


@dataclass(frozen=True)
class Contract:
    """Minutes that doubles are on air for a brand, in all its shops together."""

    brand: BrandId
    minimum: int = 0
    maximum: int | None = None
    prime_percent: int = 0
    """At least this share of the planned minutes lies in prime time."""


@dataclass(frozen=True)
class Shop:
    """A room on a platform. `worth`: what a perfect double sells in an hour, by slot, in cents."""

    id: ShopId
    brand: BrandId
    platform: str
    owner: str
    open: frozenset[int]
    worth: tuple[int, ...]
    operators: frozenset[str]
    skills: frozenset[str] = frozenset()
    cleared: bool = True
    """Whether it meets the conditions that its platform may put on doubles."""
    personas: frozenset[PersonaId] | None = None
    """The only doubles that the shop wants; None: any that may be there."""


class Standing(StrEnum):
    """What a platform thinks of digital humans."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True)
class Platform:
    """A platform's rules, as far as a plan has to know them."""

    id: str
    standing: Standing = Standing.ALLOWED
    rooms_per_owner: int | None = None
    """How many rooms one owner may have on air at once."""


@dataclass(frozen=True)
class Operator:
    """A named human who watches rooms while on shift."""

    id: str
    shift: frozenset[int]
    most_rooms: int


@dataclass(frozen=True)
class Human:
    """The streamer's own hours: which shops carry them, and whether doubles are on air beside."""

    slots: frozenset[int] = frozenset()
    shops: frozenset[ShopId] = frozenset()
    doubles_beside: bool = True


@dataclass(frozen=True)
class Prices:
    """What the soft aims weigh, in cents."""

    stream_hour: int = 0
    """What an hour on air costs."""
    switch: int = 0
    """What it costs a room to change doubles while on air."""
    fairness: int = 0
    """What a per cent is worth, of the contracted brand whose maximum is served least."""


@dataclass(frozen=True)
class Problem:
    """The whole day."""

    slots: tuple[Slot, ...]
    personas: tuple[Persona, ...]
    brands: tuple[Brand, ...]
    shops: tuple[Shop, ...]
    platforms: tuple[Platform, ...]
    operators: tuple[Operator, ...]
    capacity: tuple[int, ...]
    """Streams that the fleet can carry, by slot; the human's rooms count too."""
    contracts: tuple[Contract, ...] = ()
    human: Human = Human()
    fit: Mapping[tuple[PersonaId, ShopId], int] = field(default_factory=dict)
    """How well a double sells in a shop, in per cent; 100 where nothing is said."""
    prices: Prices = Prices()
    before: Mapping[ShopId, Mapping[int, PersonaId]] = field(default_factory=dict)
    """Who was in a room in the slots before the day, counted back from its edge: −1 is the last
    one. Runs and rests go on over the edge; a change of doubles there is no day's switch."""

    @cached_property
    def shop(self) -> Mapping[ShopId, Shop]:
        return {shop.id: shop for shop in self.shops}

    @cached_property
    def persona(self) -> Mapping[PersonaId, Persona]:
        return {persona.id: persona for persona in self.personas}

    @cached_property
    def brand(self) -> Mapping[BrandId, Brand]:
        return {brand.id: brand for brand in self.brands}

    @cached_property
    def platform(self) -> Mapping[str, Platform]:
        return {platform.id: platform for platform in self.platforms}

    @cached_property
    def operator(self) -> Mapping[str, Operator]:
        return {operator.id: operator for operator in self.operators}

    def at(self, slot: int) -> str:
        """The hour a slot begins at, as people say it."""
        return self.slots[slot].begin.strftime("%H:%M")

    def rivals(self, one: BrandId, other: BrandId) -> bool:
        """Whether either has named the other as its rival."""
        return other in self.brand[one].rivals or one in self.brand[other].rivals

    def competitors(self, one: BrandId, other: BrandId) -> bool:
        """Rivals, or two brands of one category."""
        a, b = self.brand[one], self.brand[other]
        same = bool(a.category) and a.category == b.category
        return one != other and (same or self.rivals(one, other))

    def human_rooms(self, slot: int) -> frozenset[ShopId]:
        """The shops in which the streamer is in person then."""
        return self.human.shops if slot in self.human.slots else frozenset()
