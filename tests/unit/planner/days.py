"""Small days for tests, made by hypothesis or by hand."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from orchestrator.ids import BrandId, PersonaId, ShopId
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
    Standing,
)

EVENING = datetime(2026, 11, 22, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def slots(count: int) -> tuple[Slot, ...]:
    """Half-hours from 18:00 on; prime time from 19:00 to 23:00."""
    begins = [EVENING + timedelta(minutes=30 * n) for n in range(count)]
    return tuple(Slot(n, b, 30, prime=19 <= b.hour < 23) for n, b in enumerate(begins))


def a_day(count: int = 4, **changes: Any) -> Problem:
    """One double, one shop, one operator; nothing is in the way."""
    every = frozenset(range(count))
    shop = Shop(ShopId("tea"), BrandId("leaf"), "douyin", "leaf-ltd", every, (1000,) * count,
                frozenset({"wu"}))  # fmt: skip
    plain = Problem(
        slots=slots(count),
        personas=(Persona(PersonaId("lin")),),
        brands=(Brand(BrandId("leaf")),),
        shops=(shop,),
        platforms=(Platform("douyin"),),
        operators=(Operator("wu", every, 9),),
        capacity=(9,) * count,
    )
    return replace(plain, **changes)


@st.composite
def days(draw: st.DrawFn) -> Problem:
    """Up to 3 doubles, 4 shops of 3 brands, 6 slots, every kind of rule, and a day before."""
    count = draw(st.integers(2, 6))
    some = st.frozensets(st.integers(0, count - 1))
    names = [BrandId(f"b{n}") for n in range(draw(st.integers(1, 3)))]
    personas = tuple(
        Persona(
            PersonaId(f"p{n}"),
            draw(st.sampled_from([frozenset(), frozenset({"makeup"})])),
            draw(st.none() | st.frozensets(st.sampled_from(names))),
            None,
            draw(st.none() | st.integers(1, 3)),
            draw(st.integers(1, 2)),
            draw(st.none() | some),
        )
        for n in range(draw(st.integers(1, 3)))
    )
    brands = tuple(
        Brand(name, draw(st.sampled_from(["", "tea"])),
              draw(st.frozensets(st.sampled_from(names))) - {name},
              draw(st.sampled_from([Exclusivity.NONE, *Exclusivity])))
        for name in names
    )  # fmt: skip
    shops = tuple(
        Shop(ShopId(f"s{n}"), draw(st.sampled_from(names)), draw(st.sampled_from(["x", "y"])),
             draw(st.sampled_from(["o1", "o2"])), draw(some),
             tuple(draw(st.lists(st.integers(0, 9), min_size=count, max_size=count))),
             draw(st.frozensets(st.sampled_from(["wu", "li"]), min_size=1)),
             draw(st.sampled_from([frozenset(), frozenset({"makeup"})])), draw(st.booleans()))
        for n in range(draw(st.integers(1, 4)))
    )  # fmt: skip
    ids = [shop.id for shop in shops]
    contracts = tuple(
        Contract(name, low, draw(st.none() | st.integers(low, 300)), draw(st.integers(0, 60)))
        for name in names
        if (low := draw(st.sampled_from([0, 0, 30, 60, 120]))) is not None
    )
    return Problem(
        slots=slots(count),
        personas=personas,
        brands=brands,
        shops=shops,
        platforms=(Platform("x", rooms_per_owner=draw(st.none() | st.integers(1, 2))),
                   Platform("y", draw(st.sampled_from(Standing)))),
        operators=tuple(Operator(o, draw(some), draw(st.integers(1, 3))) for o in ("wu", "li")),
        capacity=tuple(draw(st.lists(st.integers(0, 4), min_size=count, max_size=count))),
        contracts=contracts,
        human=Human(draw(some), draw(st.frozensets(st.sampled_from(ids))), draw(st.booleans()))
        if draw(st.booleans())
        else Human(),
        fit={(p.id, s): draw(st.integers(0, 120)) for p in personas for s in ids},
        prices=Prices(draw(st.integers(0, 3)), draw(st.integers(0, 3)), draw(st.integers(0, 1))),
        before=draw(befores(ids, [persona.id for persona in personas])),
    )  # fmt: skip


def befores(
    shops: list[ShopId], personas: list[PersonaId]
) -> st.SearchStrategy[dict[ShopId, dict[int, PersonaId]]]:
    """Who was in which shop in the last slots of the day before: mostly the same for some time."""
    stays = st.tuples(st.none() | st.sampled_from(personas), st.integers(1, 3))
    rooms = st.lists(stays, max_size=3).map(
        lambda some: [name for name, length in some for _ in range(length)]
    )
    days = rooms.map(lambda room: {-n: name for n, name in enumerate(room, 1) if name is not None})
    return st.just({}) | st.dictionaries(st.sampled_from(shops), days)
