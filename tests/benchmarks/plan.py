"""Plan: three sizes of days; solver, greedy and rota, each as a share of the bound."""

import random
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.checker import violations
from orchestrator.planner.greedy import greedy
from orchestrator.planner.plan import Plan
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
    Slot,
)
from orchestrator.planner.rota import rota
from orchestrator.planner.score import score
from orchestrator.planner.solve import Effort, Solution, lacking, solve

SIZES = {
    "5 x 20": (5, 20, Effort(rounds=0, columns=80, whole=0.5, gap=0.003)),
    "15 x 100": (15, 100, Effort(rounds=4, columns=60, neighborhood=0.3, gap=0.005)),
    "30 x 300": (30, 300, Effort(rounds=4, columns=40, neighborhood=0.5, gap=0.01)),
}
PLATFORMS = ("douyin", "taobao", "kuaishou", "wechat-channels", "xiaohongshu")
TRADES = ("skincare", "makeup", "tea", "snacks", "kitchen", "toys", "sports", "books")
SLOTS = 48


def a_day(personas: int, shops: int, seed: int = 1) -> Problem:
    """A day of half-hours from 06:00 on. Capacity binds in prime time, operators at night."""
    chance = random.Random(seed)
    begin = datetime(2026, 11, 22, 6, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    begins = [begin + timedelta(minutes=30 * n) for n in range(SLOTS)]
    slots = tuple(Slot(n, b, 30, prime=19 <= b.hour < 23) for n, b in enumerate(begins))
    brands = _brands(chance, max(4, shops // 4))
    teams = _operators(chance, shops)
    doubles = tuple(_persona(chance, n, brands) for n in range(personas))
    rooms = tuple(_shop(chance, n, slots, brands, sorted(teams)) for n in range(shops))
    human = Human(frozenset(range(28, 32)), frozenset(s.id for s in rooms[: max(1, shops // 10)]))
    return Problem(
        slots=slots,
        personas=doubles,
        brands=brands,
        shops=rooms,
        platforms=tuple(Platform(name, rooms_per_owner=1) for name in PLATFORMS),
        operators=tuple(o for team in teams.values() for o in team),
        capacity=tuple(round(shops * (0.55 if slot.prime else 0.65)) for slot in slots),
        contracts=_contracts(chance, brands, rooms),
        human=human,
        fit={(p.id, s.id): chance.randint(50, 100) for p in doubles for s in rooms},
        prices=Prices(stream_hour=800, switch=1500),
    )


def _brands(chance: random.Random, count: int) -> tuple[Brand, ...]:
    names = [BrandId(f"brand-{n:02}") for n in range(count)]
    kinds = [Exclusivity.NONE] * 8 + [Exclusivity.PERSONA_SAME_TIME, Exclusivity.PERSONA_ALL_DAY]
    return tuple(
        Brand(
            name,
            chance.choice(TRADES),
            frozenset(chance.sample(names, 1)) - {name} if chance.random() < 0.4 else frozenset(),
            chance.choice(kinds),
        )
        for name in names
    )


def _operators(chance: random.Random, shops: int) -> dict[str, tuple[Operator, ...]]:
    """Teams for 35 shops each, in three shifts of nine hours that overlap."""
    teams = {}
    for team in range(-(-shops // 35)):
        share = min(35, shops)
        teams[f"team-{team}"] = tuple(
            Operator(
                f"team-{team}-{first:02}-{n}",
                frozenset(slot % SLOTS for slot in range(first, first + 18)),
                max(2, share // 3 - chance.randint(0, share // 12)),
            )
            for first in (0, 16, 32)
            for n in range(3)
        )
    return teams


def _persona(chance: random.Random, number: int, brands: tuple[Brand, ...]) -> Persona:
    skills = {trade for trade in TRADES if number < 2 or chance.random() < 0.6}
    most = chance.choice([4, 6, 8])
    return Persona(PersonaId(f"double-{number:02}"), frozenset(skills), None, None, most, 2)


def _shop(
    chance: random.Random,
    number: int,
    slots: tuple[Slot, ...],
    brands: tuple[Brand, ...],
    teams: list[str],
) -> Shop:
    brand = brands[number % len(brands)]
    first, length = chance.choice([0, 4, 6, 8]), chance.choice([28, 32, 36, 40, 48])
    base, team = chance.randint(3_000, 20_000), teams[number % len(teams)]
    worth = tuple(
        round(
            base * (1.8 if s.prime else 0.5 if s.begin.hour < 8 else 1) * chance.uniform(0.9, 1.1)
        )
        for s in slots
    )
    return Shop(
        ShopId(f"shop-{number:03}"),
        brand.id,
        PLATFORMS[number % len(PLATFORMS)],
        f"owner-{number // 7}",
        frozenset(t for t in range(first, first + length) if t < SLOTS),
        worth,
        frozenset(f"{team}-{shift:02}-{n}" for shift in (0, 16, 32) for n in range(3)),
        frozenset({brand.category}),
    )


def _contracts(
    chance: random.Random, brands: tuple[Brand, ...], shops: tuple[Shop, ...]
) -> tuple[Contract, ...]:
    found = []
    for brand in brands:
        least = chance.randint(4, 20)
        rooms = sum(shop.brand == brand.id for shop in shops)
        most = (least + 10) * max(1, rooms // 2)
        found.append(Contract(brand.id, least * 60, most * 60, chance.choice([0, 0, 10, 20])))
    return tuple(found)


def run() -> list[dict[str, object]]:
    """Measure all sizes."""
    return [measure(name) for name in SIZES]


def measure(name: str) -> dict[str, object]:
    """One size: seconds, gap, and the shares of the bound."""
    personas, shops, effort = SIZES[name]
    problem = a_day(personas, shops)
    begin = time.monotonic()
    found = solve(problem, effort)
    seconds = time.monotonic() - begin
    begin = time.monotonic()
    first = greedy(problem)
    greedy_seconds = time.monotonic() - begin
    return {
        "size": name,
        "seconds": round(seconds, 1),
        "gap_percent": round(100 * found.gap, 2),
        "value_yuan": round(found.value / 600_000),
        "lacking_minutes": found.lacking,
        "violations": len(violations(problem, found.plan)),
        "greedy_seconds": round(greedy_seconds, 2),
        "greedy": _share(problem, first, found),
        "rota": _share(problem, rota(problem), found),
    }


def _share(problem: Problem, plan: Plan, found: Solution) -> dict[str, object]:
    share = score(problem, plan).value / found.bound
    return {"percent_of_bound": round(100 * share, 1), "lacking_minutes": lacking(problem, plan)}
