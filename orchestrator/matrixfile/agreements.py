"""What a plan would reject for its contracts: hours that the shops' own hours can't hold."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from orchestrator.domain.matrix import Brand, Matrix
from orchestrator.domain.planned import Contract, PlanSpec
from orchestrator.domain.spelling import minutes_of_hours
from orchestrator.errors import Problem
from orchestrator.matrixfile.timetable import with_doubles
from orchestrator.matrixfile.tree import Tree
from orchestrator.matrixfile.wall import ALL_DAY, Minutes, hours, minutes_of, said
from orchestrator.platforms import PLATFORMS


def contracts(root: Tree, matrix: Matrix) -> Iterator[Problem]:
    """Every contract can be fulfilled, as far as its own brand's shops tell."""
    for number, brand in enumerate(matrix.brands):
        place = root.at("brands", number, "contract")
        if matrix.plan is None or brand.contract is None or place is None:
            continue
        yield from _bounds(place, brand.contract)
        yield from _open(place, matrix, brand, brand.contract)
        yield from _prime(place, matrix, brand, brand.contract)


def _bounds(place: Tree, sold: Contract) -> Iterator[Problem]:
    most = sold.maximum_hours
    if most is not None and most < sold.minimum_hours:
        yield (place.at("maximum_hours") or place).problem(
            f"the maximum is below the minimum, {sold.minimum_hours} hours.",
            "Raise maximum_hours, or lower minimum_hours.",
        )


def _open(place: Tree, matrix: Matrix, brand: Brand, sold: Contract) -> Iterator[Problem]:
    there = _room_minutes(matrix, brand)
    if minutes_of_hours(sold.minimum_hours) > there:
        yield (place.at("minimum_hours") or place).problem(
            f"the shops of {brand.id} are open for doubles for {hours(there)} hours a day, all "
            f"together (rooms of one owner on one platform in turn); the contract asks for "
            f"{sold.minimum_hours}.",
            "Extend the shops' hours, add a shop, name the shops' owners if the accounts differ, "
            "or lower minimum_hours.",
        )


def _prime(place: Tree, matrix: Matrix, brand: Brand, sold: Contract) -> Iterator[Problem]:
    spec = matrix.plan or PlanSpec()
    prime = minutes_of(spec.prime_time)
    there = _room_minutes(matrix, brand, prime)
    asked = minutes_of_hours(sold.minimum_hours) * sold.prime_percent / 100
    if sold.prime_percent and (not there or asked > there):
        when = said(prime) if prime else "which is empty"
        yield (place.at("prime_percent") or place).problem(
            f"asks for {hours(asked)} hours in prime time ({when}); the shops of {brand.id} are "
            f"open for doubles for {hours(there)} of it.",
            "Extend the shops' hours, move plan.prime_time, or lower prime_percent.",
        )


def _room_minutes(matrix: Matrix, brand: Brand, within: Minutes = ALL_DAY) -> int:
    """Minutes that doubles can be on air for a brand, in as many rooms as its platforms allow."""
    rooms: dict[tuple[str, str], list[Minutes]] = defaultdict(list)
    for shop in matrix.shops:
        if shop.brand == brand.id:
            owner = (shop.platform, shop.owner or shop.brand)
            rooms[owner].append(with_doubles(matrix, shop) & within)
    return sum(
        _at_most(PLATFORMS[platform].rooms.per_owner, there)
        for (platform, _), there in rooms.items()
    )


def _at_most(most: int | None, rooms: Sequence[Minutes]) -> int:
    """Σ over minutes of min(most, rooms that are open). Layer k: more than k rooms are open."""
    layers = [0] * min(len(rooms), len(rooms) if most is None else most)
    for room in rooms:
        for k in reversed(range(len(layers))):
            layers[k] |= room & (layers[k - 1] if k else ALL_DAY)
    return sum(layer.bit_count() for layer in layers)
