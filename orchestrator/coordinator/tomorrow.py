"""The day goes on: before what is planned ends, the leader has the next day planned.

A plan takes seconds to minutes, so it is made in a process of its own (planning/solving.py), for
which a thread waits; passes go on meanwhile. It comes into force under the fence of the leader's
term. What keeps it from being made is said in the store, where people's commands show it, and it is
tried again. Until then everything stays on the plan that there is; where that ends, shops close.
"""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from orchestrator.clock import Clock
from orchestrator.coordinator.situation import Situation
from orchestrator.errors import (
    BroadcastError,
    NotLeader,
    PlanNotFound,
    RecordNotFound,
    WriteConflict,
)
from orchestrator.planner.problem import Problem
from orchestrator.planner.solve import Effort, Solution
from orchestrator.planning.book import (
    Planned,
    add_day,
    broadcast_day,
    in_force,
    matrix_in,
    what_is_left,
)
from orchestrator.planning.day import problem_of
from orchestrator.planning.edge import carried
from orchestrator.planning.solving import Solving
from orchestrator.store.leadership import Leader
from orchestrator.store.plans import Outlook, PlanTrouble
from orchestrator.store.store import Store

log = logging.getLogger(__name__)

AHEAD_SECONDS = 2 * 3600.0
"""Before the last planned day ends; time for people to do something if it fails."""
RETRY_SECONDS = 120.0
LOOK_SECONDS = 20.0
WAIT_SECONDS = 0.2
NICENESS = 10
"""Streams may run on the same machine."""


def is_due(outlook: Outlook | None, wall: float) -> bool:
    """Whether the next day is to be planned now."""
    if outlook is None or wall < outlook.ends_at - AHEAD_SECONDS:
        return False
    return outlook.trouble is None or wall >= outlook.trouble.at + RETRY_SECONDS


class Tomorrow:
    """Sees to it that there is a next day. Never holds up a pass."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._ending = threading.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tomorrow")
        self._at_work: Future[None] | None = None
        self._looked_at: float | None = None

    def see_to_it(self, leader: Leader, situation: Situation) -> None:
        """Look now and then, unless there are no plans; begin what is due."""
        now = self._clock.monotonic()
        lately = self._looked_at is not None and now - self._looked_at < LOOK_SECONDS
        if lately or (self._at_work is not None and not self._at_work.done()):
            return
        if any(desired.spec.turns for desired in situation.desired.values()):
            self._looked_at = now
            self._at_work = self._thread.submit(self._look, leader)

    def close(self) -> None:
        """End a solver that runs."""
        self._ending.set()
        self._thread.shutdown(wait=True)

    def _look(self, leader: Leader) -> None:
        try:
            outlook = self._store.plans.outlook()
            if outlook is not None and is_due(outlook, self._clock.wall()):
                self._plan(leader, outlook)
        except BroadcastError as error:
            facts = {"action": "plan", "reason": str(error)}
            log.warning("could not see to the next day", extra=facts)
        except Exception:  # the thread's boundary: the next look may go well
            log.exception("seeing to the next day failed", extra={"action": "plan"})

    def _plan(self, leader: Leader, outlook: Outlook) -> None:
        wall = self._clock.wall()
        day = outlook.day + timedelta(days=1)
        try:
            record = self._store.matrices.latest()
            if record is None:
                raise RecordNotFound("There is no matrix to plan a day of.")
            matrix = matrix_in(record.document)
            # After a long outage the days between are past, and nobody needs them any more.
            day = max(day, broadcast_day(matrix, wall))
            yesterday = in_force(self._store, day - timedelta(days=1))
            problem = carried(problem_of(matrix, day), yesterday)
            solution = self._solved(what_is_left(problem, wall))
            planned = Planned(day, problem, solution)
            add_day(self._store, leader, planned, record, self._clock.wall())
        except (NotLeader, WriteConflict):
            raise  # somebody else sees to it, or has changed what is desired: look again
        except Exception as error:  # whatever it is, people have to know
            if not self._ending.is_set():
                self._note(leader, outlook, PlanTrouble(day, _in_words(error), wall))
        else:
            _say(planned, solution)

    def _solved(self, problem: Problem) -> Solution:
        with Solving(problem, Effort(), nice=NICENESS, why=False) as solving:
            while not solving.wait(WAIT_SECONDS):
                if self._ending.is_set():
                    raise PlanNotFound("The coordinator ends.")
            return solving.result().solution

    def _note(self, leader: Leader, outlook: Outlook, trouble: PlanTrouble) -> None:
        facts = {"action": "plan", "day": trouble.day.isoformat(), "reason": trouble.reason}
        if trouble.at >= outlook.ends_at:
            log.error("the plan has run out, and shops are closed", extra=facts)
        else:
            log.warning("the next day has no plan yet", extra=facts)
        self._store.plans.note_trouble(leader, trouble)


def _in_words(error: Exception) -> str:
    return str(error) if isinstance(error, BroadcastError) else f"{type(error).__name__}: {error}"


def _say(planned: Planned, solution: Solution) -> None:
    facts = {"action": "plan", "day": planned.day.isoformat(), "lacking": solution.lacking}
    log.info("the next day is planned", extra=facts)
