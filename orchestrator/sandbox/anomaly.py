"""What can be wrong with a stream as it arrives, and where each limit lies.

The classes are those of the large CDNs' anomaly events (Tencent CSS event 321 numbers them 1 to 12)
and the few a live room needs beside them. Where no platform publishes a figure, the limit is set so
that a stream on the clip grid never comes near it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Anomaly(StrEnum):
    """One class; the value is how a finding calls it."""

    VIDEO_BACK = "video timestamp goes back"
    AUDIO_BACK = "audio timestamp goes back"
    VIDEO_JUMP = "video timestamp jumps"
    AUDIO_JUMP = "audio timestamp jumps"
    CHUNK_SIZE = "chunk size too large"
    VIDEO_GAP = "no video arrives"
    AUDIO_GAP = "no audio arrives"
    VIDEO_CODEC = "video codec changes"
    AUDIO_CODEC = "audio codec changes"
    VIDEO_HEADERLESS = "video frame before codec header"
    AUDIO_HEADERLESS = "audio frame before codec header"
    AUDIO_STEP = "audio timestamp interval too large"
    SKEW = "audio and video out of sync"
    GOP = "GOP length abnormal"
    RESOLUTION = "resolution changes"
    UNEVEN = "uneven timestamps"
    AHEAD = "arrives ahead of real time"
    BEHIND = "arrives behind real time"


@dataclass(frozen=True)
class Rules:
    """Limits of the judge."""

    jump_ms: int = 1000
    chunk_size: int = 8192
    video_gap_seconds: float = 3.0
    audio_gap_seconds: float = 1.0
    audio_step_ms: int = 100
    gop_frames: int = 48
    skew_ms: float = 200.0
    uneven_ms: float = 2.0
    """How far a timestamp step may lie from a frame's length; FLV rounds to milliseconds."""
    drift_seconds: float = 3.0
    """How far arrival may run ahead of, or fall behind, the stream's own clock."""
    off_air_seconds: float = 1.0
    """Silence between packets from which on the stream counts as off air."""
    aigc: bool = True
    """Whether `onMetaData` must carry the AIGC label."""
