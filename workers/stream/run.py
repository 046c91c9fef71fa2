"""Carries one stream for as long as it is wanted here: prepare, take the lease, publish, play.

    PREPARING    spec from the board, key, clips ordered; until idle and opening are there
    CONNECTING   the lease is asked for right before every connection, and answered by Redis
    ON_AIR       clip after clip, a look at the lease before every write
    OFF_AIR      the connection is gone; wait, ask for the lease, connect again
    ENDED        no longer wanted, replaced, told to stop, or the worker shuts down
    FAILED       trying again can't help: wrong key, refused by the platform

One thread from begin to end: it is also the one that starts ffmpeg, which must not outlive it. It
never waits for Redis while it is on air; the lease's hold is kept by another thread (keeper.py).
"""

import logging
from random import Random

from pydantic import SecretStr

from orchestrator.domain.endpoint import target_digest
from orchestrator.domain.stream import Phase, StreamSpec, StreamStatus, Want
from orchestrator.errors import (
    BroadcastError,
    ConfigurationError,
    EndpointError,
    LeaseLost,
    MediaError,
    StaleToken,
    WireUnreachable,
)
from orchestrator.ids import FencingToken, StreamId
from orchestrator.wire.secrets import resolve_key
from workers.media.flv import stream_header
from workers.pool import Stop
from workers.process.backoff import Backoff
from workers.stream.airtime import Airtime
from workers.stream.gate import Gate, Over
from workers.stream.program import Program
from workers.stream.publisher import Publisher
from workers.stream.standing import Standing, status_line
from workers.stream.station import Station
from workers.stream.trace import Trace

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
ASK_AGAIN_SECONDS = 0.5
BOARD_PATIENCE_SECONDS = 30.0
OPENING_PATIENCE_SECONDS = 10.0
LOOK_SECONDS = 2.0
STEADY_SECONDS = 30.0
"""After that long on air the next interruption counts as a first one."""
BACKOFF = Backoff()


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
        self._gate = Gate(stop, station.keeper, self._holder, station.clock)

    def status(self) -> StreamStatus:
        """Where it stands, for the heartbeat."""
        return self._standing.status()

    def heed(self, want: Want) -> None:
        """End if something else is wanted."""
        if want.token > self.token:
            self._stop.ask("a newer placement replaces this one")
        elif want.token == self.token and not want.wanted:
            self._stop.ask("no longer wanted")

    def carry(self) -> str:
        """Carry the stream to its end; the last line is what is left to say."""
        self._station.carry(self)
        try:
            self._move(Phase.PREPARING)
            self._carry()
        except Over as over:
            self._move(Phase.ENDED, str(over))
        except StaleToken as error:
            self._move(Phase.ENDED, str(error))
        except BroadcastError as error:
            self._move(Phase.FAILED, str(error), permanent=error.permanent)
            raise
        except Exception as error:  # the task's boundary: the coordinator has to know
            self._move(Phase.FAILED, f"internal error: {type(error).__name__}")
            raise
        finally:
            self._trace.traffic(at_once=True)
            self._station.drop(self)
        return status_line(self._standing.status())

    def _carry(self) -> None:
        spec = self._spec()
        key = matching_key(spec)
        program = Program(
            spec,
            self.token,
            self._station.shelf,
            self._station.orders,
            self._station.settings.ahead_seconds,
        )
        program.pin()
        self._await_clips(program)
        publisher = self._station.publisher(spec.endpoint, key)
        try:
            self._publish(spec, program, publisher)
        finally:
            # The lease is given back only after the connection is closed.
            publisher.close(self._stop.reason or "the run ends")
            self._station.keeper.release(spec.endpoint.target, self._holder, self.token)

    def _spec(self) -> StreamSpec:
        """What the stream is made of, from the board; not at all if the placement is outdated."""
        patience = self._clock.monotonic() + BOARD_PATIENCE_SECONDS
        while True:
            try:
                want = self._station.board.want(self.stream)
                spec = self._station.board.spec(self.stream)
            except WireUnreachable as error:
                self._standing.reason = str(error)
            else:
                if want is not None:
                    self.heed(want)
                self._gate.wanted()
                if spec is not None and want is not None and want.token == self.token:
                    self._standing.know(spec)
                    return spec
                if self._clock.monotonic() > patience:
                    raise Over("nothing on the board asks for this placement")
            self._gate.wait(ASK_AGAIN_SECONDS)

    def _await_clips(self, program: Program) -> None:
        begun = looked = self._clock.monotonic()
        program.prepare()
        while not program.has_opening:
            now = self._clock.monotonic()
            if now - begun >= OPENING_PATIENCE_SECONDS and program.has_anything:
                return
            if now - looked >= LOOK_SECONDS:
                looked = now
                program.prepare()
            self._standing.reason = "the first clips are being rendered"
            self._gate.wait(POLL_SECONDS)

    def _publish(self, spec: StreamSpec, program: Program, publisher: Publisher) -> None:
        failures = 0
        while True:
            self._move(Phase.CONNECTING)
            header = self._header(program)
            self._take_lease(spec)
            begun = self._clock.monotonic()
            try:
                self._on_air(header, program, publisher)
                reason, delay = "the connection is renewed", 0.0
            except LeaseLost as error:
                reason, delay = str(error), 0.0
            except (EndpointError, MediaError) as error:
                if error.permanent:
                    raise
                steady = self._clock.monotonic() - begun > STEADY_SECONDS
                failures = 1 if steady else failures + 1
                reason, delay = str(error), BACKOFF.delay(failures, self._chance)
            publisher.close(reason)
            self._move(Phase.OFF_AIR, reason)
            self._gate.wait(delay)

    def _take_lease(self, spec: StreamSpec) -> None:
        """Ask Redis until it says yes. No answer means no: a connection needs the lease."""
        while True:
            self._gate.wanted()
            try:
                verdict = self._station.keeper.acquire(
                    spec.endpoint.target, self._holder, self.token
                )
            except WireUnreachable as error:
                self._standing.reason = str(error)
            else:
                if verdict.granted:
                    return
                if verdict.stale:
                    raise StaleToken
                self._standing.reason = f"{verdict.holder} still holds the endpoint's lease"
            self._gate.wait(ASK_AGAIN_SECONDS)

    def _header(self, program: Program) -> bytes:
        while (clip := program.sample()) is None:
            program.look()
            self._gate.wait(POLL_SECONDS)
        return stream_header(clip)

    def _on_air(self, header: bytes, program: Program, publisher: Publisher) -> None:
        self._gate.check()
        publisher.connect(header)
        self._standing.connects += 1
        airtime = Airtime(publisher, program, self._gate, self._trace, self._standing)
        airtime.play(on_air=lambda: self._move(Phase.ON_AIR))

    def _move(self, to: Phase, reason: str = "", permanent: bool = False) -> None:
        if not self._standing.move(to, reason):
            return
        facts = {"action": "phase", "stream": self.stream, "token": self.token, "phase": str(to)}
        level = logging.WARNING if to in (Phase.OFF_AIR, Phase.FAILED) else logging.INFO
        log.log(level, "a stream moved", extra=facts | {"reason": reason})
        self._trace.phase(to, reason, permanent)


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
