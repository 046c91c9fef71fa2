"""A rig's streams with contracts: a matrix in which their brands have some, and a plan of hours.

put_in_force(fleet.store, fleet.specs, {"suyun": 3, "moran": 4}, begins_at)
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import yaml

from orchestrator.clock import utc
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.plan import Duty, Plan
from orchestrator.store.plans import DayPlan
from orchestrator.store.store import Store
from tests.support.matrices import AGREED, a_brand, a_persona, a_shop, an_operator

SLOT = 1800.0
SLOTS = 8


def put_in_force(
    store: Store, specs: Sequence[StreamSpec], hours: Mapping[str, float], begins_at: float
) -> None:
    """Let these be desired, on a day that begins then, and was planned before.

    Every shop has a double for four hours. Until midnight and after it: the day after has the same.
    """
    plan = Plan(
        {
            (ShopId(spec.stream), slot): Duty(PersonaId("sweet"), "zhou")
            for spec in specs
            for slot in range(SLOTS)
        }
    )
    begins = tuple(begins_at + SLOT * slot for slot in range(SLOTS))
    today = utc(begins_at).date()
    days = [
        _day(today + timedelta(days=after), begins, plan)
        for after in range(-1, 3)  # whichever day it is where the streamer lives
    ]
    document = _document(specs, hours)
    store.plans.put(document, specs, {}, days, by="test", now=begins_at - 60)


def _day(day: date, begins: tuple[float, ...], plan: Plan) -> DayPlan:
    return DayPlan(day, begins, begins[-1] + SLOT, "Asia/Shanghai", plan, "p", 1, 1.0, 0)


def _document(specs: Sequence[StreamSpec], hours: Mapping[str, float]) -> str:
    brands = {spec.brand_id: _brand(spec.brand_id, hours) for spec in specs}
    consents = {"likeness": AGREED, "voice": AGREED}
    tree = {
        "plan": {},
        "streamer": {"id": "linna", "name": "林娜", "consents": consents},
        "operators": [an_operator()],
        "personas": [a_persona("sweet")],
        "brands": list(brands.values()),
        "shops": [a_shop(spec.stream, brand=spec.brand_id) for spec in specs],
    }
    return yaml.safe_dump(tree, allow_unicode=True)


def _brand(brand: str, hours: Mapping[str, float]) -> dict[str, object]:
    if brand not in hours:
        return a_brand(brand)
    return a_brand(brand, contract={"minimum_hours": hours[brand], "maximum_hours": 20})
