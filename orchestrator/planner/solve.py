"""The day's plan: prices first, then a plan at these prices, bettered until it's near the bound.

The market's prices bound what any plan can be worth and say what each place costs. Shop by shop a
plan is made at these prices and then made again in part, many times. Small days go to CP-SAT as a
whole, which proves its answer. Whatever the way, the result comes with a bound on the value of all
plans that leave contracts no more lacking. The same seed gives the same plan: limits are in steps,
rounds and the solver's deterministic time, never in seconds.
"""

from dataclasses import replace

from orchestrator.planner.greedy import greedy
from orchestrator.planner.market import Market, Quote, descend
from orchestrator.planner.polish import Polish
from orchestrator.planner.problem import Problem
from orchestrator.planner.solution import Effort, Solution, best_of, lacking, rank, size
from orchestrator.planner.table import Table
from orchestrator.planner.whole import whole

__all__ = ["Effort", "Solution", "best_of", "lacking", "solve"]

WHOLE = 1500
"""Cells × doubles up to which CP-SAT gets a day as a whole."""
CHUNK = 10
"""Rounds before the gap is looked at."""


def solve(problem: Problem, effort: Effort | None = None) -> Solution:
    """The best plan that the effort finds."""
    effort = (effort or Effort()).of(problem)
    small = size(problem) <= WHOLE
    market = Market(problem)
    quote = descend(market, (effort.steps or 0) // (4 if small else 1))
    bettered = _polished(market, quote, replace(effort, rounds=0) if small else effort)
    found = max(best_of(problem, greedy(problem)), bettered, key=rank)
    found = _bounded(market, quote, found, effort)
    return whole(problem, found, effort) if small else found


def _polished(market: Market, quote: Quote, effort: Effort) -> Solution:
    """A plan at the market's prices, bettered round by round."""
    problem, table = market.problem, Table(market.problem)
    polish = Polish(market, table, quote)
    polish.fill()
    polish.promises.mend(table, problem.shops)
    found = best_of(problem, greedy(problem, table), quote.bound)
    crowd = max(4, min(12, len(problem.shops) // 5))
    left, seed = effort.rounds or 0, effort.seed
    while left > 0 and (found.gap > effort.gap or found.lacking):
        polish.again(min(left, CHUNK), seed, crowd)
        left, seed = left - CHUNK, seed + 1
        found = best_of(problem, table.plan(), quote.bound)
    return best_of(problem, greedy(problem, table), quote.bound)


def _bounded(market: Market, quote: Quote, found: Solution, effort: Effort) -> Solution:
    """The market's bound is on plans that lack nothing; for others it has to be found anew."""
    if not found.lacking or market.total is None:
        return replace(found, bound=quote.bound)
    market.most[market.total] = found.lacking
    prices = quote.prices.copy()
    prices[market.total] = prices.max(initial=0.0)
    return replace(found, bound=descend(market, (effort.steps or 0) // 3, prices).bound)
