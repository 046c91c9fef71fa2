"""The day's plan: prices first, then plans at these prices, the best of which are combined.

The market's prices bound what any plan can be worth and say what each place costs. Shop by shop a
plan is made at these prices and then made again in part, many times; twice, from different seeds.
Of all the days that shops had or would have liked on the way, those that go together best are
combined. A second process, where there is a core for it, takes its half, and goes on with the bound
in the end. Small days go to CP-SAT as a whole, which proves its answer; so do days of middle size
whose contracts lack hours, or whose gap stayed wide. Whatever the way, the result comes with a
bound on the value of all plans that leave contracts no more lacking. The same seed gives the same
plan, on one core as on two: limits are in steps, rounds, nodes and the solver's deterministic time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestrator.planner.attempt import Asked, Made, attempt
from orchestrator.planner.cases import by_cases
from orchestrator.planner.days import Floats, Ints
from orchestrator.planner.greedy import greedy
from orchestrator.planner.market import ONWARD, Alone, Helper, Market, Quote, descend, likely
from orchestrator.planner.problem import Problem
from orchestrator.planner.solution import (
    CLOSER,
    WHOLE,
    Effort,
    Limits,
    Solution,
    best_of,
    lacking,
    rank,
    size,
)
from orchestrator.planner.tried import Tried
from orchestrator.planner.whole import whole
from orchestrator.planner.wishes import table_of

__all__ = ["Effort", "Solution", "best_of", "combined", "lacking", "solve"]

APART = 1000
"""How far seeds of two attempts lie apart."""
FAR = 0.015
"""A gap in the end above which a combination is chosen from twice as many days, and above which
CP-SAT may look at the whole."""
FIRST, AGAIN = (0.5, 0.95), (0.7, 1.0)
"""How large a share of the shops stays while wishes are heard: at first, and then."""


def solve(problem: Problem, effort: Effort | None = None, helper: Helper | None = None) -> Solution:
    """The best plan that the effort finds; a second process, if there is one, shares the work."""
    effort = effort or Effort()
    limits = effort.of(problem)
    if size(problem) > WHOLE:
        found = combined(problem, limits, helper or Alone(problem))
        wanting = found.lacking or found.gap > FAR
        return whole(problem, found, effort) if wanting and size(problem) <= CLOSER else found
    market = Market(problem)
    quote = descend(market, limits.steps // 4)
    made = attempt(market, Asked((), quote, limits.gap, 0, 0, limits.seed, FIRST))
    return whole(problem, _bounded(market, quote, _finished(market, [made.days]), limits), effort)


def combined(problem: Problem, limits: Limits, helper: Helper) -> Solution:
    """The way that days go which are too large to be solved as a whole."""
    market, seen = Market(problem), list[Quote]()
    market.helper = helper
    quote = descend(market, limits.steps, seen=seen)
    made = _two(market, quote, limits, helper)
    helper.ask(go_on, Onward(quote.prices, limits.onward, limits.cases))
    tried = Tried(problem)
    for attempted in made:
        tried.add(attempted.shops, attempted.tried)
    for days in likely(seen, quote.bound):
        tried.add(range(len(problem.shops)), days)
    found = _combined(market, quote, limits, tried, [attempted.days for attempted in made])
    quote = replace(quote, bound=min(quote.bound, helper.answer()))
    return _bounded(market, quote, _finished(market, found), limits)


def _two(market: Market, quote: Quote, limits: Limits, helper: Helper) -> list[Made]:
    """Two attempts, one by the helper."""
    cuts = [row for row in market.rows if row.cells]
    asked = Asked(cuts, quote, limits.gap, limits.rounds, limits.wishes, limits.seed, FIRST)
    helper.ask(attempt, replace(asked, seed=limits.seed + APART))
    return [attempt(market, replace(asked, cuts=())), helper.answer()]


def _combined(
    market: Market, quote: Quote, limits: Limits, tried: Tried, plans: Sequence[Ints]
) -> list[Ints]:
    """What comes out when days are combined, bettered, and combined again."""
    from orchestrator.planner.combine import combine  # SciPy takes a while to import

    found = list(plans)
    for turn in range(limits.turns):
        now = max(found, key=lambda days: rank(_worth(market, days)))
        best = _worth(market, now, quote.bound)
        if best.gap <= limits.gap and not best.lacking:
            break
        if turn:
            made = attempt(market, _beside(quote, limits, turn, now))
            tried.add(made.shops, made.tried)
        more = 2 if turn == limits.turns - 1 and best.gap > FAR else 1
        found.append(combine(market, tried, quote, now, more * limits.columns, best.lacking))
    return found


def _beside(quote: Quote, limits: Limits, turn: int, now: Ints) -> Asked:
    """What is asked for when a combination is to be bettered."""
    wishes, seed = 2 * limits.wishes // 3, limits.seed + APART * (turn + 1)
    return Asked((), quote, limits.gap, limits.rounds, wishes, seed, AGAIN, now)


def _worth(market: Market, days: Ints, bound: float = float("inf")) -> Solution:
    return best_of(market.problem, table_of(market, days).plan(), bound)


def _finished(market: Market, plans: Sequence[Ints]) -> Solution:
    """The best of these plans and of the greedy one, each with its gaps filled."""
    problem = market.problem
    filled = [greedy(problem, table_of(market, days)) for days in plans]
    return max((best_of(problem, plan) for plan in [greedy(problem), *filled]), key=rank)


@dataclass(frozen=True)
class Onward:
    """From which prices a bound is bettered: steps, and cases."""

    prices: Floats
    steps: int
    cases: int


def go_on(market: Market, onward: Onward) -> float:
    """A better bound, as a helper finds it."""
    quote = descend(market, onward.steps, market.all(onward.prices), ONWARD)
    return by_cases(market, quote, onward.cases)


def _bounded(market: Market, quote: Quote, found: Solution, limits: Limits) -> Solution:
    """The market's bound is on plans that lack nothing; for others it has to be found anew."""
    if not found.lacking or market.total is None:
        return replace(found, bound=quote.bound)
    market.most[market.total] = found.lacking
    prices = quote.prices.copy()
    prices[market.total] = prices.max(initial=0.0)
    return replace(found, bound=descend(market, limits.steps // 3, prices).bound)
