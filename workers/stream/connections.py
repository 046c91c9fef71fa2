"""One run's connections, one after another: lease, turn, connect, play, and what an end means.

    prepare()   ffmpeg waits with the header, connected to nobody
    carry(why)  until the run is over: what ends it is raised, and so is the shop's closing

While somebody else's lease runs out, an ffmpeg is made ready, so that its start costs no time then.
What a lost connection means is judged by the ladder (ladder.py); here is only done what it says.
"""

from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import NoReturn

from orchestrator.domain.schedule import CLOSED
from orchestrator.domain.stream import Phase
from orchestrator.errors import (
    BroadcastError,
    EndpointError,
    EndpointRefused,
    LeaseLost,
    MediaError,
)
from workers.media.flv import stream_header
from workers.stream.airtime import Airtime
from workers.stream.course import Course
from workers.stream.gate import Gate, Over
from workers.stream.ladder import Ladder, Rung
from workers.stream.program import Program
from workers.stream.publisher import Publisher
from workers.stream.right import ASK_AGAIN_SECONDS, TAKEOVER_SECONDS, Right

HEADER_POLL_SECONDS = 0.1
RENEWED = Rung(give_up=False, delay=0.0, reason="the connection is renewed", alarm="")
TAKEN = "the endpoint takes the stream"


@dataclass(frozen=True)
class Show:
    """What is put on air, by which way, and what is made of its losses."""

    program: Program
    publisher: Publisher
    ladder: Ladder
    chance: Random


class Connections:
    """The connections of one run, for its own thread."""

    def __init__(self, show: Show, course: Course, right: Right, gate: Gate) -> None:
        self._program = show.program
        self._publisher = show.publisher
        self._ladder = show.ladder
        self._chance = show.chance
        self._course = course
        self._standing = course.standing
        self._right = right
        self._gate = gate
        self._header = b""
        """What the next connection opens with, once that is known."""
        self._waits = False
        """Whether an ffmpeg has that header already."""

    def prepare(self) -> None:
        """See that an ffmpeg waits, connected to nobody. May be repeated."""
        header = self._opening()
        if not self._waits:
            self._gate.take_turn()
        self._waits = False
        self._publisher.prepare(header)
        self._waits = True

    def carry(self, why: str) -> NoReturn:
        """Connect and play for as long as the stream is wanted here."""
        every = TAKEOVER_SECONDS if self._waits else ASK_AGAIN_SECONDS
        while True:
            self._heed_hours()
            self._course.move(Phase.CONNECTING, why)
            header = self._opening()
            self._take_right(every)
            rung = self._one(header)
            self._publisher.close(rung.reason)
            self._course.move(Phase.OFF_AIR, rung.reason)
            if rung.reread_lease:
                self._right.ask()
            self._gate.wait(rung.delay)
            # What was wrong stays to be read until it is known to be right.
            why = f"tries again after {rung.delay:.1f} s; {rung.reason}"
            every = ASK_AGAIN_SECONDS

    def _take_right(self, every: float) -> None:
        if self._right.ask():
            return
        if not self._waits:
            with suppress(MediaError):  # connecting shows what is wrong with it
                self.prepare()
        self._right.take(every)

    def _one(self, header: bytes) -> Rung:
        """One connection, from its turn to its end."""
        connects = self._publisher.facts.connects
        try:
            self._gate.take_turn()
            self._gate.check()
            self._header, self._waits = b"", False
            self._publisher.connect(header)
            airtime = Airtime(
                self._publisher, self._program, self._gate, self._course.trace, self._standing
            )
            airtime.play(on_air=self._taken, between=self._look)
        except (LeaseLost, EndpointError, MediaError) as error:
            self._publisher.close(str(error), politely=self._gate.held)
            return self._judged(error, connects)
        return RENEWED

    def _heed_hours(self) -> None:
        if self._program.closed:
            raise Over(CLOSED)

    def _opening(self) -> bytes:
        """The header of the next connection; waits until something could follow it."""
        while not self._header:
            if (clip := self._program.sample()) is not None:
                self._header = stream_header(clip)
                break
            self._standing.standing_in = self._program.standing_in
            self._program.look()
            self._gate.wait(HEADER_POLL_SECONDS)
        return self._header

    def _taken(self) -> None:
        """The endpoint takes the stream."""
        self._standing.connects += 1
        self._ladder.on_air(self._gate.now)
        self._course.move(Phase.ON_AIR, TAKEN)

    def _look(self) -> None:
        """Between two clips."""
        self._course.alarm(self._ladder.alarm(self._gate.now))

    def _judged(self, error: BroadcastError, connects: int) -> Rung:
        facts = self._publisher.facts
        self._standing.stalls = facts.stalls
        self._standing.figures.ended(error)
        accepted = facts.last_accepted_seconds if facts.connects > connects else None
        rung = self._ladder.ended(error, accepted, self._gate.now, self._chance)
        if rung.give_up:
            raise error if error.permanent else EndpointRefused(rung.reason) from error
        self._course.alarm(self._ladder.alarm(self._gate.now))
        return rung
