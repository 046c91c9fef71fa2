"""What brands get of the hours that were agreed: planned, had so far, and still to come. Pure.

A contract is measured on days that were planned whole. A day that was running already when its
first plan was made has no hours that could be compared. Time counts where the plan has a double in
a brand's shop: what is to come by the plan, what is over by what was really on air then. So a room
that is off air costs its brand hours, and one that is on air beyond its plan makes up for none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from orchestrator.domain.matrix import Matrix
from orchestrator.domain.spelling import minutes_of_hours
from orchestrator.store.airings import Airing
from orchestrator.store.plans import DayPlan, PlanRecord

Stretch = tuple[float, float]
"""From when to when, in wall-clock seconds."""


@dataclass(frozen=True)
class Hours:
    """A brand's time on air on one day, in seconds."""

    brand: str
    day: date
    planned: float
    required: float
    aired: float = 0.0
    """Of the planned time that is over: what was really on air."""
    to_come: float = 0.0
    """The planned time that isn't over."""

    @property
    def expected(self) -> float:
        """What it gets, if all goes well from now on."""
        return self.aired + self.to_come


def hours(
    matrix: Matrix, record: PlanRecord, now: float, on_air: Iterable[Airing] = ()
) -> tuple[Hours, ...]:
    """What each brand that has a contract gets on a day."""
    aired: dict[str, list[Stretch]] = {}
    for one in on_air:
        aired.setdefault(one.stream, []).append((one.begins_at, one.ends_at))
    planned = _planned(matrix, record.day)
    return tuple(
        Hours(
            brand.id,
            record.day.day,
            sum(_seconds(stretches) for stretches in planned[brand.id].values()),
            60.0 * minutes_of_hours(brand.contract.minimum_hours),
            sum(
                _seconds(_both(_until(stretches, now), aired.get(shop, ())))
                for shop, stretches in planned[brand.id].items()
            ),
            sum(_seconds(_since(stretches, now)) for stretches in planned[brand.id].values()),
        )
        for brand in matrix.brands
        if brand.contract is not None
    )


def planned_whole(record: PlanRecord, before: Iterable[PlanRecord]) -> bool:
    """Whether the day had a plan when it began: this one, or one of those before."""
    begins = record.day.begins[0]
    of_the_day = (one for one in before if one.day.day == record.day.day)
    return any(one.made_at <= begins for one in (record, *of_the_day))


def _planned(matrix: Matrix, day: DayPlan) -> Mapping[str, Mapping[str, Sequence[Stretch]]]:
    """By brand and shop."""
    brands = {shop.id: shop.brand for shop in matrix.shops}
    edges = (*day.begins, day.ends_at)
    found: dict[str, dict[str, list[Stretch]]] = {brand.id: {} for brand in matrix.brands}
    for shop, slot in day.plan.duties:
        if shop in brands and slot + 1 < len(edges):
            stretches = found[brands[shop]].setdefault(shop, [])
            stretches.append((edges[slot], edges[slot + 1]))
    return found


def _until(stretches: Iterable[Stretch], now: float) -> Iterator[Stretch]:
    return ((first, min(last, now)) for first, last in stretches if first < now)


def _since(stretches: Iterable[Stretch], now: float) -> Iterator[Stretch]:
    return ((max(first, now), last) for first, last in stretches if last > now)


def _both(some: Iterable[Stretch], others: Sequence[Stretch]) -> Iterator[Stretch]:
    for first, last in some:
        for begins, ends in others:
            if begins < last and ends > first:
                yield max(first, begins), min(last, ends)


def _seconds(stretches: Iterable[Stretch]) -> float:
    return sum(last - first for first, last in stretches)
