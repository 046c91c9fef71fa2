"""One attempt at a plan, at prices that are known: filled, bettered, and what shops wish beside it.

Attempts with different seeds end in different places; each leaves the days that it tried. So they
can be made side by side, in two processes, and combined.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.planner.couplings import Row
from orchestrator.planner.days import Ints
from orchestrator.planner.market import Market, Quote
from orchestrator.planner.polish import Polish
from orchestrator.planner.solution import best_of
from orchestrator.planner.table import Table
from orchestrator.planner.wishes import Question, table_of, wishes

CHUNK = 10
"""Rounds before the gap is looked at."""


@dataclass(frozen=True)
class Asked:
    """Rows that were found, prices, when to be content, how much to try, and from where on."""

    cuts: Sequence[Row]
    quote: Quote
    gap: float
    rounds: int
    wishes: int
    seed: int
    stay: tuple[float, float]
    """How large a share of the shops stays while the others' wishes are heard."""
    days: Ints | None = None


@dataclass(frozen=True)
class Made:
    """The days of the plan, and shops and days that were tried."""

    days: Ints
    shops: Ints
    tried: Ints


def attempt(market: Market, asked: Asked) -> Made:
    """Make one."""
    market.add(asked.cuts)
    table = Table(market.problem) if asked.days is None else table_of(market, asked.days)
    polish = Polish(market, table, asked.quote)
    if asked.days is None:
        polish.fill()
        polish.promises.mend(table, market.problem.shops)
    if not _content(polish, asked):
        _better(polish, asked)
    days, every = polish.openings.taken(table), range(len(market.problem.shops))
    polish.tried.add(every, days)
    if not _content(polish, asked):
        seeds = [(asked.seed, n) for n in range(asked.wishes)]
        for wish in wishes(market, Question(days, asked.quote.prices, asked.stay, seeds)):
            polish.tried.add(every, wish)
    return Made(days, *polish.tried.all())


def _better(polish: Polish, asked: Asked) -> None:
    crowd = max(4, min(12, len(polish.problem.shops) // 5))
    left, seed = asked.rounds, asked.seed
    while left > 0 and not _content(polish, asked):
        polish.again(min(left, CHUNK), seed, crowd)
        left, seed = left - CHUNK, seed + 1


def _content(polish: Polish, asked: Asked) -> bool:
    found = best_of(polish.problem, polish.table.plan(), asked.quote.bound)
    return found.gap <= asked.gap and not found.lacking
