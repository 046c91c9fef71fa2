"""A run of a stream on a simulated node, by the rules of the real one (workers.stream.run).

What is judged there by pure functions is judged here by the same ones: what the board asks of a
placement (domain.duty), what may be done with a lease (domain.hold), which phases follow which.
What takes time there takes about as long here, drawn by chance: preparing, connecting, coming back.

Left out: clips, and the finer rungs of the ladder of recovery. A connection that is lost is made
again after a moment, if the lease is granted.
"""

from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Protocol

from orchestrator.domain import duty as judge_duty
from orchestrator.domain import hold as judge_hold
from orchestrator.domain.duty import Duty
from orchestrator.domain.hold import Hold
from orchestrator.domain.placement import Placement
from orchestrator.domain.schedule import CLOSED, Turn, next_turn, open_at
from orchestrator.domain.stream import Phase, StreamStatus, Want, moved
from orchestrator.errors import WireUnreachable
from orchestrator.ids import TargetDigest
from orchestrator.simulate.agenda import Agenda
from orchestrator.simulate.air import Air
from orchestrator.wire.board import Board
from orchestrator.wire.leases import Leases

PREPARES = (0.3, 1.2)
"""Seconds until its first clips are there, which are warm or rendered ahead."""
CONNECTS = (0.15, 0.4)
"""Seconds from calling an endpoint until it takes the stream."""
LOOKS_AGAIN = 0.1
TAKES_OVER = 0.05
"""How often a run asks for the lease that was given the air."""
ASKS_AGAIN = 0.5
BOARD_PATIENCE = 30.0
CALLED_OFF_SECONDS = 2.0
COMES_BACK = 0.3
CLOSES = 0.05


class Home(Protocol):
    """The node, as its run sees it."""

    agenda: Agenda
    air: Air
    board: Board
    leases: Leases
    chance: Random
    lease_seconds: float

    def later(self, seconds: float, run: "Run", do: str) -> None: ...

    def news(self, run: "Run", reason: str) -> None: ...

    def gone(self, run: "Run") -> None: ...

    def wait_for_turn(self) -> float: ...


@dataclass
class Times:
    """When things happened to a run, on the virtual clock."""

    begun: float
    since: float
    on_air: float | None = None
    unasked: float | None = None


