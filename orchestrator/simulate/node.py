"""A simulated stream worker: it carries runs, beats, renews their leases, hears what is wanted.

It may die with all it carries, stand still for a while, or be cut off from Redis. A process that
stands still does nothing of what it has on its agenda until it goes on.
"""

from collections.abc import Collection
from random import Random

from orchestrator.domain import hold as judge_hold
from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import Placement
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.simulate.agenda import Agenda, Do
from orchestrator.simulate.air import Air
from orchestrator.simulate.client import Line, LineClient
from orchestrator.simulate.run import Run
from orchestrator.simulate.server import Server
from orchestrator.wire.board import Board
from orchestrator.wire.leases import Holding, Leases

BEATS = 1.0
RENEWS = 1.0
SPACING = 0.05
"""Between two connections that a node begins."""


class Ground:
    """What all nodes stand on."""

    def __init__(self, agenda: Agenda, air: Air, server: Server, prefix: str, lease: float) -> None:
        self.agenda = agenda
        self.air = air
        self.server = server
        self.prefix = prefix
        self.lease_seconds = lease
        self.redis_is_up = True
        self.reports: list[Report] = []
        """What workers have said, and nobody has recorded yet."""


class Node:
    """One worker process. A machine that comes back is a new one."""

    def __init__(self, ground: Ground, name: NodeId, boot: str, slots: int, chance: Random) -> None:
        self._ground = ground
        self.name, self.boot, self._slots = name, boot, slots
        self.agenda, self.air, self.chance = ground.agenda, ground.air, chance
        self.lease_seconds = ground.lease_seconds
        redis = LineClient(Line(ground.server, self._reaches_redis))
        self.board = Board(redis, ground.prefix)
        self.leases = Leases(redis, ground.prefix)
        self.runs: dict[tuple[StreamId, FencingToken], Run] = {}
        self.dead = self.cut_off = False
        self.still_until = 0.0
        self._turns_from = 0.0
        self._reported = 0
        self._beat_soon = False

    def start(self) -> None:
        """Begin to beat and to renew, at a moment of its own."""
        self.agenda.round_after(self.chance.uniform(0.0, BEATS), self._beat_round)
        self.agenda.round_after(self.chance.uniform(0.0, RENEWS), self._renew_round)

    def take(self, placement: Placement) -> None:
        """A task has come."""
        key = (placement.stream, placement.token)
        if not self.dead and key not in self.runs:
            holder = f"{self.name}/{self.boot}/{placement.stream}/{placement.token}"
            run = self.runs[key] = Run(self, placement, holder)
            self.later(0.0, run, "listen")

    def nudge(self, stream: StreamId, token: FencingToken) -> None:
        """A run is asked to end."""
        run = self.runs.get((stream, token))
        if run is not None and not self.dead:
            run.end("asked to end")

    def die(self) -> None:
        """The machine is gone."""
        self.dead = True
        for run in self.runs.values():
            run.fall_silent()
        self.runs = {}

    def stand_still(self, seconds: float) -> None:
        """The process is frozen: nothing of it moves, and no byte leaves."""
        self.still_until = self.agenda.clock.now + seconds
        silenced = [run for run in self.runs.values() if run.publishes]
        for run in silenced:
            self.air.ends(run.placement.target, run.holder)
        self.agenda.after(seconds, lambda: self._go_on(silenced))

    @property
    def hears(self) -> bool:
        """Whether it answers when it is asked directly."""
        return not self.dead and self.agenda.clock.now >= self.still_until

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.hears and not self.cut_off

    def rejoin(self) -> None:
        """It can reach Redis again."""
        self.cut_off = False

    def close_all_but(self, opened: Collection[StreamId]) -> None:
        """The other shops close now."""
        for run in list(self.runs.values()):
            if run.placement.stream not in opened and run.publishes:
                self.later(0.0, run, "close")

    def live_on(self) -> None:
        """Do at once what was done all the time in a while that is jumped over."""
        if not self.dead:
            self.renew()
            self.beat()

    def said(self) -> NodeBeat:
        """Its heartbeat of this moment."""
        return NodeBeat(
            node=self.name,
            boot=self.boot,
            kind=WorkerKind.STREAM,
            slots=self._slots,
            busy=0.2,
            streams=tuple(run.status() for run in self.runs.values()),
            at=self.agenda.clock.wall(),
            ear=f"http://{self.name}/{self.boot}",
        )

    def beat(self) -> None:
        """Say what is carried, and hear what is wanted."""
        if not self._reaches_redis():
            return
        self.board.beat(self.said())
        wants = self.board.wants([run.placement.stream for run in self.runs.values()])
        for run in list(self.runs.values()):
            want = wants.get(run.placement.stream)
            if want is not None:
                run.heed(want)

    def renew(self) -> None:
        """Keep all leases that are held."""
        asked_at = self.agenda.clock.now
        held = [(r, r.hold) for r in self.runs.values() if r.hold and not r.hold.refused]
        holdings = [Holding(r.placement.target, r.holder, r.placement.token) for r, _ in held]
        try:
            verdicts = self.leases.renew_many(holdings, self.lease_seconds)
        except WireUnreachable:
            for run, hold in held:
                run.renewed(judge_hold.unanswered(hold, asked_at, asked_at))
            return
        for (run, hold), verdict in zip(held, verdicts, strict=True):
            run.renewed(judge_hold.answered(hold, verdict, asked_at))

    def later(self, seconds: float, run: Run, do: str) -> None:
        """Have the run do that then, if it lives, and if it isn't over before."""

        def go_on() -> None:
            if not run.over or do == "give_back":
                getattr(run, do)()

        self.agenda.after(seconds, lambda: self._awake(go_on))

    def news(self, run: Run, reason: str) -> None:
        """A run has moved: report it, and beat in a moment."""
        self._reported += 1
        report = Report(
            report=f"{self.name}/{self.boot}/{self._reported}",
            kind=ReportKind.PHASE,
            node=self.name,
            at=self.agenda.clock.wall(),
            stream=run.placement.stream,
            token=run.placement.token,
            facts={"phase": run.phase.value, "reason": reason},
        )
        self._ground.reports.append(report)
        if not self._beat_soon:
            self._beat_soon = True
            self.agenda.after(0.1, lambda: self._awake(self._beat_now))

    def gone(self, run: Run) -> None:
        """A run has ended."""
        self.runs.pop((run.placement.stream, run.placement.token), None)

    def wait_for_turn(self) -> float:
        """Seconds until it is the next connection's turn."""
        now = self.agenda.clock.now
        mine = max(self._turns_from, now)
        self._turns_from = mine + SPACING
        return mine - now

    def _reaches_redis(self) -> bool:
        return self._ground.redis_is_up and not self.cut_off

    def _go_on(self, silenced: list[Run]) -> None:
        """After standing still: each run looks at its right before it writes."""
        for run in silenced:
            if run.publishes and not self.dead:
                run.check()
                if run.publishes:
                    self.air.begins(run.placement.target, run.holder)

    def _awake(self, do: Do) -> None:
        if self.dead:
            return
        still = self.still_until - self.agenda.clock.now
        if still > 0:
            self.agenda.after(still, lambda: self._awake(do))
        else:
            do()

    def _beat_now(self) -> None:
        self._beat_soon = False
        self.beat()

    def _beat_round(self) -> None:
        if not self.dead:
            self._awake(self.beat)
            self.agenda.round_after(BEATS, self._beat_round)

    def _renew_round(self) -> None:
        if not self.dead:
            self._awake(self.renew)
            self.agenda.round_after(RENEWS, self._renew_round)
