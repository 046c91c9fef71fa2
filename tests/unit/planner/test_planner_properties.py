"""What holds for every day: nothing is broken, nothing is worth more than its bound."""

from hypothesis import HealthCheck, given, settings

from orchestrator.planner.checker import violations
from orchestrator.planner.greedy import greedy
from orchestrator.planner.plan import NOTHING
from orchestrator.planner.problem import Problem
from orchestrator.planner.rota import rota
from orchestrator.planner.solve import Effort, lacking, solve
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


@EASY
@given(days())
def test_the_solved_plan_holds_and_keeps_below_its_bound(problem: Problem) -> None:
    found = solve(problem, Effort(whole=0.5))
    assert violations(problem, found.plan) == ()
    assert found.value <= found.bound + 1e-6 * abs(found.bound)
    start = greedy(problem)
    assert found.lacking <= lacking(problem, start)


@settings(parent=EASY, max_examples=15)
@given(days())
def test_the_same_seed_makes_the_same_plan(problem: Problem) -> None:
    effort = Effort(whole=0.2)
    assert solve(problem, effort) == solve(problem, effort)
