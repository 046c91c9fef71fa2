"""The real coordinator and the real recorder's store, in a simulated world.

Tasks and reports take the time here that a broker takes. A pass is measured in time of a core; on
the virtual clock it takes a time that depends on the fleet's size alone.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event
from typing_extensions import override

from orchestrator.coordinator.act import Actor
from orchestrator.coordinator.ears import Ears
from orchestrator.coordinator.election import Election
from orchestrator.coordinator.observe import Observer
from orchestrator.coordinator.reconcile import PASS_SECONDS, Reconciler
from orchestrator.domain.node import NodeBeat
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.simulate.client import Line, LineClient
from orchestrator.simulate.figures import Pass
from orchestrator.simulate.node import Ground, Node
from orchestrator.store.database import Database
from orchestrator.store.migrate import migrate
from orchestrator.store.store import Store
from orchestrator.wire.board import Board

PASS_BASE, PASS_EACH = 0.01, 0.000015
"""Virtual seconds that a pass takes, and each stream in it."""
UNREACHABLE_SECONDS = 1.0
"""What a pass waits for a Redis that is away."""
TASK_SECONDS = (0.02, 0.15)
REPORTS_SECONDS = 0.25


class Office:
    """Where it is decided who is on air."""

    def __init__(self, ground: Ground, nodes: dict[NodeId, Node], chance: Random) -> None:
        self._ground, self._nodes, self._chance = ground, nodes, chance
        self._folder = Path(tempfile.mkdtemp(prefix="doppelcast-simulate-"))
        database = Database(f"sqlite:///{self._folder / 'store.db'}")
        migrate(database)
        self._store = Store(database)
        self._questions = 0
        event.listen(database.engine, "before_cursor_execute", self._count)
        self._line = Line(ground.server, lambda: ground.redis_is_up)
        redis = LineClient(self._line)
        clock = ground.agenda.clock
        board = Board(redis, ground.prefix)
        ears = Ears(board, ground.lease_seconds, clock, ask=self._answer, threads=_AtOnce())
        self._reconciler = Reconciler(
            Election(self._store.leadership, "simulated"),
            Observer(self._store, redis, ground.prefix, ears),
            Actor(self._store, board, self, clock),
            clock,
            ground.lease_seconds,
        )
        self._pass_takes = PASS_BASE
        self.passes: list[Pass] = []
        self.placed = 0
        self.moved = 0
        """Standbys that were placed, to take a stream over."""
        self.at_rest = False
        """Whether the last pass found nothing to do."""

    def close(self) -> None:
        """Leave nothing behind."""
        self._store.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def apply(self, specs: Sequence[StreamSpec]) -> None:
        """These are to be on air."""
        self._store.apply("simulated", specs, "simulate", self._ground.agenda.clock.wall())
        self._pass_takes = PASS_BASE + PASS_EACH * len(specs)

    def begin_rounds(self) -> None:
        """Pass after pass, and reports as they come."""
        self._ground.agenda.round_after(0.0, self._pass)
        self._ground.agenda.round_after(REPORTS_SECONDS, self._record)

    def start(self, placement: Placement) -> None:
        """Hand a placement's run to its node."""
        self.placed += not placement.standby
        self.moved += placement.standby
        self._deliver(placement.node, lambda node: node.take(placement))

    def nudge(self, stream: StreamId, token: FencingToken) -> None:
        """Reach a run wherever it is; whoever hasn't got it doesn't mind."""
        self._check()
        for node in list(self._nodes.values()):
            if (stream, token) in node.runs:
                self._deliver(node.name, lambda node: node.nudge(stream, token))

    def _deliver(self, name: NodeId, word: Callable[[Node], None]) -> None:
        self._check()
        node = self._nodes[name]
        self._ground.agenda.after(self._chance.uniform(*TASK_SECONDS), lambda: word(node))

    def _check(self) -> None:
        if not self._ground.redis_is_up:
            raise WireUnreachable

    def _pass(self) -> None:
        asked, questions = self._line.asked, self._questions
        begun = time.process_time()  # what else the machine does isn't the pass's fault
        takes = self._pass_takes
        try:
            wait = self._reconciler.once()
        except WireUnreachable:
            wait, takes, did = PASS_SECONDS, UNREACHABLE_SECONDS, True
        else:
            did = wait < PASS_SECONDS
            milliseconds = (time.process_time() - begun) * 1000
            self.passes.append(
                Pass(milliseconds, self._questions - questions, self._line.asked - asked, did)
            )
        self.at_rest = not did
        self._ground.agenda.round_after(wait + takes, self._pass)

    def _record(self) -> None:
        """Reports go through the broker, which is away with Redis."""
        ground = self._ground
        if ground.redis_is_up and ground.reports:
            self._store.reporting.record(ground.reports)
            ground.reports.clear()
        ground.agenda.round_after(REPORTS_SECONDS, self._record)

    def _answer(self, ear: str) -> NodeBeat:
        """What a node says when it is asked directly."""
        name, _, boot = ear.removeprefix("http://").partition("/")
        node = self._nodes.get(NodeId(name))
        if node is None or not node.hears or node.boot != boot:
            raise TimeoutError
        return node.said()

    def _count(self, *_facts: Any) -> None:
        self._questions += 1


class _AtOnce(Executor):
    """Does what it is given, then and there."""

    @override
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done
