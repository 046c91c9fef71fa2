"""The day as JSON for machines; and a plan read back from it, to be compared with a newer one."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.plan import Cell, Duty, Plan
from orchestrator.planner.score import GRAINS
from orchestrator.planview.changes import Changed
from orchestrator.planview.sheet import UNPROVEN, Gap, Lane, OwnHours, Promise, Sheet, Stay
from orchestrator.planview.summary import hindrance
from orchestrator.planview.words import end_of

YUAN = 100 * GRAINS


def document(sheet: Sheet) -> dict[str, Any]:
    """Everything on the sheet. Times are ISO 8601 with the day's own offset."""
    slots = sheet.problem.slots
    bounded = sheet.bound != UNPROVEN
    left = max(0.0, sheet.bound - sheet.value)
    return {
        "day": slots[0].begin.date().isoformat(),
        "zone": str(slots[0].begin.tzinfo),
        "begins": slots[0].begin.isoformat(),
        "ends": end_of(slots[-1]).isoformat(),
        "since": None if sheet.since is None else slots[sheet.since].begin.isoformat(),
        "contracts_met": not sheet.unmet,
        "lacking_minutes": sheet.lacking,
        "value_yuan": round(sheet.value / YUAN, 2),
        "value_parts_yuan": {
            part: round(worth / YUAN, 2) for part, worth in asdict(sheet.parts).items()
        },
        "bound_yuan": round(sheet.bound / YUAN, 2) if bounded else None,
        "gap_percent": round(100 * left / sheet.bound, 3) if bounded and sheet.bound > 0 else None,
        "contracts": _contracts(sheet),
        "personas": [
            {"persona": persona, "name": sheet.names.persona(persona), "on_air_minutes": minutes}
            for persona, minutes in sheet.on_air.items()
        ],
        "shops": [_shop(sheet, lane) for lane in sheet.lanes],
        "operators": _operators(sheet),
        "slots": _slots(sheet),
        "changes": [_change(sheet, change) for change in sheet.changes],
    }


def _contracts(sheet: Sheet) -> list[dict[str, Any]]:
    return [
        {
            "brand": promise.contract.brand,
            "name": sheet.names.brand(promise.contract.brand),
            "met": promise.met,
            "planned_minutes": promise.planned,
            "minimum_minutes": promise.contract.minimum,
            "maximum_minutes": promise.contract.maximum,
            "prime_minutes": promise.prime,
            "prime_percent_agreed": promise.contract.prime_percent,
            "lacks_minutes": promise.lacks,
            "lacks_prime_minutes": promise.lacks_prime,
            **_conflict(sheet, promise),
        }
        for promise in sheet.promises
    ]


def _conflict(sheet: Sheet, promise: Promise) -> dict[str, Any]:
    """The rules that conflict, and what is known of them; where none are, what is in the way."""
    conflict = sheet.conflict(promise.contract.brand)
    if conflict is None:
        in_the_way = None if promise.met else hindrance(sheet, promise)
        return {"conflict": [], "conflict_proven": None, "in_the_way": in_the_way}
    return {
        "conflict": [asdict(part) for part in conflict.parts],
        "conflict_proven": {
            "conflicts": conflict.proven,
            "needs_every_rule": conflict.irreducible,
            "no_smaller_set": conflict.smallest,
        },
        "in_the_way": None,
    }


def _shop(sheet: Sheet, lane: Lane) -> dict[str, Any]:
    return {
        "shop": lane.shop.id,
        "name": sheet.names.shop(lane.shop.id),
        "brand": lane.shop.brand,
        "platform": lane.shop.platform,
        "stays": [_stay(sheet, block) for block in lane.stays],
        "in_person": [
            _when(sheet, b.first, b.last) for b in lane.blocks if isinstance(b, OwnHours)
        ],
        "empty": [
            {
                **_when(sheet, block.first, block.last),
                "why": block.why,
                "remedy": block.remedy,
                "doubles": dict(block.doubles),
            }
            for block in lane.blocks
            if isinstance(block, Gap)
        ],
    }


def _stay(sheet: Sheet, stay: Stay) -> dict[str, Any]:
    watch = [{"operator": who, **_when(sheet, first, last)} for who, first, last in stay.watch]
    return {
        **_when(sheet, stay.first, stay.last),
        "persona": stay.persona,
        "fit_percent": stay.choice.fit,
        "sells_yuan": round(stay.choice.sells / YUAN, 2),
        "costs_yuan": round(stay.choice.costs / YUAN, 2),
        "fits_better": [
            {"persona": better.persona, "fit_percent": better.fit, "why_not": better.rule}
            for better in stay.choice.better
        ],
        "watch": watch,
    }


def _operators(sheet: Sheet) -> list[dict[str, Any]]:
    return [
        {
            "operator": load.operator,
            "name": sheet.names.operator(load.operator),
            "most_rooms": load.most,
            "rooms": load.rooms,
        }
        for load in sheet.loads
    ]


def _slots(sheet: Sheet) -> list[dict[str, Any]]:
    fleet = sheet.fleet
    return [
        {
            "begins": slot.begin.isoformat(),
            "minutes": slot.minutes,
            "prime": slot.prime,
            "doubles": fleet.doubles[slot.number],
            "in_person": fleet.human[slot.number],
            "fleet": fleet.capacity[slot.number],
        }
        for slot in sheet.problem.slots
    ]


def _change(sheet: Sheet, change: Changed) -> dict[str, Any]:
    return {
        **_when(sheet, change.first, change.last),
        "shop": change.shop,
        "before": _duty(change.before),
        "after": _duty(change.after),
        "rule": change.rule,
        "why": change.why,
    }


def _duty(duty: Duty | None) -> dict[str, str] | None:
    return None if duty is None else {"persona": duty.persona, "operator": duty.operator}


def _when(sheet: Sheet, first: int, last: int) -> dict[str, str]:
    slots = sheet.problem.slots
    return {"begins": slots[first].begin.isoformat(), "ends": end_of(slots[last]).isoformat()}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Watch(_Part):
    operator: str
    begins: datetime
    ends: datetime


class _Stay(_Part):
    persona: str
    watch: tuple[_Watch, ...]


class _Shop(_Part):
    shop: str
    stays: tuple[_Stay, ...]


class _Slot(_Part):
    begins: datetime


class Kept(_Part):
    """What of a document is read back. pydantic's `ValidationError` says what is wrong in it."""

    ends: datetime
    slots: tuple[_Slot, ...]
    shops: tuple[_Shop, ...]

    @property
    def begins(self) -> tuple[float, ...]:
        """When each slot begins, in wall-clock seconds."""
        return tuple(slot.begins.timestamp() for slot in self.slots)

    @property
    def plan(self) -> Plan:
        """The plan, on the document's own slots."""
        return Plan(dict(self._cells()))

    def _cells(self) -> Iterator[tuple[Cell, Duty]]:
        edges = self.begins
        for shop in self.shops:
            for stay in shop.stays:
                for watch in stay.watch:
                    begins, ends = watch.begins.timestamp(), watch.ends.timestamp()
                    for slot, edge in enumerate(edges):
                        if begins <= edge < ends:
                            cell = ShopId(shop.shop), slot
                            yield cell, Duty(PersonaId(stay.persona), watch.operator)
