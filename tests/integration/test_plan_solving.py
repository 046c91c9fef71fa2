"""A day solved in a process of its own: the same answer, ended at any moment, no silent failure."""

from dataclasses import replace

import psutil
import pytest

from orchestrator.errors import PlanNotFound
from orchestrator.planner.checker import violations
from orchestrator.planner.greedy import greedy
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Contract
from orchestrator.planner.replan import replan
from orchestrator.planner.solve import Effort, best_of, solve
from orchestrator.planning.hand import helped
from orchestrator.planning.solving import Solving
from tests.benchmarks import plan as benchmark
from tests.unit.planview.sheets import CLAY, PLAN, a_problem

PATIENCE = 60.0


def test_the_child_finds_what_the_solver_finds() -> None:
    problem, effort = a_problem(), Effort(seed=3)
    with Solving(problem, effort) as solving:
        assert solving.wait(PATIENCE)
        assert solving.result().solution == solve(problem, effort)


def test_two_processes_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, effort = benchmark.a_day(4, 14), Effort(steps=40, rounds=2)
    with helped(problem) as hand:
        assert hand is not None, "this takes two cores"
        found = solve(problem, effort, hand)
    monkeypatch.setattr("orchestrator.planner.market.MANY", 2)
    with helped(problem) as hand:
        assert solve(problem, effort, hand) == found == solve(problem, effort)
    assert violations(problem, found.plan) == ()
    assert found.value > best_of(problem, greedy(problem)).value


def test_a_second_process_that_dies_is_named() -> None:
    problem = benchmark.a_day(4, 16)
    with helped(problem) as hand:
        assert hand is not None
        every = psutil.Process().children()
        (child,) = [one for one in every if "orchestrator.planning.hand" in one.cmdline()]
        child.kill()
        with pytest.raises(ChildProcessError, match="second process"):
            hand.answer()


def test_a_day_is_planned_anew_from_a_slot_on() -> None:
    problem = a_problem(contracts=())
    with Solving(problem, Effort(), Plan(PLAN), 2) as solving:
        assert solving.wait(PATIENCE)
        assert solving.result().solution.plan == replan(problem, Plan(PLAN), 2)


def test_a_contract_that_cannot_be_kept_comes_with_the_rules_in_its_way() -> None:
    day = a_problem(contracts=(Contract(CLAY, 180),))
    short = replace(day.shops[1], open=frozenset(range(4)))
    greedy = replace(day, shops=(day.shops[0], short))
    with Solving(greedy, Effort()) as solving:
        assert solving.wait(PATIENCE)
        (conflict,) = solving.result().conflicts
    assert conflict.brand == CLAY
    assert "shop is open" in [part.rule for part in conflict.parts]


def test_a_solver_that_breaks_down_says_what_was_last() -> None:
    broken = a_problem(slots=())
    with Solving(broken, Effort()) as solving:
        assert solving.wait(PATIENCE)
        with pytest.raises(PlanNotFound, match="the solver ended with"):
            solving.result()


def test_it_can_be_ended_before_it_is_done() -> None:
    solving = Solving(a_problem(), Effort())
    assert not solving.wait(0.01)
    solving.end()
    assert solving.wait(0)
    with pytest.raises(PlanNotFound):
        solving.result()