class Run:
    """One placement's run. `later` calls its methods by name while its node lives."""

    def __init__(self, home: Home, placement: Placement, holder: str) -> None:
        self._home = home
        self.placement = placement
        self.holder = holder
        self.phase = Phase.PLANNED
        self.hold: Hold | None = None
        self.publishes = False
        self.over = False
        self._spec_digest = ""
        self._turns: tuple[Turn, ...] = ()
        self._duty = Duty.UNKNOWN
        now = home.agenda.clock.now
        self._times = Times(begun=now, since=now)

    def status(self) -> StreamStatus:
        """What is said of it in a heartbeat."""
        clock, since = self._home.agenda.clock, self._times.on_air
        return StreamStatus(
            stream=self.placement.stream,
            token=self.placement.token,
            phase=self.phase,
            spec_digest=self._spec_digest,
            since=clock.wall() - clock.now + self._times.since,
            on_air_seconds=0.0 if since is None else round(clock.now - since, 1),
        )

    def listen(self) -> None:
        """Look on the board whether this placement is asked for."""
        try:
            self._read()
            spec = self._home.board.spec(self.placement.stream)
        except WireUnreachable:
            self._home.later(ASKS_AGAIN, self, "listen")
            return
        if self.over:
            return
        if spec is not None and self._duty in (Duty.CARRY, Duty.STAND_BY):
            self._turns = spec.turns
            self._move(Phase.PREPARING, "the stream is placed here")
            self._home.later(self._home.chance.uniform(*PREPARES), self, "prepared")
        elif self._home.agenda.clock.now - self._times.begun > BOARD_PATIENCE:
            self.end("nothing on the board asks for this placement")
        else:
            self._home.later(ASKS_AGAIN, self, "listen")

    def prepared(self) -> None:
        """The first clips are there; a shop that isn't open yet is waited for."""
        wall = self._home.agenda.clock.wall()
        if not open_at(self._turns, wall):
            opening = next_turn(self._turns, wall)
            if opening is None:
                self.close()
            else:
                self._home.later(opening.begins_at - wall, self, "prepared")
            return
        if self._duty is Duty.CARRY:
            self._move(Phase.CONNECTING, "what it opens with is there")
            self.ask()
            return
        self._move(Phase.READY, "paused at its first packet until it is given the air")
        self.stand_by()

    def stand_by(self) -> None:
        """Look whether it is given the air."""
        now = self._home.agenda.clock.now
        try:
            self._read()
        except WireUnreachable:
            self._times.unasked = None
        else:
            if self.over:
                return
            unasked = self._times.unasked if self._duty is Duty.NONE else None
            self._times.unasked = now if self._duty is Duty.NONE and unasked is None else unasked
            if unasked is not None and now - unasked >= CALLED_OFF_SECONDS:
                self.end("called off: the stream stays where it is")
                return
        if self._duty is Duty.CARRY:
            self._move(Phase.CONNECTING, "takes over")
            self.ask()
        else:
            self._home.later(LOOKS_AGAIN, self, "stand_by")

    def ask(self) -> None:
        """Ask for the lease, right before a connection. No answer means no."""
        target, token, asked_at = self._target, self.placement.token, self._home.agenda.clock.now
        seconds = self._home.lease_seconds
        try:
            verdict = self._home.leases.acquire(target, self.holder, token, seconds)
        except WireUnreachable:
            self._home.later(LOOKS_AGAIN, self, "ask")
            return
        if verdict.stale:
            self.end("a newer placement replaces this one")
        elif verdict.granted:
            self.hold = judge_hold.first(verdict, asked_at, seconds)
            delay = self._home.wait_for_turn() + self._home.chance.uniform(*CONNECTS)
            self._home.later(delay, self, "connected")
        else:
            again = TAKES_OVER if self._duty is Duty.CARRY else LOOKS_AGAIN
            self._home.later(again, self, "ask")

    def connected(self) -> None:
        """The endpoint would take the stream now."""
        if self.hold is None or not self.hold.held(self._home.agenda.clock.now):
            self._home.later(COMES_BACK, self, "ask")
            return
        self._home.air.begins(self._target, self.holder)
        self.publishes = True
        self._times.on_air = self._home.agenda.clock.now
        self._move(Phase.ON_AIR, "the endpoint takes the stream")

    def close(self) -> None:
        """The shop closes."""
        self.end(CLOSED)

    def dropped(self) -> None:
        """The endpoint has hung up."""
        if self.publishes:
            self.fall_silent()
            self._move(Phase.OFF_AIR, "the endpoint hung up")
            self._home.later(COMES_BACK, self, "ask")

    def fall_silent(self) -> None:
        """No byte leaves any more."""
        if self.publishes:
            self.publishes = False
            self._times.on_air = None
            self._home.air.ends(self._target, self.holder)

    def renewed(self, hold: Hold) -> None:
        """What the last renewal said of the lease."""
        now = self._home.agenda.clock.now
        self.hold = hold
        if hold.refused is not None:
            self.end("a newer placement replaces this one")
        elif self.phase is Phase.ON_AIR and not self.publishes and hold.may_write(now):
            self._home.air.begins(self._target, self.holder)
            self.publishes = True
            self._times.on_air = now

    def check(self) -> None:
        """Before a write: a process that stood still finds here that its right is gone."""
        now = self._home.agenda.clock.now
        if self.publishes and (self.hold is None or not self.hold.may_write(now)):
            self.fall_silent()

    def heed(self, want: Want) -> None:
        """What is wanted of it now."""
        call = judge_duty.called(self.placement.token, want, None)
        if call.duty is Duty.END:
            self.end(call.reason)

    def end(self, reason: str) -> None:
        """Close the connection; then give the lease back."""
        if self.over:
            return
        self.over = True
        self.fall_silent()
        self._move(Phase.ENDED, reason)
        self._home.later(CLOSES, self, "give_back")

    def give_back(self) -> None:
        """The connection is closed."""
        with suppress(WireUnreachable):  # it ends by itself then
            self._home.leases.release(self._target, self.holder, self.placement.token)
        self._home.gone(self)

    @property
    def _target(self) -> TargetDigest:
        return self.placement.target

    def _read(self) -> None:
        stream = self.placement.stream
        found = self._home.board.pinned((stream,))
        want, successor = found.wants.get(stream), found.nexts.get(stream)
        call = judge_duty.called(self.placement.token, want, successor)
        if call.duty is Duty.END:
            self.end(call.reason)
            return
        self._duty = call.duty
        mine = want if call.duty is Duty.CARRY else successor
        self._spec_digest = self._spec_digest if mine is None else mine.spec_digest

    def _move(self, to: Phase, reason: str) -> None:
        if moved(self.phase, to) is not self.phase:
            self.phase = to
            self._times.since = self._home.agenda.clock.now
            self._home.news(self, reason)
