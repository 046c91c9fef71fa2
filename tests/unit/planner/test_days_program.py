"""The best day of a room: never worse than what trying all of them finds."""

from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.days import NEVER, NOBODY, Days, Stay, begins, rewards
from orchestrator.planner.plan import Duty, Plan
from orchestrator.planner.problem import Persona, Prices, Problem
from orchestrator.planner.rules import persona_rests
from orchestrator.planner.score import GRAINS
from tests.unit.planner.days import a_day, befores
from tests.unit.planner.test_planner_properties import EASY

TEA = ShopId("tea")


@st.composite
def rooms(draw: st.DrawFn, most: int = 5) -> tuple[Problem, list[list[float]]]:
    """A room of up to 5 slots, up to 3 doubles, and what each earns when."""
    count, doubles = draw(st.integers(1, most)), draw(st.integers(1, 3))
    personas = tuple(
        Persona(
            PersonaId(f"p{n}"),
            longest_run=draw(st.none() | st.integers(1, 3)),
            rest=draw(st.integers(0, 2)),
        )
        for n in range(doubles)
    )
    names = [persona.id for persona in personas]
    earns = st.just(NEVER) | st.integers(-20, 60).map(lambda n: float(n * GRAINS))
    gains = [[draw(earns) for _ in range(doubles)] for _ in range(count)]
    prices, before = Prices(switch=draw(st.integers(0, 20))), draw(befores([TEA], names))
    return a_day(count, personas=personas, prices=prices, before=before), gains


def worth(problem: Problem, gains: list[list[float]], day: tuple[int, ...]) -> float:
    earned = sum(gains[t][p] for t, p in enumerate(day) if p != NOBODY)
    switches = sum(NOBODY not in (a, b) and a != b for a, b in pairwise(day))
    return earned - switches * problem.prices.switch * GRAINS


def rested(problem: Problem, day: tuple[int, ...]) -> bool:
    names = [persona.id for persona in problem.personas]
    plan = Plan({(TEA, t): Duty(names[p], "wu") for t, p in enumerate(day) if p != NOBODY})
    return not list(persona_rests(problem, plan))


@settings(parent=EASY, max_examples=60)
@given(rooms())
def test_the_best_day_is_the_best_of_all_that_rest(room: tuple[Problem, list[list[float]]]) -> None:
    problem, gains = room
    every = product(range(-1, len(problem.personas)), repeat=len(gains))
    best = max(worth(problem, gains, day) for day in every if rested(problem, day))
    able = np.where(rewards(problem) > NEVER / 2, np.array([gains]), NEVER)
    (value,), (day,) = Days(problem).best(able, begins(problem))
    found = tuple(day.tolist())
    assert rested(problem, found)
    assert abs(worth(problem, gains, found) - value) < 1
    assert abs(best - value) < 1


@settings(parent=EASY, max_examples=20)
@given(st.integers(0, 10**6), st.integers(2, 4))
def test_long_days_of_many_shops_are_worth_what_is_said_of_them(seed: int, rest: int) -> None:
    """Doubles that rest after each slot or two: days full of second choices."""
    chance = np.random.default_rng(seed)
    personas = tuple(Persona(PersonaId(f"p{n}"), longest_run=2, rest=rest) for n in range(4))
    problem = a_day(16, personas=personas, prices=Prices(switch=5))
    gains = chance.integers(0, 60, (20, 16, 4)).astype(float) * GRAINS
    values, found = Days(problem).best(gains)
    for value, day, earns in zip(values, found, gains.tolist(), strict=True):
        assert abs(worth(problem, earns, tuple(day.tolist())) - value) < 1


def test_who_is_tired_from_before_does_not_stay() -> None:
    problem = a_day(3, personas=(Persona(PersonaId("lin"), longest_run=2, rest=2),))
    gains = np.full((1, 3, 1), 1000.0)
    days = Days(problem)
    assert days.best(gains)[1].tolist() in ([[0, 0, NOBODY]], [[NOBODY, 0, 0]])
    assert days.best(gains, {0: Stay(0, 2, NOBODY)})[1].tolist() == [[NOBODY, NOBODY, 0]]
    assert days.best(gains, {0: Stay(NOBODY, 1, 0)})[1].tolist() == [[NOBODY, 0, 0]]
