"""Where a coordinator can ask this worker what it carries, when Redis can't tell: its ear.

    GET /beat    the heartbeat of this very moment, made from memory

A page beside the probes, so there is none without a metrics port. What is said there is what is
said on the board: no key, no address of an endpoint. Nothing can be changed from here.
"""

from http import HTTPStatus
from typing import Protocol

from orchestrator.clock import Clock
from orchestrator.domain.node import NodeBeat
from orchestrator.settings import Settings
from orchestrator.telemetry.probes import Answer
from orchestrator.wire.messages import BEAT
from orchestrator.wire.reach import address_towards, url_of

PATH = "/beat"
ANY_ADDRESS = frozenset({"0.0.0.0", "::", ""})
LOOK_AGAIN_SECONDS = 10.0


class Voice(Protocol):
    """Who knows what is carried here."""

    def said(self) -> NodeBeat:
        """The heartbeat of this moment; from any thread."""
        ...


def page(voice: Voice) -> Answer:
    """What is answered."""
    return Answer(HTTPStatus.OK, "application/json", BEAT.dump_json(voice.said()) + b"\n")


class Ear:
    """Where this worker can be asked. For one thread."""

    def __init__(self, settings: Settings, port: int | None, clock: Clock) -> None:
        self._settings = settings
        self._port = port
        self._clock = clock
        self._host = _named(settings)
        self._look_from = 0.0

    def address(self) -> str:
        """The address to name; empty if there is none, or as long as it isn't known."""
        if self._port is None:
            return ""
        now = self._clock.monotonic()
        if not self._host and now >= self._look_from:
            self._look_from = now + LOOK_AGAIN_SECONDS
            self._host = address_towards(self._settings.redis)
        return url_of(self._host, self._port, PATH) if self._host else ""


def _named(settings: Settings) -> str:
    """The host that the settings name, if they do."""
    if settings.advertise_host:
        return settings.advertise_host
    return "" if settings.metrics_host in ANY_ADDRESS else settings.metrics_host
