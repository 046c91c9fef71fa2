"""What ends or falls short one day: contracts, consents, plans, and Redis' certificate.

Looked for by a thread of its own, now and then while this coordinator leads: matrix and plans are
long, and a pass doesn't wait for them. What can't be read leaves what was known.

A contract is measured on days that were planned whole. A day that was running already when its
first plan was made has no hours that could be compared.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from orchestrator.clock import Clock
from orchestrator.domain.matrix import Matrix
from orchestrator.domain.spelling import minutes_of_hours
from orchestrator.errors import BroadcastError
from orchestrator.planning.book import broadcast_day, matrix_in
from orchestrator.store.plans import DayPlan, PlanRecord
from orchestrator.store.store import Store
from orchestrator.telemetry.metrics import (
    CERTIFICATE_EXPIRY,
    CONSENT_EXPIRY,
    CONTRACT_PLANNED,
    CONTRACT_REQUIRED,
    PLAN_END,
    Reading,
)

log = logging.getLogger(__name__)

LOOK_SECONDS = 30.0


@dataclass(frozen=True)
class Hours:
    """A brand's time on air on one day, in seconds."""

    brand: str
    day: date
    planned: float
    required: float


@dataclass(frozen=True)
class Agreed:
    """What is shown of it."""

    plan_ends_at: float | None = None
    """When the last planned day ends; None: days aren't planned."""
    hours: tuple[Hours, ...] = ()
    consents: Mapping[str, float] = field(default_factory=dict)
    """By double: when its person's consent ends, in wall-clock seconds."""


def consents(matrix: Matrix) -> Mapping[str, float]:
    """When each double's consent ends, by the clock on the wall where the streamer lives."""
    zone = ZoneInfo(matrix.streamer.time_zone)
    return {
        persona.id: until.replace(tzinfo=zone).timestamp()
        for persona in matrix.personas
        if (until := persona.consent_until) is not None
    }


def hours(matrix: Matrix, record: PlanRecord) -> tuple[Hours, ...]:
    """What a day's plan gives to each brand that has a contract."""
    planned = _planned_seconds(matrix, record.day)
    return tuple(
        Hours(
            brand.id,
            record.day.day,
            planned[brand.id],
            60.0 * minutes_of_hours(brand.contract.minimum_hours),
        )
        for brand in matrix.brands
        if brand.contract is not None
    )


def _planned_seconds(matrix: Matrix, day: DayPlan) -> Mapping[str, float]:
    brands = {shop.id: shop.brand for shop in matrix.shops}
    edges = (*day.begins, day.ends_at)
    found: dict[str, float] = dict.fromkeys((brand.id for brand in matrix.brands), 0.0)
    for shop, slot in day.plan.duties:
        if shop in brands and slot + 1 < len(edges):
            found[brands[shop]] += edges[slot + 1] - edges[slot]
    return found


def planned_whole(record: PlanRecord, before: Iterable[PlanRecord]) -> bool:
    """Whether the day had a plan when it began: this one, or one of those before."""
    begins = record.day.begins[0]
    of_the_day = (one for one in before if one.day.day == record.day.day)
    return any(one.made_at <= begins for one in (record, *of_the_day))


class Agreements:
    """What the leader knows of it. Its pass asks; a thread looks; the probes' thread reads."""

    def __init__(self, store: Store, clock: Clock, certificate: Callable[[], float | None]) -> None:
        """`certificate`: until when Redis' is good, if it has one."""
        self._store = store
        self._certificate = certificate
        self._good_until: float | None = None
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="agreements")
        self._at_work: Future[None] | None = None
        self._looked_at: float | None = None
        self._matrix: tuple[int, Matrix] | None = None
        self._whole: dict[int, bool] = {}
        """Of plans by their number; a plan's past doesn't change."""
        self._agreed = Agreed()

    def look(self) -> None:
        """Begin to look, if it is time to."""
        now = self._clock.monotonic()
        lately = self._looked_at is not None and now - self._looked_at < LOOK_SECONDS
        if lately or (self._at_work is not None and not self._at_work.done()):
            return
        self._looked_at = now
        self._at_work = self._thread.submit(self._look)

    def stand_by(self) -> None:
        """Another coordinator leads."""
        self._agreed, self._good_until, self._looked_at = Agreed(), None, None

    def close(self) -> None:
        """Look no more."""
        self._thread.shutdown(wait=True)

    def readings(self) -> Iterable[Reading]:
        """What is shown."""
        agreed = self._agreed
        if agreed.plan_ends_at is not None:
            yield Reading(PLAN_END, agreed.plan_ends_at)
        for one in agreed.hours:
            labels = (one.brand, one.day.isoformat())
            yield Reading(CONTRACT_PLANNED, one.planned, labels)
            yield Reading(CONTRACT_REQUIRED, one.required, labels)
        if self._good_until is not None:
            yield Reading(CERTIFICATE_EXPIRY, self._good_until, ("redis",))
        for persona, ends_at in agreed.consents.items():
            yield Reading(CONSENT_EXPIRY, ends_at, (persona,))

    def _look(self) -> None:
        try:
            self._good_until = self._certificate()
            self._agreed = self._read()
        except BroadcastError:
            return  # the passes say what is wrong with Redis or the store
        except Exception:  # the thread's boundary: the next look may go well
            log.exception("agreements can't be read", extra={"action": "metrics"})

    def _read(self) -> Agreed:
        matrix = self._matrix_in_force()
        if matrix is None:
            return Agreed()
        outlook = self._store.plans.outlook()
        if outlook is None:
            return Agreed(consents=consents(matrix))
        today = broadcast_day(matrix, self._clock.wall())
        latest = (self._store.plans.latest(day) for day in _days(today, outlook.day))
        records = [record for record in latest if record is not None]
        self._whole = {record.number: self._planned_whole(record) for record in records}
        return Agreed(
            plan_ends_at=outlook.ends_at,
            hours=tuple(one for r in records if self._whole[r.number] for one in hours(matrix, r)),
            consents=consents(matrix),
        )

    def _planned_whole(self, record: PlanRecord) -> bool:
        known = self._whole.get(record.number)
        if known is not None:
            return known
        return planned_whole(record, ()) or planned_whole(record, self._store.plans.history())

    def _matrix_in_force(self) -> Matrix | None:
        record = self._store.matrices.latest()
        if record is None:
            return None
        if self._matrix is None or self._matrix[0] != record.revision:
            self._matrix = record.revision, matrix_in(record.document)
        return self._matrix[1]


def _days(first: date, last: date) -> Sequence[date]:
    return [first + timedelta(days=n) for n in range(min(7, (last - first).days + 1))]
