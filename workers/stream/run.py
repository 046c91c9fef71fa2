"""Carries one stream for as long as it is wanted here: prepare, take the lease, publish, play.

    PREPARING    spec from the board, key, clips ordered; until idle and opening are there
    READY        another node has the stream, or its shop isn't open yet: ffmpeg waits for its first
                 packet
    CONNECTING   the lease is asked for right before every connection, and answered by Redis
    ON_AIR       clip after clip, a look at the lease before every write
    OFF_AIR      the connection is gone; the ladder says how long to wait before the next
    ENDED        no longer wanted, replaced, told to stop, the shop closed, or the worker shuts down
    FAILED       trying again can't help: wrong key, refused by the platform

One thread from begin to end: it is also the one that starts ffmpeg, which must not outlive it. It
never waits for Redis while it is on air; the lease's hold is kept by another thread (keeper.py).
"""

from random import Random

from pydantic import SecretStr

from orchestrator.domain.duty import Duty, called
from orchestrator.domain.endpoint import target_digest
from orchestrator.domain.schedule import CLOSED
from orchestrator.domain.stream import Phase, StreamSpec, StreamStatus, Want
from orchestrator.errors import BroadcastError, ConfigurationError, MediaError, StaleToken
from orchestrator.ids import FencingToken, StreamId
from orchestrator.platforms import PLATFORMS
from orchestrator.platforms.custom import CUSTOM
from orchestrator.wire.secrets import resolve_key
from workers.pool import Stop
from workers.stream.connections import Connections, Show
from workers.stream.course import Course
from workers.stream.gate import Gate, Over
from workers.stream.ladder import Ladder
from workers.stream.program import Program
from workers.stream.revisions import Revisions
from workers.stream.right import Right
from workers.stream.standing import Standing, status_line
from workers.stream.station import Station
from workers.stream.summons import Summons
from workers.stream.trace import Trace

POLL_SECONDS = 0.1
OPENING_PATIENCE_SECONDS = 10.0
LOOK_SECONDS = 2.0
REPLACED = "a newer placement replaces this one"
OPENS_SOON_SECONDS = 900.0
"""A shop that opens later than that is closed: the run would take a slot for nothing."""


