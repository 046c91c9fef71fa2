"""What ends or falls short one day: contracts, consents, plans, the certificates of our servers.

Looked for by a thread of its own, now and then while this coordinator leads: matrix and plans are
long, and a pass doesn't wait for them. What can't be read leaves what was known. All of it is read
from the store, so that a coordinator that has just begun knows what was on air before.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from orchestrator.clock import Clock
from orchestrator.coordinator.contracts import Hours, hours, planned_whole
from orchestrator.domain.matrix import Matrix
from orchestrator.errors import BroadcastError
from orchestrator.ids import FencingToken
from orchestrator.planning.book import broadcast_day, matrix_in
from orchestrator.store.airings import Airing
from orchestrator.store.plans import PlanRecord
from orchestrator.store.store import Store
from orchestrator.telemetry.metrics import (
    CERTIFICATE_EXPIRY,
    CONSENT_EXPIRY,
    CONTRACT_AIRED,
    CONTRACT_EXPECTED,
    CONTRACT_PLANNED,
    CONTRACT_REQUIRED,
    PLAN_END,
    PLAN_FAILED,
    Reading,
)

log = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
STANDING_SECONDS = 600.0
"""How long it is believed what was on air when the day began. To find out takes a look over all the
days that streams have been on air for, and reports may have been late."""

Certificate = Callable[[], float | None]
"""Until when a server's is good, in wall-clock seconds; None: it has none."""


@dataclass(frozen=True)
class Agreed:
    """What is shown of it."""

    plan_ends_at: float | None = None
    """When the last planned day ends; None: days aren't planned."""
    failed: bool = False
    """Whether the day after couldn't be planned when that was tried last."""
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


class Agreements:
    """What the leader knows of it. Its pass asks; a thread looks; the probes' thread reads."""

    def __init__(self, store: Store, clock: Clock, servers: Mapping[str, Certificate]) -> None:
        """`servers`: by their names, how to ask until when their certificates are good."""
        self._store = store
        self._servers = servers
        self._good_until: dict[str, float] = {}
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="agreements")
        self._at_work: Future[None] | None = None
        self._looked_at: float | None = None
        self._matrix: tuple[int, Matrix] | None = None
        self._whole: dict[int, bool] = {}
        """Of plans by their number; a plan's past doesn't change."""
        self._standing: tuple[float, float, frozenset[FencingToken]] | None = None
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
        self._agreed, self._good_until, self._looked_at = Agreed(), {}, None

    def close(self) -> None:
        """Look no more."""
        self._thread.shutdown(wait=True)

    def readings(self) -> Iterable[Reading]:
        """What is shown."""
        agreed = self._agreed
        if agreed.plan_ends_at is not None:
            yield Reading(PLAN_END, agreed.plan_ends_at)
            yield Reading(PLAN_FAILED, float(agreed.failed))
        for one in agreed.hours:
            yield from _of_a_contract(one)
        for server, ends_at in tuple(self._good_until.items()):
            yield Reading(CERTIFICATE_EXPIRY, ends_at, (server,))
        for persona, ends_at in agreed.consents.items():
            yield Reading(CONSENT_EXPIRY, ends_at, (persona,))

    def _look(self) -> None:
        try:
            self._ask_servers()
            self._agreed = self._read()
        except BroadcastError:
            return  # the passes say what is wrong with Redis or the store
        except Exception:  # the thread's boundary: the next look may go well
            log.exception("agreements can't be read", extra={"action": "metrics"})

    def _ask_servers(self) -> None:
        for server, certificate in self._servers.items():
            with suppress(BroadcastError):  # who can't be reached is missed by the passes
                ends_at = certificate()
                if ends_at is not None:
                    self._good_until[server] = ends_at

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
            failed=outlook.trouble is not None,
            hours=tuple(self._hours(matrix, [r for r in records if self._whole[r.number]])),
            consents=consents(matrix),
        )

    def _hours(self, matrix: Matrix, records: Sequence[PlanRecord]) -> Iterator[Hours]:
        if all(brand.contract is None for brand in matrix.brands):
            return
        wall = self._clock.wall()
        for record in records:
            yield from hours(matrix, record, wall, self._on_air(record.day.begins[0], wall))

    def _on_air(self, begin: float, end: float) -> Sequence[Airing]:
        """Since the day began, if it has."""
        if begin >= end:
            return ()
        known, now = self._standing, self._clock.monotonic()
        if known is None or known[0] != begin or now - known[1] >= STANDING_SECONDS:
            known = self._standing = begin, now, self._store.airings.standing(begin)
        return self._store.airings.between(begin, end, known[2])

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


def _of_a_contract(one: Hours) -> Iterator[Reading]:
    labels = (one.brand, one.day.isoformat())
    yield Reading(CONTRACT_PLANNED, one.planned, labels)
    yield Reading(CONTRACT_AIRED, one.aired, labels)
    yield Reading(CONTRACT_EXPECTED, one.expected, labels)
    yield Reading(CONTRACT_REQUIRED, one.required, labels)


def _days(first: date, last: date) -> Sequence[date]:
    return [first + timedelta(days=n) for n in range(min(7, (last - first).days + 1))]
