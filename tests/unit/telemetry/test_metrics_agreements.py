"""What the leader shows of contracts, consents and plans."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.coordinator.agreements import Agreements, consents
from orchestrator.coordinator.contracts import hours, planned_whole
from orchestrator.domain.matrix import Matrix
from orchestrator.errors import StoreUnavailable, WireUnreachable
from orchestrator.ids import FencingToken, PersonaId, ShopId, StreamId
from orchestrator.planner.plan import Duty, Plan
from orchestrator.planning.book import matrix_in
from orchestrator.store.airings import Airing
from orchestrator.store.plans import DayPlan, Outlook, PlanRecord, PlanTrouble
from orchestrator.store.store import Store
from tests.support.processes import eventually
from tests.unit.stream.hands import HandClock

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "deploy/demo/day.yaml").read_text(encoding="utf-8")
DAY = date(2026, 11, 23)
MIDNIGHT = 1795363200.0
"""When that day begins in Shanghai."""
SLOT = 1800.0


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return matrix_in(DOCUMENT)


def a_plan(matrix: Matrix, *, slots: int, first: int = 0) -> DayPlan:
    """The first shop of a brand with a contract, for so many slots."""
    brand = next(brand.id for brand in matrix.brands if brand.contract is not None)
    shop = ShopId(next(shop.id for shop in matrix.shops if shop.brand == brand))
    duty = Duty(PersonaId(matrix.personas[0].id), matrix.operators[0].id)
    duties = {(shop, slot): duty for slot in range(first, first + slots)}
    begins = tuple(MIDNIGHT + SLOT * n for n in range(48))
    return DayPlan(DAY, begins, MIDNIGHT + 86400, "Asia/Shanghai", Plan(duties), "p", 1, 1.0, 0)


def a_record(plan: DayPlan, made_at: float) -> PlanRecord:
    return PlanRecord(1, plan, 1, made_at, "test", True)


def planned(matrix: Matrix, record: PlanRecord) -> Mapping[str, tuple[float, float]]:
    return {one.brand: (one.planned, one.required) for one in hours(matrix, record, MIDNIGHT)}


def shop_of(plan: DayPlan) -> StreamId:
    """The one that `a_plan` plans."""
    return StreamId(next(shop for shop, _ in plan.plan.duties))


def had(matrix: Matrix, record: PlanRecord, at: float, *on_air: Airing) -> tuple[float, float]:
    """What the brand had on air at that time, and what it can expect."""
    best = max(hours(matrix, record, at, on_air), key=lambda one: one.planned)
    return best.aired, best.expected


def test_a_brand_with_a_contract_is_shown_with_what_the_plan_gives_it(matrix: Matrix) -> None:
    contracted = {b.id: b.contract for b in matrix.brands if b.contract is not None}
    found = planned(matrix, a_record(a_plan(matrix, slots=5), MIDNIGHT - 3600))
    assert set(found) == set(contracted)
    assert sorted(seconds for seconds, _ in found.values())[-1] == 5 * SLOT
    for brand, (_, required) in found.items():
        contract = contracted[brand]
        assert contract is not None
        assert required == pytest.approx(3600 * float(contract.minimum_hours))


def test_a_day_that_ran_already_when_it_was_planned_is_not_measured(matrix: Matrix) -> None:
    noon = a_record(a_plan(matrix, slots=5, first=24), MIDNIGHT + 12 * 3600)
    later = a_record(a_plan(matrix, slots=5, first=24), MIDNIGHT + 13 * 3600)
    evening_before = a_record(a_plan(matrix, slots=30), MIDNIGHT - 3600)
    assert not planned_whole(noon, ())
    assert not planned_whole(later, (noon,))
    assert planned_whole(evening_before, ())
    assert planned_whole(later, (noon, evening_before))


def test_time_off_air_is_taken_from_what_a_brand_gets(matrix: Matrix) -> None:
    record = a_record(a_plan(matrix, slots=8), MIDNIGHT - 3600)
    shop = shop_of(record.day)
    noon, evening = MIDNIGHT + 2 * 3600, MIDNIGHT + 5 * 3600
    # Planned from midnight to four; it came ten minutes late, and was off air for an hour at one.
    first = Airing(shop, MIDNIGHT + 600, MIDNIGHT + 3600)
    second = Airing(shop, MIDNIGHT + 2 * 3600 - 60, MIDNIGHT + 5 * 3600)
    elsewhere = Airing(StreamId("another"), MIDNIGHT, evening)
    assert had(matrix, record, MIDNIGHT - 60) == (0.0, 8 * SLOT)
    assert had(matrix, record, noon, first, elsewhere) == (3000.0, 3000.0 + 4 * SLOT)
    assert had(matrix, record, noon, first, second) == (3060.0, 3060.0 + 4 * SLOT)
    # What is on air after its hours makes up for nothing.
    assert had(matrix, record, evening, first, second) == (3060.0 + 4 * SLOT,) * 2


def test_a_slot_that_is_longer_counts_for_more(matrix: Matrix) -> None:
    """On days that change the clocks slots keep their length on the real timeline."""
    plan = a_plan(matrix, slots=48)
    long = replace(plan, ends_at=plan.ends_at + 3600)
    found = planned(matrix, a_record(long, MIDNIGHT))
    assert max(seconds for seconds, _ in found.values()) == 86400 + 3600


def test_a_consent_ends_with_the_end_of_its_last_day_where_the_streamer_lives(
    matrix: Matrix,
) -> None:
    first, *others = matrix.personas
    bounded = first.model_copy(update={"consent_until": datetime.fromisoformat("2026-11-23")})
    others = [persona.model_copy(update={"consent_until": None}) for persona in others]
    changed = matrix.model_copy(update={"personas": (bounded, *others)})
    assert consents(changed) == {first.id: MIDNIGHT}


class Shelf:
    """A store with one matrix and one plan, which may be away."""

    def __init__(self, record: PlanRecord) -> None:
        self.record, self.away = record, False
        self.matrices = self.plans = self.airings = self
        self.trouble: PlanTrouble | None = None
        self.document, self.revision = DOCUMENT, 1

    def latest(self, day: date | None = None) -> object:
        if self.away:
            raise StoreUnavailable("away")
        if day is None:
            return self
        return self.record if day == DAY else None

    def history(self) -> tuple[PlanRecord, ...]:
        return ()

    def outlook(self) -> Outlook:
        return Outlook(DAY, "Asia/Shanghai", self.record.day.ends_at, 1, self.trouble)

    def standing(self, at: float) -> frozenset[FencingToken]:
        assert at == MIDNIGHT
        return frozenset({FencingToken(7)})

    def between(
        self, begin: float, end: float, standing: frozenset[FencingToken]
    ) -> tuple[Airing, ...]:
        assert standing == {FencingToken(7)}
        assert end == MIDNIGHT + 12 * 3600
        return (Airing(shop_of(self.record.day), begin, begin + 600),)


class Noon(HandClock):
    def wall(self) -> float:
        return MIDNIGHT + 12 * 3600


def test_what_was_known_stays_while_the_store_is_away_and_goes_with_the_lead(
    matrix: Matrix,
) -> None:
    shelf, clock = Shelf(a_record(a_plan(matrix, slots=5), MIDNIGHT)), Noon()
    store: Store = shelf  # type: ignore[assignment]

    def nobody() -> float:
        raise WireUnreachable("away")

    agreements = Agreements(store, clock, {"redis": nobody, "store": lambda: MIDNIGHT})
    expected = {
        "plan_end_timestamp_seconds",
        "plan_failed",
        "contract_aired_seconds",
        "contract_expected_seconds",
        "contract_planned_seconds",
        "contract_required_seconds",
        "certificate_expiry_timestamp_seconds",
    }

    def names() -> set[str]:
        return {one.metric.name for one in agreements.readings()}

    try:
        agreements.look()
        assert eventually(lambda: names() >= expected, 30)
        values = {one.metric.name: one.value for one in agreements.readings()}
        assert (values["plan_failed"], values["certificate_expiry_timestamp_seconds"]) == (
            0,
            MIDNIGHT,
        )
        aired = [one.value for one in agreements.readings() if "aired" in one.metric.name]
        assert max(aired) == 600
        shelf.away = True
        clock.advance(60)
        agreements.look()
        agreements.close()
        assert names() >= expected
        agreements.stand_by()
        assert not names()
    finally:
        agreements.close()


def test_a_day_that_could_not_be_planned_is_shown_until_it_is(matrix: Matrix) -> None:
    shelf, clock = Shelf(a_record(a_plan(matrix, slots=5), MIDNIGHT)), Noon()
    store: Store = shelf  # type: ignore[assignment]
    agreements = Agreements(store, clock, {})

    def failed() -> list[float]:
        return [one.value for one in agreements.readings() if one.metric.name == "plan_failed"]

    try:
        shelf.trouble = PlanTrouble(DAY + timedelta(days=1), "nobody is on duty", MIDNIGHT)
        agreements.look()
        assert eventually(lambda: failed() == [1.0], 30)
        shelf.trouble = None
        clock.advance(60)
        agreements.look()
        assert eventually(lambda: failed() == [0.0], 30)
    finally:
        agreements.close()
