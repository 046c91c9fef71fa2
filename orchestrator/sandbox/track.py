"""One medium of one connection: whether its timestamps and arrivals go on as they should."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from orchestrator.sandbox.anomaly import Anomaly, Rules
from orchestrator.sandbox.facts import LONGEST_STEP_MS, Facts
from orchestrator.sandbox.tags import Piece

_HALF: Final = 1 << 31
_WRAP: Final = 0xFFFFFFFF


@dataclass(frozen=True)
class Classes:
    """How a medium's anomalies are called."""

    medium: str
    back: Anomaly
    jump: Anomaly
    gap: Anomaly
    codec: Anomaly
    headerless: Anomaly


VIDEO_CLASSES = Classes(
    "video",
    Anomaly.VIDEO_BACK,
    Anomaly.VIDEO_JUMP,
    Anomaly.VIDEO_GAP,
    Anomaly.VIDEO_CODEC,
    Anomaly.VIDEO_HEADERLESS,
)
AUDIO_CLASSES = Classes(
    "audio",
    Anomaly.AUDIO_BACK,
    Anomaly.AUDIO_JUMP,
    Anomaly.AUDIO_GAP,
    Anomaly.AUDIO_CODEC,
    Anomaly.AUDIO_HEADERLESS,
)


class Track:
    """A medium's continuity."""

    def __init__(self, classes: Classes, nominal_ms: float, facts: Facts, rules: Rules) -> None:
        self.classes = classes
        self.nominal_ms = nominal_ms
        """How long a frame lasts."""
        self.elapsed_ms = 0
        """The last frame's time since the first one's; a wrap of timestamps at 2^32 is harmless."""
        self.frames = 0
        self.since: float | None = None
        """When the connection's first frame arrived, of whichever medium."""
        self.last_at: float | None = None
        self.config: bytes | None = None
        self._codec: str | None = None
        self._last = 0
        self._facts = facts
        self._rules = rules
        audio = classes.medium == "audio"
        self._steps: Counter[int] = facts.audio_steps if audio else facts.video_steps
        self._gap_seconds = rules.audio_gap_seconds if audio else rules.video_gap_seconds
        self._large_step = rules.audio_step_ms if audio else None

    def header(self, piece: Piece) -> None:
        """A codec header; another one than before means that decoders must start over."""
        if self.config is not None and piece.body != self.config:
            self._facts.note(self.classes.codec, "another codec header in mid-stream")
        self.config = piece.body
        self._codec = piece.codec

    def frame(self, piece: Piece, timestamp: int, at: float) -> None:
        """A frame arrived."""
        if piece.needs_header and self.config is None:
            self._facts.note(self.classes.headerless, f"at {timestamp} ms")
        if self._codec is not None and piece.codec != self._codec:
            self._facts.note(self.classes.codec, f"{self._codec} to {piece.codec}")
        self._codec = piece.codec
        if self.last_at is not None:
            self._step(timestamp)
        self._arrival(at)
        self._last = timestamp
        self.last_at = at
        self.frames += 1

    def silent(self, now: float) -> float | None:
        """For how long nothing has arrived, if that is too long."""
        waited = self._waited(now)
        return waited if waited > self._gap_seconds else None

    def _step(self, timestamp: int) -> None:
        step = ((timestamp - self._last + _HALF) & _WRAP) - _HALF
        self.elapsed_ms += step
        self._steps[max(-LONGEST_STEP_MS, min(step, LONGEST_STEP_MS))] += 1
        uneven = abs(step - self.nominal_ms) > self._rules.uneven_ms
        if not uneven:
            return
        where = f"{self.classes.medium} step of {step} ms at {timestamp} ms"
        self._facts.note(self._class_of(step), where)

    def _class_of(self, step: int) -> Anomaly:
        if step < 0:
            return self.classes.back
        if step > self._rules.jump_ms:
            return self.classes.jump
        if self._large_step is not None and step > self._large_step:
            return Anomaly.AUDIO_STEP
        return Anomaly.UNEVEN

    def _arrival(self, at: float) -> None:
        waited = self._waited(at)
        if waited > self._gap_seconds:
            self._facts.note(self.classes.gap, f"for {waited:.1f} s")

    def _waited(self, now: float) -> float:
        """Since the last frame, or since the connection began to send."""
        last = self.since if self.last_at is None else self.last_at
        return 0.0 if last is None else now - last
