"""The clip grid: why clips can follow one another for days without drifting.

At 25 fps and 48 kHz, 8 video frames and 15 AAC frames both last exactly 0.32 s. Every clip is a
whole number of these grid units, so every clip begins and ends on a video frame, on an AAC frame
and on a whole millisecond (320 ms). A packet's time on air is the clip's start, a multiple of
320 ms, plus its own place in the clip; nothing is ever accumulated from rounded numbers.

Out of scope: 30 fps (48 frames = 75 AAC frames would be its grid) and 44.1 kHz (no grid exists).
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

FPS = 25
FRAME_MS = 40
AUDIO_RATE = 48_000
AAC_SAMPLES = 1024
UNIT_MS = 320
UNIT = Fraction(UNIT_MS, 1000)
FRAMES_PER_UNIT = 8
AAC_PER_UNIT = 15
SAMPLES_PER_UNIT = AAC_PER_UNIT * AAC_SAMPLES
GOP_FRAMES = 48


@dataclass(frozen=True)
class Profile:
    """Everything that must be equal in all clips of one stream: size, rates, codec settings."""

    name: str
    width: int
    height: int
    video_kbps: int
    audio_kbps: int = 128
    fps: int = FPS
    gop: int = GOP_FRAMES
    audio_rate: int = AUDIO_RATE

    @property
    def short_side(self) -> int:
        """Pixels; label sizes are a share of this."""
        return min(self.width, self.height)


PORTRAIT_720 = Profile("portrait-720", 720, 1280, video_kbps=2500)
PORTRAIT_1080 = Profile("portrait-1080", 1080, 1920, video_kbps=4000)
PROFILES = {profile.name: profile for profile in (PORTRAIT_720, PORTRAIT_1080)}


def units_for(seconds: float) -> int:
    """Grid units that hold at least that many seconds; never less than one."""
    return max(1, ceil(Fraction(seconds).limit_denominator(1_000_000) / UNIT))


def video_ms(frame: int) -> int:
    """When a video frame of a clip is due, in milliseconds from the clip's start."""
    return frame * FRAME_MS


def audio_ms(frame: int) -> int:
    """When an AAC frame of a clip is due, rounded from the exact 64/3 ms a frame."""
    return round(Fraction(frame * AAC_SAMPLES * 1000, AUDIO_RATE))
