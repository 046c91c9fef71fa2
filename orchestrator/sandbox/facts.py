"""What one endpoint has received so far, over all its connections: counts, never the media.

Grows by steps with every tag and stays small however long a stream runs: histograms are keyed by
clamped values, only the first example of each anomaly is kept.
"""

from collections import Counter, deque
from dataclasses import dataclass, field

from orchestrator.sandbox.anomaly import Anomaly
from orchestrator.sandbox.overlap import Intervals

RECENT_SECONDS = 5
LONGEST_STEP_MS = 10_000


@dataclass
class Second:
    """One second's traffic."""

    at: int
    size: int = 0
    frames: int = 0


@dataclass
class Facts:
    """One endpoint's running facts."""

    first_packet_at: float | None = None
    first_frame_at: float | None = None
    sessions: int = 0
    attempts_turned_away: int = 0
    size: int = 0
    video_frames: int = 0
    audio_frames: int = 0
    key_frames: int = 0
    video_steps: Counter[int] = field(default_factory=Counter)
    audio_steps: Counter[int] = field(default_factory=Counter)
    gops: Counter[int] = field(default_factory=Counter)
    skew_ms: float = 0.0
    """End of video less end of audio, on the stream's clock, after the last frame."""
    max_skew_ms: float = 0.0
    lead_seconds: float = 0.0
    lag_seconds: float = 0.0
    chunk_size: int = 128
    resolution: tuple[int, int] | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    sessions_without_aigc: int = 0
    aigc: bool = False
    judge_late_seconds: float = 0.0
    """How late the judge's own thread has been at worst; arrivals look that much later."""
    endings: Counter[str] = field(default_factory=Counter)
    anomalies: Counter[Anomaly] = field(default_factory=Counter)
    examples: dict[Anomaly, str] = field(default_factory=dict)
    intervals: Intervals = field(default_factory=Intervals)
    recent: deque[Second] = field(default_factory=lambda: deque(maxlen=RECENT_SECONDS + 1))

    def note(self, anomaly: Anomaly, example: str) -> None:
        """Count one anomaly; its first example is kept."""
        self.anomalies[anomaly] += 1
        self.examples.setdefault(anomaly, example)

    def received(self, at: float, size: int, frame: bool) -> None:
        """Traffic, for the rates."""
        self.size += size
        second = int(at)
        if not self.recent or self.recent[-1].at != second:
            self.recent.append(Second(second))
        self.recent[-1].size += size
        self.recent[-1].frames += frame
