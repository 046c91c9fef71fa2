"""The problem that a matrix poses for one day: hours become slots, words become sets. Pure.

    problem = problem_of(matrix, date(2026, 11, 22))

The matrix holds together already (orchestrator.matrixfile), so every name in it is known. Where
hours and slots don't fit, what is allowed is rounded down and what is forbidden is rounded up.
"""

from collections.abc import Sequence
from datetime import date

from orchestrator.domain import matrix as declared
from orchestrator.domain.casting import asked_of, watchers_of
from orchestrator.domain.matrix import Matrix
from orchestrator.domain.planned import FleetAt, PlanSpec
from orchestrator.domain.spelling import cents, minutes_in, minutes_of_hours
from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.problem import (
    Brand,
    Contract,
    Exclusivity,
    Human,
    Operator,
    Persona,
    Platform,
    Prices,
    Problem,
    Shop,
    Standing,
)
from orchestrator.planning.hours import Grid
from orchestrator.platforms import PLATFORMS


def problem_of(matrix: Matrix, day: date) -> Problem:
    """What a plan for that day has to solve; a matrix without a plan has the defaults of one."""
    spec = matrix.plan or PlanSpec()
    grid = Grid.of(day, matrix.streamer.time_zone, spec.day_begins, spec.slot_minutes)
    shops = tuple(_shop(matrix, shop, grid) for shop in matrix.shops)
    human = _human(matrix, shops, grid)
    return Problem(
        slots=grid.slots(spec.prime_time),
        personas=tuple(_persona(persona, spec, grid) for persona in matrix.personas),
        brands=tuple(_brand(brand) for brand in matrix.brands),
        shops=shops,
        platforms=tuple(_platform(name) for name in sorted({s.platform for s in shops})),
        operators=tuple(_operator(operator, len(shops), grid) for operator in matrix.operators),
        capacity=_capacity(spec, len(shops), grid),
        contracts=tuple(_contracts(matrix)),
        human=human,
        fit={
            (PersonaId(persona), ShopId(shop.id)): percent
            for shop in matrix.shops
            for persona, percent in shop.fit.items()
        },
        prices=Prices(cents(spec.stream_hour), cents(spec.switch), cents(spec.fairness)),
    )


def _persona(persona: declared.PersonaSpec, spec: PlanSpec, grid: Grid) -> Persona:
    longest, rest, until = persona.longest_run, persona.rest, persona.consent_until
    return Persona(
        id=PersonaId(persona.id),
        skills=frozenset(persona.skills),
        brands=None if persona.brands is None else frozenset(map(BrandId, persona.brands)),
        platforms=None if persona.platforms is None else frozenset(persona.platforms),
        longest_run=None if longest is None else max(1, minutes_in(longest) // spec.slot_minutes),
        rest=1 if rest is None else max(1, -(-minutes_in(rest) // spec.slot_minutes)),
        consent=None if until is None else grid.until(until),
    )


def _brand(brand: declared.Brand) -> Brand:
    return Brand(
        id=BrandId(brand.id),
        category=brand.category or brand.trade,
        rivals=frozenset(map(BrandId, brand.rivals)),
        exclusivity=Exclusivity(brand.exclusivity.value),
    )


def _contracts(matrix: Matrix) -> Sequence[Contract]:
    return [
        Contract(
            brand=BrandId(brand.id),
            minimum=minutes_of_hours(sold.minimum_hours),
            maximum=None if sold.maximum_hours is None else minutes_of_hours(sold.maximum_hours),
            prime_percent=sold.prime_percent,
        )
        for brand in matrix.brands
        if (sold := brand.contract) is not None
    ]


def _shop(matrix: Matrix, shop: declared.Shop, grid: Grid) -> Shop:
    return Shop(
        id=ShopId(shop.id),
        brand=BrandId(shop.brand),
        platform=shop.platform,
        owner=shop.owner or shop.brand,
        open=grid.within(shop.hours),
        worth=_worth(shop, grid),
        operators=frozenset(watchers_of(matrix, shop)),
        skills=asked_of(matrix, shop),
        cleared=shop.cleared,
        personas=None if shop.persona is None else frozenset({PersonaId(shop.persona)}),
    )


def _worth(shop: declared.Shop, grid: Grid) -> tuple[int, ...]:
    by_slot = [cents(shop.worth)] * grid.count
    for special in shop.worth_at:
        for slot in grid.at_begin([special.hours]):
            by_slot[slot] = cents(special.worth)
    return tuple(by_slot)


def _platform(name: str) -> Platform:
    profile = PLATFORMS[name]
    return Platform(name, Standing(profile.stance.value), profile.rooms.per_owner)


def _operator(operator: declared.Operator, shops: int, grid: Grid) -> Operator:
    most = shops if operator.most_rooms is None else operator.most_rooms
    return Operator(operator.id, grid.within(operator.shifts), most)


def _capacity(spec: PlanSpec, shops: int, grid: Grid) -> tuple[int, ...]:
    usual = shops if spec.fleet is None else spec.fleet
    return tuple(_least(usual, spec.fleet_at, slot, grid) for slot in range(grid.count))


def _least(usual: int, special: Sequence[FleetAt], slot: int, grid: Grid) -> int:
    """What the fleet carries throughout a slot."""
    parts = [part for part in special if slot in grid.touched([part.hours])]
    covered = slot in grid.within([part.hours for part in parts])
    return min([part.streams for part in parts] + ([] if covered else [usual]))


def _human(matrix: Matrix, shops: Sequence[Shop], grid: Grid) -> Human:
    streamer = matrix.streamer
    slots = grid.touched(streamer.human_hours)
    chosen = streamer.human_shops
    if chosen is None:
        carrying = [shop.id for shop in shops if slots and slots <= shop.open]
    else:
        carrying = [ShopId(name) for name in chosen] if slots else []
    return Human(slots, frozenset(carrying), streamer.doubles_beside)
