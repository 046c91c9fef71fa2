"""Plan: three sizes of days; solver, greedy and rota, each as a share of the bound."""

import json
import os
import random
import time
from collections.abc import Sequence
from dataclasses import replace
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
from orchestrator.planner.replan import replan
from orchestrator.planner.rota import rota
from orchestrator.planner.score import score
from orchestrator.planner.solve import lacking, solve
from orchestrator.planning.hand import helped

SIZES = {"5 x 20": (5, 20), "15 x 100": (15, 100), "30 x 300": (30, 300)}
PLATFORMS = ("douyin", "taobao", "kuaishou", "wechat-channels", "xiaohongshu")
TRADES = ("skincare", "makeup", "tea", "snacks", "kitchen", "toys", "sports", "books")
SLOTS = 48
AFTERNOON = 17
"""The slot that begins at 14:30."""
YUAN = 600_000
"""Grains in a yuan."""


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


def run(names: Sequence[str] = tuple(SIZES)) -> list[dict[str, object]]:
    """Measure the sizes, and replanning at each."""
    return [measure(name) for name in names]


def main(arguments: list[str]) -> int:
    """Print a table, or one JSON object a line; name sizes to measure these alone."""
    names = [name for name in SIZES if name in arguments] or list(SIZES)
    if "--json" not in arguments:
        print(HEAD)
    for row in map(measure, names):
        print(json.dumps(row) if "--json" in arguments else LINE.format(**row), flush=True)
    return 0


HEAD = (
    "    size   seconds   cpu       value       bound  gap % "
    " greedy %  rota %  lacks  replan s  cells"
)
LINE = (
    "{size:>8} {seconds:>9} {cpu_seconds:>5} {value_yuan:>11,} {bound_yuan:>11,} {gap_percent:>6}"
    " {greedy_percent:>9} {rota_percent:>7} {lacking_minutes:>6} {replan_seconds:>9}"
    " {replan_cells:>6}"
)


def measure(name: str) -> dict[str, object]:
    """One size: seconds, gap, and the shares of the bound."""
    problem = a_day(*SIZES[name])
    begin, cpu = time.monotonic(), sum(os.times()[:4])
    with helped(problem) as hand:
        found = solve(problem, helper=hand)
    seconds, cpu = time.monotonic() - begin, sum(os.times()[:4]) - cpu
    first, rows = greedy(problem), rota(problem)
    return {
        "size": name,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "value_yuan": round(found.value / YUAN),
        "bound_yuan": round(found.bound / YUAN),
        "gap_percent": round(100 * found.gap, 2),
        "greedy_percent": round(100 * score(problem, first).value / found.bound, 1),
        "rota_percent": round(100 * score(problem, rows).value / found.bound, 1),
        "lacking_minutes": found.lacking,
        "greedy_lacking_minutes": lacking(problem, first),
        "rota_lacking_minutes": lacking(problem, rows),
        "violations": len(violations(problem, found.plan)),
        **_replanned(problem, found.plan),
    }


def _replanned(problem: Problem, plan: Plan) -> dict[str, object]:
    """At 14:05 an operator is ill and a fortieth of the fleet is lost: a new plan from 14:30."""
    ill = next(o for o in problem.operators if AFTERNOON in o.shift)
    lost = max(1, max(problem.capacity) // 40)
    worse = replace(
        problem,
        operators=tuple(o for o in problem.operators if o is not ill),
        capacity=tuple(max(0, most - lost) for most in problem.capacity),
    )
    begin = time.monotonic()
    new = replan(worse, plan, AFTERNOON)
    seconds = time.monotonic() - begin
    moved = [
        c
        for c in plan.diff(new)
        if not (c.before and c.after and c.before.persona == c.after.persona)
    ]
    return {"replan_seconds": round(seconds, 1), "replan_cells": len(moved)}
