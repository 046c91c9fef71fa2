"""What holds for every day: rules, bounds, repeatability."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.planner.checker import violations
from orchestrator.planner.greedy import greedy
from orchestrator.planner.market import Market, descend
from orchestrator.planner.plan import NOTHING
from orchestrator.planner.polish import Polish
from orchestrator.planner.problem import Problem
from orchestrator.planner.relax import RELAXED
from orchestrator.planner.rota import rota
from orchestrator.planner.solution import best_of, rank
from orchestrator.planner.solve import Effort, lacking, solve
from orchestrator.planner.table import Table
from tests.unit.planner.days import days

EASY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@EASY
@given(days())
def test_no_maker_of_plans_breaks_a_rule(problem: Problem) -> None:
    assert violations(problem, NOTHING) == ()
    assert violations(problem, greedy(problem)) == ()
    assert violations(problem, rota(problem)) == ()


@settings(parent=EASY, max_examples=40)
@given(days())
def test_the_solved_plan_holds_and_keeps_below_its_bound(problem: Problem) -> None:
    found = solve(problem, Effort(whole=0.5))
    assert violations(problem, found.plan) == ()
    assert found.value <= found.bound + 1e-6 * abs(found.bound)
    assert found.lacking <= lacking(problem, greedy(problem))


@settings(parent=EASY, max_examples=25)
@given(days())
def test_prices_bound_the_best_plan_and_polish_keeps_the_rules(problem: Problem) -> None:
    market = Market(problem)
    quote = descend(market, 20)
    polish = Polish(market, Table(problem), quote)
    polish.fill()
    polish.again(3, seed=1, crowd=2)
    polished = best_of(problem, polish.table.plan())
    best = solve(problem)
    assert violations(problem, polished.plan) == ()
    assert rank(polished) <= rank(best)
    assert best.lacking or best.value <= quote.bound + 1e-6 * abs(quote.bound)


@settings(parent=EASY, max_examples=15)
@given(days())
def test_the_same_seed_makes_the_same_plan(problem: Problem) -> None:
    effort = Effort(whole=0.2)
    assert solve(problem, effort) == solve(problem, effort)


NOT_VALUED = "contract maximum holds"
"""It is also what fairness measures by, so that without it a plan is valued otherwise."""


@settings(parent=EASY, max_examples=25)
@given(days(), st.sampled_from(sorted(set(RELAXED) - {NOT_VALUED})), st.data())
def test_without_a_rule_the_best_plan_is_worth_no_less(
    problem: Problem, rule: str, data: st.DataObject
) -> None:
    brand = data.draw(st.sampled_from([brand.id for brand in problem.brands]))
    freer = RELAXED[rule](problem, brand)
    assert rank(solve(freer)) >= rank(solve(problem))
