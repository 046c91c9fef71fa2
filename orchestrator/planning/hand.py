"""A second process that knows the same day, so that two cores share the work on its plan.

    with helped(problem) as hand:           # None where there is one core only
        found = solve(problem, effort, hand)

One question at a time. Questions and answers are pickles: both ends are this program. What is asked
must come out the same wherever it runs, so that a plan doesn't depend on how many cores there are.
The hand ends when its asker does, for it reads the end of its standard input then.
"""

import os
import pickle
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from orchestrator.planner.market import Market
from orchestrator.planner.problem import Problem
from orchestrator.planner.solution import WHOLE, size

ARGV = (sys.executable, "-m", "orchestrator.planning.hand")
READY = b"R"

Job = Callable[[Market, Any], Any]


class Hand:
    """The asker's end."""

    def __init__(self, problem: Problem) -> None:
        self._child = subprocess.Popen(ARGV, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._to, self._from = _pipe(self._child.stdin), _pipe(self._child.stdout)
        _say(self._to, problem)
        self._ready = self._asked = False

    @property
    def free(self) -> bool:
        """Whether it has begun and has nothing to do."""
        if not self._ready and select.select([self._from], [], [], 0)[0]:
            self._ready = self._from.read(1) == READY
        return self._ready and not self._asked

    def ask(self, job: Job, argument: Any) -> None:
        """Let it do something; waits until it has begun."""
        if not self._ready:
            self._ready = self._from.read(1) == READY
        _say(self._to, (job, argument))
        self._asked = True

    def answer(self) -> Any:
        """What came out of the last question."""
        self._asked = False
        try:
            return pickle.load(self._from)
        except EOFError:
            raise ChildProcessError("the planner's second process ended before its work") from None

    def end(self) -> None:
        """End it, whatever it does."""
        self._child.kill()
        self._child.wait()
        self._to.close()
        self._from.close()


@contextmanager
def helped(problem: Problem) -> Iterator[Hand | None]:
    """A hand, where there is a second core and enough to do for it."""
    if len(os.sched_getaffinity(0)) < 2 or size(problem) <= WHOLE:
        yield None
        return
    hand = Hand(problem)
    try:
        yield hand
    finally:
        hand.end()


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    if end is None:
        raise OSError("the second process has no pipe")
    return end


def _say(to: IO[bytes], what: Any) -> None:
    pickle.dump(what, to, protocol=pickle.HIGHEST_PROTOCOL)
    to.flush()


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """The hand's end: answer until there are no more questions."""
    market = Market(pickle.load(questions))
    answers.write(READY)
    answers.flush()
    while True:
        try:
            job, argument = pickle.load(questions)
        except EOFError:
            return
        _say(answers, job(market, argument))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
