"""A day being solved while somebody waits: what is looked for and for how long; Ctrl-C ends it.

    solved = watched(problem, Effort(), "Looking for the best plan", clock)

Nothing is said about a day that is solved within a second.
"""

import threading
from contextlib import ExitStack
from datetime import date

from rich.text import Text

from orchestrator.cli.console import clock_face, counted, err
from orchestrator.cli.screen import Screen
from orchestrator.clock import Clock
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.solve import Effort, Solution
from orchestrator.planning.book import Solver
from orchestrator.planning.solving import Solved, Solving

QUIET_SECONDS = 1.0
LOOK_SECONDS = 0.2


def watched(
    solving: Solving, problem: Problem, what: str, clock: Clock, asked: threading.Event
) -> Solved:
    """The answer; if it takes long, how long on standard error. KeyboardInterrupt when `asked`."""
    began = clock.monotonic()
    size = (
        f"{counted(len(problem.shops), 'shop')}, {counted(len(problem.personas), 'double')}, "
        f"{counted(len(problem.slots), 'slot')}"
    )
    with solving, ExitStack() as shown:
        screen = None
        while not _done(solving, asked):
            seconds = clock.monotonic() - began
            if screen is None and seconds >= QUIET_SECONDS:
                screen = shown.enter_context(Screen(err, clock))
            if screen is not None:
                line = f"{what}: {size} … {clock_face(seconds)}"
                screen.show(Text(line, "dim"), line)
        return solving.result()


def solver(clock: Clock, asked: threading.Event) -> Solver:
    """Solves the days of a book, and shows how it goes on."""

    def solve(problem: Problem, before: Plan | None, since: int) -> Solution:
        what = "Looking for the best plan" if before is None else "Planning the rest anew"
        solving = Solving(problem, Effort(), before, since, why=False)
        return watched(solving, problem, f"{day_of(problem)}: {what}", clock, asked).solution

    return solve


def day_of(problem: Problem) -> date:
    """The day that a problem is about."""
    return problem.slots[0].begin.date()


def _done(solving: Solving, asked: threading.Event) -> bool:
    done = solving.wait(LOOK_SECONDS)
    if asked.is_set():
        raise KeyboardInterrupt
    return done