class StreamRun:
    """One placement of one stream."""

    def __init__(
        self, station: Station, stream: StreamId, token: FencingToken, stop: Stop, task_id: str
    ) -> None:
        self.stream = stream
        self.token = token
        self.task_id = task_id
        self.begun_at = station.clock.wall()
        self._station = station
        self._clock = station.clock
        self._stop = stop
        self._chance = Random(task_id)
        who = station.identity
        # Each run is a holder of its own: a successor in the same process waits for it, too.
        self._holder = f"{who.node}/{who.boot}/{stream}/{token}"
        self._standing = Standing(stream, token, station.clock)
        self._trace = Trace(station.reporter, self._standing, self._holder, station.clock)
        self._course = Course(self._standing, self._trace, station.telemetry.soon)
        self._gate = Gate(stop, station.keeper, self._holder, station.turnstile, station.clock)
        self._summons = Summons(station.board, stream, token, station.clock)
        self._revisions = Revisions(station.board, stream, station.elsewhere)

    @property
    def phase(self) -> Phase:
        """How far it is."""
        return self._standing.phase

    @property
    def standing(self) -> Standing:
        """What is known of it, for the metrics; to be read only."""
        return self._standing

    def status(self) -> StreamStatus:
        """Where it stands, for the heartbeat."""
        return self._standing.status()

    def heed(self, want: Want) -> None:
        """End if something else is wanted; go on otherwise, if need be by another plan."""
        call = called(self.token, want, None)
        if call.duty is Duty.END:
            self.end(call.reason)
        elif call.duty is Duty.CARRY:
            self._revisions.heed(want)

    def end(self, reason: str) -> None:
        """Ask it to end; it closes its connection first."""
        self._stop.ask(reason)

    def carry(self) -> str:
        """Carry the stream to its end; the last line is what is left to say."""
        self._station.carry(self)
        try:
            self._carry()
        except Over as over:
            self._over(str(over))
        except StaleToken:
            self._over(self._stop.reason or REPLACED)
        except BroadcastError as error:
            self._failed(error)
            raise
        except Exception as error:  # the task's boundary: the coordinator has to know
            self._course.move(Phase.FAILED, f"internal error: {type(error).__name__}")
            raise
        finally:
            self._trace.traffic(at_once=True)
            self._station.drop(self)
        return status_line(self._standing.status())

    def _carry(self) -> None:
        spec = self._summons.heard(self._gate, self._course)
        self._standing.know(spec)
        self._course.move(Phase.PREPARING, self._why_here())
        key = matching_key(spec)
        station = self._station
        program = Program(
            spec, self.token, station.shelf, station.orders, station.settings.ahead_seconds
        )
        self._revisions.begin(spec, program)
        self._standing.bill(program.title, program.digest)
        program.pin()
        publisher = station.publisher(spec.endpoint, key)
        right = Right(station.keeper, self._gate, self._course, self._holder, spec.endpoint.target)
        show = Show(program, publisher, a_ladder(spec), self._chance)
        connections = Connections(show, self._course, right, self._gate)
        try:
            self._await_clips(program)
            why = self._stand_by(program, connections)
            connections.carry(self._await_opening(program, connections) or why)
        finally:
            # The lease is given back only after the connection is closed.
            publisher.close(self._stop.reason or "the run ends", politely=self._gate.held)
            right.give_back()
            program.unpin()

    def _why_here(self) -> str:
        if self._summons.duty is Duty.STAND_BY:
            return f"is to take over from {self._summons.predecessor or 'another node'}"
        return "the stream is placed here"

    def _await_clips(self, program: Program) -> None:
        begun = looked = self._clock.monotonic()
        program.prepare()
        while not program.has_opening:
            if program.opens_in is None:
                raise Over(CLOSED)
            now = self._clock.monotonic()
            if now - begun >= OPENING_PATIENCE_SECONDS and program.has_anything:
                return
            if now - looked >= LOOK_SECONDS:
                looked = now
                program.prepare()
                self._summons.given_the_air()
            self._course.note("the first clips are being rendered")
            self._standing.standing_in = program.standing_in
            self._gate.wait(POLL_SECONDS)

    def _stand_by(self, program: Program, connections: Connections) -> str:
        """Wait for the air where another node has it; why the stream connects then."""
        looked = -LOOK_SECONDS
        while not self._summons.given_the_air():
            now = self._clock.monotonic()
            if now - looked >= LOOK_SECONDS:
                looked = now
                self._look(program)
                self._get_ready(connections, "paused at its first packet until it is given the air")
            self._gate.wait(POLL_SECONDS)
        before = self._summons.predecessor
        return f"takes over from {before}" if before else "what it opens with is there"

    def _await_opening(self, program: Program, connections: Connections) -> str:
        """Wait until the shop opens, if it isn't open; what there is to say then."""
        looked, waited = -LOOK_SECONDS, False
        while (left := program.opens_in) != 0.0:
            if left is None or left > OPENS_SOON_SECONDS:
                raise Over(CLOSED)
            now, waited = self._clock.monotonic(), True
            if now - looked >= LOOK_SECONDS:
                looked = now
                self._look(program)
                self._get_ready(connections, "waits for the shop to open")
            self._gate.wait(min(left, POLL_SECONDS))
        return "the shop opens" if waited else ""

    def _look(self, program: Program) -> None:
        # A run that has the air hears of another spec by its want, with each heartbeat.
        if self._summons.duty is Duty.STAND_BY and self._summons.word is not None:
            self._revisions.heed(self._summons.word)
        self._standing.ahead_seconds = program.look()
        self._standing.bill(program.title, program.digest)

    def _get_ready(self, connections: Connections, why: str) -> None:
        try:
            connections.prepare()
        except MediaError as error:
            if error.permanent:
                raise
            self._course.note(str(error))
        else:
            self._course.move(Phase.READY, why)

    def _over(self, reason: str) -> None:
        self._course.alarm("")  # whoever carries the stream now will call if there is need
        self._course.move(Phase.ENDED, reason)

    def _failed(self, error: BroadcastError) -> None:
        if error.permanent:
            self._course.alarm(str(error))
        self._course.move(Phase.FAILED, str(error), permanent=error.permanent)


def a_ladder(spec: StreamSpec) -> Ladder:
    """The recovery ladder of the stream's platform."""
    platform = PLATFORMS.get(spec.platform, CUSTOM)
    return Ladder(platform.recovery, platform.ingest.second_publisher)


def matching_key(spec: StreamSpec) -> SecretStr:
    """The key as this process sees it, if it is the one that the stream was planned with."""
    key = resolve_key(spec.endpoint.key)
    target = target_digest(spec.platform, spec.endpoint.url, key.get_secret_value())
    if target != spec.endpoint.target:
        raise ConfigurationError(
            "The stream key on this node isn't the one that the matrix was applied with. "
            "Set the same key for all processes, then apply the matrix again."
        )
    return key
