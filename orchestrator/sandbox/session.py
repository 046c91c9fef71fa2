"""One connection as the judge sees it. Pure: fed with tags and arrival times, reads no clock.

What must go on from frame to frame is kept here and ends with the connection; everything that is
counted goes into the endpoint's `Facts`. A new connection may begin at any timestamp.
"""

import json
from dataclasses import dataclass

from orchestrator.sandbox.anomaly import Anomaly, Rules
from orchestrator.sandbox.facts import Facts
from orchestrator.sandbox.rtmp.amf0 import AmfValue, decode_all
from orchestrator.sandbox.rtmp.errors import ProtocolError
from orchestrator.sandbox.sps import size_in
from orchestrator.sandbox.tags import (
    AUDIO,
    DATA,
    VIDEO,
    Piece,
    aac_frame_ms,
    audio_piece,
    video_piece,
)
from orchestrator.sandbox.track import AUDIO_CLASSES, VIDEO_CLASSES, Track

VIDEO_MS = 40.0
AUDIO_MS = 1024 / 48
FASTEST_FPS = 240.0


@dataclass
class _Excursions:
    """Limits that are counted once each time they are crossed, not for every frame beyond."""

    skew: bool = False
    ahead: bool = False
    behind: bool = False
    gop: bool = False


class SessionJudge:
    """Judges one connection."""

    def __init__(self, number: int, facts: Facts, rules: Rules) -> None:
        self.number = number
        self.video = Track(VIDEO_CLASSES, VIDEO_MS, facts, rules)
        self.audio = Track(AUDIO_CLASSES, AUDIO_MS, facts, rules)
        self._facts = facts
        self._rules = rules
        self._beyond = _Excursions()
        self._aigc = False
        self._since_key: int | None = None
        self._size: tuple[int, int] | None = None
        self._start: tuple[float, int] | None = None
        """When the first frame arrived, and of which kind it was; the pace is that kind's."""
        self._firsts: dict[int, int] = {}
        """The first frame's timestamp, by kind."""

    def chunk_size(self, size: int) -> None:
        """The publisher cuts its messages like this."""
        self._facts.chunk_size = size
        if size > self._rules.chunk_size:
            self._facts.note(Anomaly.CHUNK_SIZE, f"{size} bytes")

    def feed(self, kind: int, timestamp: int, at: float, payload: bytes) -> None:
        """A tag arrived at the monotonic second `at`."""
        piece = None
        if kind == VIDEO:
            piece = video_piece(payload)
        elif kind == AUDIO:
            piece = audio_piece(payload)
        elif kind == DATA:
            self._metadata(payload)
        frame = piece is not None and not piece.header
        self._facts.received(at, len(payload), frame and kind == VIDEO)
        if self._facts.first_packet_at is None:
            self._facts.first_packet_at = at
        if piece is None:
            return
        if piece.header:
            self._header(kind, piece)
        else:
            self._frame(kind, piece, timestamp, at)

    def closed(self, at: float) -> None:
        """The connection is over; silence at its end counts like any other."""
        for note, example in self.silence(at):
            self._facts.note(note, example)
        self._facts.intervals.ended(self.number)
        if self._firsts and not self._aigc:
            self._facts.sessions_without_aigc += 1

    def silence(self, now: float) -> list[tuple[Anomaly, str]]:
        """Silence that lasts at this moment and is too long."""
        found = []
        facts = self._facts
        for track, ever in ((self.video, facts.video_frames), (self.audio, facts.audio_frames)):
            seconds = track.silent(now)
            # Of a medium that has never come over any connection the verdict says just that.
            if seconds is not None and ever:
                found.append((track.classes.gap, f"for {seconds:.1f} s at the end"))
        return found

    @property
    def lacks_aigc(self) -> bool:
        """Media came without the label in the metadata."""
        return bool(self._firsts) and not self._aigc

    def _header(self, kind: int, piece: Piece) -> None:
        track = self.video if kind == VIDEO else self.audio
        if kind == AUDIO and piece.codec == "aac":
            track.nominal_ms = aac_frame_ms(piece.body) or track.nominal_ms
        size = size_in(piece.body) if piece.codec == "h264" else None
        if size is not None and self._size not in (None, size):
            self._facts.note(Anomaly.RESOLUTION, f"{self._size} to {size}")
        elif piece.body != track.config:
            track.header(piece)
        if size is not None:
            self._size = self._facts.resolution = size
        track.config = piece.body

    def _frame(self, kind: int, piece: Piece, timestamp: int, at: float) -> None:
        facts = self._facts
        if facts.first_frame_at is None:
            facts.first_frame_at = at
        if self.video.since is None:
            self.video.since = self.audio.since = at
        facts.intervals.seen(self.number, at)
        if kind == VIDEO:
            facts.video_frames += 1
            facts.video_codec = piece.codec
            self.video.frame(piece, timestamp, at)
            self._gop(piece.key)
        else:
            facts.audio_frames += 1
            facts.audio_codec = piece.codec
            self.audio.frame(piece, timestamp, at)
        self._firsts.setdefault(kind, timestamp)
        self._pace(kind, at)
        self._sync()

    def _gop(self, key: bool) -> None:
        facts = self._facts
        if key:
            if self._since_key is not None:
                facts.gops[self._since_key] += 1
            facts.key_frames += 1
            self._since_key = 1
            self._beyond.gop = False
            return
        if self._since_key is None:
            if not self._beyond.gop:
                facts.note(Anomaly.GOP, "begins without a key frame")
            self._beyond.gop = True
            return
        self._since_key += 1
        if self._since_key > self._rules.gop_frames and not self._beyond.gop:
            self._beyond.gop = True
            facts.note(Anomaly.GOP, f"more than {self._rules.gop_frames} frames without key frame")

    def _pace(self, kind: int, at: float) -> None:
        """How far arrival is ahead of, or behind, the stream's own clock."""
        track = self.video if kind == VIDEO else self.audio
        elapsed = track.elapsed_ms / 1000
        if self._start is None:
            self._start = (at, kind)
        if kind != self._start[1]:
            return
        lead = elapsed - (at - self._start[0])
        facts, limit = self._facts, self._rules.drift_seconds
        facts.lead_seconds = max(facts.lead_seconds, lead)
        facts.lag_seconds = max(facts.lag_seconds, -lead)
        if lead > limit and not self._beyond.ahead:
            facts.note(Anomaly.AHEAD, f"by {lead:.1f} s")
        if -lead > limit and not self._beyond.behind:
            facts.note(Anomaly.BEHIND, f"by {-lead:.1f} s")
        self._beyond.ahead, self._beyond.behind = lead > limit, -lead > limit

    def _sync(self) -> None:
        """How far the ends of sound and picture lie apart."""
        if len(self._firsts) < 2:
            return
        video = self._firsts[VIDEO] + self.video.elapsed_ms + self.video.nominal_ms
        audio = self._firsts[AUDIO] + self.audio.elapsed_ms + self.audio.nominal_ms
        skew = video - audio
        facts = self._facts
        facts.skew_ms = skew
        facts.max_skew_ms = max(facts.max_skew_ms, abs(skew))
        beyond = abs(skew) > self._rules.skew_ms
        if beyond and not self._beyond.skew:
            facts.note(Anomaly.SKEW, f"by {skew:.0f} ms")
        self._beyond.skew = beyond

    def _metadata(self, payload: bytes) -> None:
        try:
            values = decode_all(payload)
        except ProtocolError:
            return
        about = values[1] if len(values) > 1 and values[0] == "onMetaData" else None
        if not isinstance(about, dict):
            return
        rate = about.get("framerate")
        if isinstance(rate, float) and 0 < rate <= FASTEST_FPS:
            self.video.nominal_ms = 1000 / rate
        self._aigc = self._aigc or carries_aigc(about.get("AIGC"))
        self._facts.aigc = self._facts.aigc or self._aigc
        self._facts.metadata = {name: _shown(value) for name, value in about.items()}


def carries_aigc(value: AmfValue) -> bool:
    """Whether that is GB 45438's metadata label: a JSON object, bare or wrapped, saying 1 to 3."""
    if not isinstance(value, str):
        return False
    try:
        label = json.loads(value)
    except ValueError:
        return False
    if isinstance(label, dict) and isinstance(label.get("AIGC"), dict):
        label = label["AIGC"]
    return isinstance(label, dict) and label.get("Label") in ("1", "2", "3")


def _shown(value: AmfValue) -> str:
    text = f"{value:g}" if isinstance(value, float) and not isinstance(value, bool) else str(value)
    return text[:500]
