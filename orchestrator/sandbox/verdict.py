"""What the sandbox says of one endpoint's stream: figures, and what is wrong with it, in words."""

import json
from collections import Counter
from dataclasses import asdict, dataclass

from orchestrator.sandbox.anomaly import Anomaly, Rules
from orchestrator.sandbox.facts import RECENT_SECONDS, Facts
from orchestrator.sandbox.overlap import Gap, gaps, overlap_seconds, union

LIVE_SECONDS = 3.0


@dataclass(frozen=True)
class Span:
    """Smallest and largest of something, in its own unit."""

    least: int
    most: int


@dataclass(frozen=True)
class Verdict:
    """One endpoint, judged at one moment. Clean means that nothing at all was found."""

    name: str
    live: bool
    """Media arrived in the last three seconds."""
    first_packet_at: float | None
    """Monotonic seconds, on the sandbox's clock."""
    on_air_seconds: float
    sessions: int
    turned_away: int
    """Publish attempts that the gate didn't grant."""
    gaps: tuple[Gap, ...]
    gap_seconds: float
    overlap_ms: int
    """For how long two connections published at once."""
    received_bytes: int
    kbps: float
    recent_kbps: float
    recent_fps: float
    video_frames: int
    audio_frames: int
    video_codec: str | None
    audio_codec: str | None
    resolution: tuple[int, int] | None
    video_step_ms: Span | None
    audio_step_ms: Span | None
    even_share: float | None
    """Share of video steps of exactly 40 ms."""
    gop_frames: Span | None
    skew_ms: float
    max_skew_ms: float
    lead_seconds: float
    lag_seconds: float
    chunk_size: int
    aigc: bool
    judge_late_seconds: float
    """How late the judge itself was at worst: a gap no longer than this may be its own."""
    endings: dict[str, int]
    anomalies: dict[str, int]
    findings: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Nothing is wrong."""
        return not self.findings

    def to_json(self) -> str:
        """All of it, for a file."""
        return json.dumps({"clean": self.clean, **asdict(self)}, ensure_ascii=False)


@dataclass(frozen=True)
class Moment:
    """What is true only while connections are open."""

    now: float
    silences: tuple[tuple[Anomaly, str], ...] = ()
    without_aigc: int = 0


def judged(name: str, facts: Facts, rules: Rules, moment: Moment) -> Verdict:
    """The verdict on what has arrived by now."""
    intervals = facts.intervals.all()
    on_air = sum(one.end - one.start for one in union(intervals))
    off_air = tuple(gaps(intervals, rules.off_air_seconds))
    overlap = round(overlap_seconds(intervals) * 1000)
    anomalies = facts.anomalies + Counter(anomaly for anomaly, _ in moment.silences)
    size, frames = _recent(facts, moment.now)
    return Verdict(
        name=name,
        live=bool(intervals) and moment.now - max(i.end for i in intervals) < LIVE_SECONDS,
        first_packet_at=facts.first_packet_at,
        on_air_seconds=on_air,
        sessions=facts.sessions,
        turned_away=facts.attempts_turned_away,
        gaps=off_air,
        gap_seconds=sum(gap.seconds for gap in off_air),
        overlap_ms=overlap,
        received_bytes=facts.size,
        kbps=facts.size * 8 / 1000 / on_air if on_air > 0 else 0.0,
        recent_kbps=size * 8 / 1000 / RECENT_SECONDS,
        recent_fps=frames / RECENT_SECONDS,
        video_frames=facts.video_frames,
        audio_frames=facts.audio_frames,
        video_codec=facts.video_codec,
        audio_codec=facts.audio_codec,
        resolution=facts.resolution,
        video_step_ms=_span(facts.video_steps),
        audio_step_ms=_span(facts.audio_steps),
        even_share=_even_share(facts.video_steps),
        gop_frames=_span(facts.gops),
        skew_ms=facts.skew_ms,
        max_skew_ms=facts.max_skew_ms,
        lead_seconds=facts.lead_seconds,
        lag_seconds=facts.lag_seconds,
        chunk_size=facts.chunk_size,
        aigc=facts.aigc,
        judge_late_seconds=facts.judge_late_seconds,
        endings=dict(facts.endings),
        anomalies={anomaly.value: count for anomaly, count in anomalies.items()},
        findings=_findings(facts, rules, moment, off_air, overlap),
    )


def _findings(
    facts: Facts, rules: Rules, moment: Moment, off_air: tuple[Gap, ...], overlap_ms: int
) -> tuple[str, ...]:
    """What is wrong, in words; empty when nothing is."""
    found = list(_missing(facts, rules, moment))
    if facts.sessions > 1:
        found.append(f"{facts.sessions} connections instead of one")
    if off_air:
        longest = max(gap.seconds for gap in off_air)
        found.append(f"off air {_times(len(off_air))}, for {longest:.1f} s at the longest")
    if overlap_ms:
        found.append(f"published twice at once for {overlap_ms} ms")
    for anomaly, count in facts.anomalies.items():
        found.append(f"{anomaly.value}: {_times(count)}, first {facts.examples[anomaly]}")
    found.extend(f"{anomaly.value} {example}" for anomaly, example in moment.silences)
    return tuple(found)


def _missing(facts: Facts, rules: Rules, moment: Moment) -> list[str]:
    if facts.first_frame_at is None:
        return ["no media arrived"]
    found = []
    if not facts.video_frames:
        found.append("no video arrived")
    if not facts.audio_frames:
        found.append("no audio arrived")
    without = facts.sessions_without_aigc + moment.without_aigc
    if rules.aigc and without:
        found.append("onMetaData carries no AIGC label")
    return found


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _recent(facts: Facts, now: float) -> tuple[int, int]:
    """Bytes and video frames of the last whole seconds."""
    last = int(now)
    seconds = [s for s in facts.recent if last - RECENT_SECONDS <= s.at < last]
    return sum(s.size for s in seconds), sum(s.frames for s in seconds)


def _span(counts: Counter[int]) -> Span | None:
    return Span(min(counts), max(counts)) if counts else None


def _even_share(steps: Counter[int]) -> float | None:
    total = steps.total()
    return steps[40] / total if total else None
