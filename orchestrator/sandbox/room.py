"""One shop's ingest: its own port, its key, its judge, its recordings.

Takes one publisher at a time, as most platforms do: a second one is told that somebody is
publishing already, unless the first has been silent for five seconds, in which case it is let go.
"""

import logging
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from orchestrator.clock import Clock
from orchestrator.sandbox.judge import Judge
from orchestrator.sandbox.record import Recorder, Recording
from orchestrator.sandbox.rtmp.connection import Ending
from orchestrator.sandbox.rtmp.conversation import Tag
from orchestrator.sandbox.rtmp.gate import (
    Accept,
    Busy,
    Decision,
    Gate,
    PublishRequest,
    Refuse,
    Silent,
    keyed,
)
from orchestrator.sandbox.rtmp.server import RtmpServer
from orchestrator.sandbox.session import SessionJudge

log = logging.getLogger(__name__)

SILENT_SECONDS: Final = 5.0


@dataclass(frozen=True)
class SandboxEndpoint:
    """One shop's ingest, as the matrix names it. Port 0 lets the system choose."""

    name: str
    port: int
    app: str
    key: SecretStr


class Intake:
    """Takes what one granted connection publishes to judge and recording."""

    def __init__(self, room: "Room", session: SessionJudge, at: float) -> None:
        self.last_at = at
        self._room = room
        self._session = session
        self._recording: Recording | None = room.recorder.begin() if room.recorder else None

    def chunk_size(self, size: int) -> None:
        """The publisher cuts its messages like this."""
        self._session.chunk_size(size)

    def tag(self, tag: Tag, at: float) -> None:
        """A piece of media arrived."""
        self.last_at = at
        self._session.feed(tag.kind, tag.timestamp, at, tag.payload)
        if self._recording is not None:
            self._recording.tag(tag.kind, tag.timestamp, tag.payload)

    def closed(self, at: float, ending: Ending) -> None:
        """Nothing more comes."""
        self._room.left(self)
        self._room.judge.closed(self._session, at, ending.value)
        if self._recording is not None:
            self._recording.close()
        log.info(
            "a publisher left",
            extra={"action": "sandbox.left", "endpoint": self._room.name, "ending": ending.value},
        )


class Room:
    """One endpoint at work. Lives on the sandbox's loop."""

    def __init__(
        self,
        endpoint: SandboxEndpoint,
        clock: Clock,
        judge: Judge,
        recorder: Recorder | None = None,
        gate: Gate | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.name = endpoint.name
        self.endpoint = endpoint
        self.judge = judge
        self.recorder = recorder
        path = f"{endpoint.app.strip('/')}/{endpoint.key.get_secret_value().strip('/')}"
        self._gate = keyed(path, gate or self._one_at_a_time)
        self._intakes: list[Intake] = []
        self.server = RtmpServer(self._decide, self._begin, clock, host)

    @property
    def url(self) -> str:
        """Where publishers connect; without the key."""
        return f"rtmp://{self.server.host}:{self.server.port}/{self.endpoint.app.strip('/')}"

    def left(self, intake: Intake) -> None:
        """That publisher is gone."""
        self._intakes.remove(intake)

    def _decide(self, request: PublishRequest, now: float) -> Decision:
        decision = self._gate(request, now)
        if isinstance(decision, (Refuse, Busy, Silent)):
            self.judge.turned_away()
            log.info(
                "a publisher was turned away",
                extra={
                    "action": "sandbox.turned_away",
                    "endpoint": self.name,
                    "decision": type(decision).__name__.lower(),
                },
            )
        return decision

    def _one_at_a_time(self, _request: PublishRequest, now: float) -> Decision:
        for intake in tuple(self._intakes):
            if now - intake.last_at < SILENT_SECONDS:
                return Busy()
            self.server.release(intake)
        return Accept()

    def _begin(self, _request: PublishRequest, at: float) -> Intake:
        intake = Intake(self, self.judge.opened(), at)
        self._intakes.append(intake)
        log.info("a publisher was taken", extra={"action": "sandbox.taken", "endpoint": self.name})
        return intake
