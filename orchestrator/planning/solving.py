"""A day is solved in a process of its own: whoever asked goes on, and can end it at any moment.

    solving = Solving(problem, effort)            # or Solving(problem, effort, before, since)
    while not solving.wait(0.2): ...              # show something, beat, look at a clock
    solved = solving.result()

The child has a session of its own, so that Ctrl-C reaches only the one who asked, and ending it
takes its own children along. Question and answer are pickles: both ends are this program. The
question comes in a file, for a pipe may be too small to take it before the child has begun to read.
"""

import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from orchestrator.errors import PlanNotFound
from orchestrator.planner.conflict import Conflict, conflicts
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.replan import replan
from orchestrator.planner.solve import Effort, Solution, best_of, solve
from orchestrator.planning.hand import helped

ARGV = (sys.executable, "-m", "orchestrator.planning.solving")


@dataclass(frozen=True)
class Solved:
    """A plan, and why the contracts that it leaves unmet can't be kept."""

    solution: Solution
    conflicts: tuple[Conflict, ...] = ()


class Solving:
    """One day being solved; from slot `since` on, when there is a plan `before`.

    `why`: find out, too, why contracts stay unmet.
    """

    def __init__(
        self,
        problem: Problem,
        effort: Effort,
        before: Plan | None = None,
        since: int = 0,
        *,
        nice: int = 0,
        why: bool = True,
    ) -> None:
        duties = None if before is None else dict(before.duties)
        self._answer = b""
        with TemporaryFile() as question:
            question.write(pickle.dumps((problem, effort, duties, since, nice, why)))
            question.seek(0)
            self._child = subprocess.Popen(
                ARGV,
                stdin=question,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        self._said = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.end()

    def wait(self, seconds: float) -> bool:
        """Give it that long; say whether it is done."""
        try:
            self._answer, said = self._child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        self._said = said.decode(errors="replace").strip()
        return True

    def result(self) -> Solved:
        """The answer, once it is done. `PlanNotFound` if the solver broke down."""
        if self._child.returncode != 0:
            last = self._said.rpartition("\n")[2] or f"exit code {self._child.returncode}"
            raise PlanNotFound(f"The day couldn't be planned: the solver ended with: {last}")
        duties, value, bound, lacking, found = pickle.loads(self._answer)
        return Solved(Solution(Plan(duties), value, bound, lacking), found)

    def end(self) -> None:
        """End it, done or not."""
        if self._child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
        with suppress(ValueError):
            self._child.communicate()


def answer(question: bytes) -> bytes:
    """What the child does."""
    problem, effort, duties, since, nice, why = pickle.loads(question)
    os.nice(nice)
    if duties is None:
        with helped(problem) as hand:
            found = solve(problem, effort, hand)
    else:
        found = best_of(problem, replan(problem, Plan(duties), since))
    told = conflicts(problem, found.plan) if why and found.lacking else ()
    return pickle.dumps((dict(found.plan.duties), found.value, found.bound, found.lacking, told))


if __name__ == "__main__":
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read()))
