"""Small days to be shown, made by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.plan import Duty, Plan
from orchestrator.planner.problem import (
    Brand,
    Contract,
    Human,
    Operator,
    Persona,
    Platform,
    Prices,
    Problem,
    Shop,
    Slot,
)
from orchestrator.planner.score import score
from orchestrator.planview.names import Names
from orchestrator.planview.sheet import Sheet

LIN, MEI = PersonaId("lin"), PersonaId("mei")
TEA, POT = ShopId("tea-douyin"), ShopId("pot-taobao")
LEAF, CLAY = BrandId("leaf"), BrandId("clay")
NAMES = Names(
    "林娜",
    {"lin": "甜美", "mei": "知性"},
    {"leaf": "漫坡茶舍", "clay": "暖釜厨电"},
    {"tea-douyin": "漫坡茶舍小院", "pot-taobao": "暖釜厨电研究所"},
    {"wu": "吴样例", "li": "李假例"},
)


def slots(begin: datetime, count: int, minutes: int = 30) -> tuple[Slot, ...]:
    """Slots along the real timeline."""
    zone, first = begin.tzinfo, begin.astimezone(UTC)
    step = timedelta(minutes=minutes)
    return tuple(
        Slot(n, (first + n * step).astimezone(zone), minutes, prime=n >= count // 2)
        for n in range(count)
    )


def shanghai(hour: int = 18) -> datetime:
    return datetime(2026, 11, 22, hour, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def a_problem(count: int = 8, begin: datetime | None = None, **changes: Any) -> Problem:
    """Two doubles, two shops of two brands, two operators; the tea room is the streamer's last."""
    every = frozenset(range(count))
    crew = frozenset({"wu", "li"})
    plain = Problem(
        slots=slots(begin or shanghai(), count),
        personas=(Persona(LIN, longest_run=3), Persona(MEI)),
        brands=(Brand(LEAF, "茶饮"), Brand(CLAY, "厨房小电")),
        shops=(
            Shop(TEA, LEAF, "douyin", "leaf", every, (10_000,) * count, crew),
            Shop(POT, CLAY, "taobao", "clay", every, (20_000,) * count, crew),
        ),
        platforms=(Platform("douyin"), Platform("taobao")),
        operators=(Operator("wu", every, 2), Operator("li", every, 1)),
        capacity=(2,) * count,
        contracts=(Contract(LEAF, 60, 240, 20), Contract(CLAY, 180)),
        human=Human(frozenset({count - 1}), frozenset({TEA})),
        fit={(MEI, TEA): 80},
        prices=Prices(stream_hour=600, switch=100),
    )
    return replace(plain, **changes)


PLAN: Mapping[tuple[ShopId, int], Duty] = {
    **{(TEA, slot): Duty(LIN, "wu") for slot in (0, 1, 2)},
    **{(TEA, slot): Duty(MEI, "li") for slot in (3, 4)},
    **{(POT, slot): Duty(MEI, "wu") for slot in (2, 3)},
}


def a_sheet(problem: Problem | None = None, **changes: Any) -> Sheet:
    """A plan that leaves the pots' contract unmet."""
    found = problem or a_problem()
    plan = changes.pop("plan", Plan(PLAN))
    plain = Sheet(found, plan, NAMES, score(found, plan).value)
    return replace(plain, **changes)
