"""What each shop would rather do, were only some of the others to stay as they are.

Again and again a part of the shops is thought away, and everyone's best day beside the rest is
noted, at prices and likings a little off. Two such wishes may shut each other out; which of them go
together is for `combine` to find.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from orchestrator.planner.days import NEVER, Floats, Ints
from orchestrator.planner.market import Market
from orchestrator.planner.openings import Openings, put_back, put_day, take_out
from orchestrator.planner.table import Table

OFF = 0.25
"""How far off prices are, at most, as a share."""
TILT = 0.05
"""How far off a brand's liking of a double is, as a share of a usual cell's value."""
LEVELS = (1.0, 0.9, 0.7)
"""Levels of prices, one for each time."""


@dataclass(frozen=True)
class Question:
    """Days [shop, slot] to begin from, prices, how large a share stays, a seed for each time."""

    days: Ints
    prices: Floats
    stay: tuple[float, float]
    seeds: Sequence[tuple[int, ...]]


def wishes(market: Market, question: Question) -> Iterator[Ints]:
    """Days [shop, slot] that were wished for, an array for each time."""
    table, openings = table_of(market, question.days), Openings(market.problem, market.gains)
    return (_once(market, table, openings, question, seed) for seed in question.seeds)


def table_of(market: Market, days: Ints) -> Table:
    """Days as a table, as far as rules let them in."""
    table = Table(market.problem)
    for shop, day in zip(market.problem.shops, days, strict=True):
        put_day(table, shop, day)
    return table


def _once(
    market: Market, table: Table, openings: Openings, question: Question, seed: tuple[int, ...]
) -> Ints:
    chance, problem = np.random.default_rng(seed), market.problem
    stays = chance.random(len(problem.shops)) < chance.uniform(*question.stay)
    away = [
        (shop, take_out(table, shop)) for shop, s in zip(problem.shops, stays, strict=True) if not s
    ]
    every = np.arange(len(problem.shops))
    mask = openings.open(table, openings.taken(table), every)
    firm, falling = market.levels(question.prices)
    prices = (
        firm + chance.choice(LEVELS) * (1 + OFF * chance.uniform(-1, 1, len(falling))) * falling
    )
    size = (len(problem.brands), len(problem.personas))
    tilt = market.usual * TILT * chance.uniform(-1, 1, size)[openings.brand]
    gains = market.reduced(prices) + tilt[:, None, :]
    _, days = market.days.best(np.where(mask, gains, NEVER), market.begin)
    for shop, day in away:
        put_back(table, shop, day)
    return days
