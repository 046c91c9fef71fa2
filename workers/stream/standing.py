"""Where a run stands: its phase, its figures, and the one line that people read.

The run's own thread writes, others read; each field is one value, so a reader sees at worst a
figure of a moment ago. Rates are taken over the last `WINDOW_SECONDS` of readings.
"""

import threading
from collections import deque
from dataclasses import dataclass, field

from orchestrator.clock import Clock
from orchestrator.domain.media import FPS
from orchestrator.domain.stream import Phase, StreamSpec, StreamStatus, moved
from orchestrator.ids import FencingToken, StreamId
from workers.stream.figures import Figures

WINDOW_SECONDS = 10.0
WORDS = {
    Phase.PLANNED: "PLANNED",
    Phase.PREPARING: "PREPARING",
    Phase.READY: "READY",
    Phase.CONNECTING: "CONNECTING",
    Phase.ON_AIR: "ON AIR",
    Phase.OFF_AIR: "OFF AIR",
    Phase.ENDED: "ENDED",
    Phase.FAILED: "FAILED",
}
CONNECTS = frozenset({Phase.CONNECTING, Phase.OFF_AIR})


@dataclass(frozen=True)
class Reading:
    """Counters at a moment."""

    at: float
    frames: int
    sent: int


@dataclass
class Standing:
    """What is known of one run."""

    stream: StreamId
    token: FencingToken
    clock: Clock
    phase: Phase = Phase.PLANNED
    reason: str = ""
    title: str = ""
    spec_digest: str = ""
    now_playing: str = ""
    ahead_seconds: float = 0.0
    standing_in: str = ""
    alarm: str = ""
    stalls: int = 0
    connects: int = 0
    """Connections that the endpoint took."""
    frames: int = 0
    sent: int = 0
    since: float = 0.0
    figures: Figures = field(default_factory=Figures)
    _on_air_from: float | None = None
    _on_air_before: float = 0.0
    _readings: deque[Reading] = field(default_factory=deque)
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.since = self.clock.wall()

    def know(self, spec: StreamSpec) -> None:
        """From now on it is known what the stream is made of."""
        self.title, self.spec_digest = spec.title, spec.digest
        self.figures.brand, self.figures.platform = spec.brand_id, spec.platform
        self.figures.address = spec.endpoint.url

    def bill(self, title: str, spec_digest: str) -> None:
        """From now on that one is on, by that spec."""
        self.title, self.spec_digest = title, spec_digest

    def move(self, to: Phase, reason: str = "") -> bool:
        """Try to go to that phase; say whether that was a step."""
        if moved(self.phase, to) is self.phase:
            self.reason = reason or self.reason
            return False
        now = self.clock.monotonic()
        if self._on_air_from is not None:
            self._on_air_before += now - self._on_air_from
        self._on_air_from = now if to is Phase.ON_AIR else None
        self.figures.off_air.switch(to in CONNECTS, now)
        self.phase, self.reason, self.since = to, reason, self.clock.wall()
        return True

    def count(self, frames: int, sent: int) -> None:
        """So much has left."""
        self.frames += frames
        self.sent += sent

    @property
    def on_air_seconds(self) -> float:
        """How long the stream was on air in this run, all connections together."""
        begun = self._on_air_from
        running = 0.0 if begun is None else self.clock.monotonic() - begun
        return self._on_air_before + running

    def status(self) -> StreamStatus:
        """What is said of it in a heartbeat; a reading is taken for it."""
        with self._reading:
            fps, kbps = self._rates()
        return StreamStatus(
            stream=self.stream,
            token=self.token,
            phase=self.phase,
            spec_digest=self.spec_digest,
            since=self.since,
            title=self.title,
            on_air_seconds=round(self.on_air_seconds, 1),
            fps=round(fps, 1),
            kbps=round(kbps, 1),
            restarts=max(0, self.connects - 1),
            ahead_seconds=round(self.ahead_seconds, 1),
            now_playing=self.now_playing,
            reason=self.reason,
            standing_in=self.standing_in,
            alarm=self.alarm,
            stalls=self.stalls,
        )

    def _rates(self) -> tuple[float, float]:
        reading = Reading(self.clock.monotonic(), self.frames, self.sent)
        readings = self._readings
        readings.append(reading)
        while reading.at - readings[0].at > WINDOW_SECONDS:
            readings.popleft()
        if self.phase is not Phase.ON_AIR:
            readings.clear()
            return 0.0, 0.0
        return rates(readings[0], reading)


def rates(first: Reading, last: Reading) -> tuple[float, float]:
    """Frames a second and kilobits a second between two readings."""
    seconds = last.at - first.at
    if seconds <= 0:
        return 0.0, 0.0
    fps = (last.frames - first.frames) / seconds
    # Slices leave whole, so a window holds one slice more or less than it should.
    steady = FPS if abs(fps - FPS) <= FPS * 0.32 / seconds else fps
    return steady, (last.sent - first.sent) * 8 / 1000 / seconds


def status_line(status: StreamStatus) -> str:
    """A stream's row on the admins' monitor."""
    minutes, seconds = divmod(int(status.on_air_seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{WORDS[status.phase]} {hours:02}:{minutes:02}:{seconds:02}"]
    if status.phase is Phase.ON_AIR:
        parts += [f"{status.fps:.1f} fps", f"{status.kbps / 1000:.1f} Mb/s"]
    parts += [status.title or status.stream, f"restarts {status.restarts}"]
    if status.reason and status.phase is not Phase.ON_AIR:
        parts.append(status.reason)
    return " · ".join(parts)
