"""Small real media for tests: a moving picture and a tone, on the clip grid."""

import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests.support.ffmpeg import QUIET, ffmpeg

AIGC = '{"Label":"1","ContentProducer":"doppelcast-tests","ProduceID":"t-1"}'


@dataclass(frozen=True)
class Picture:
    """What a test clip is made of. The defaults make a stream that no judge complains about."""

    width: int = 180
    height: int = 320
    fps: int = 25
    gop: int = 48
    kbps: int = 300
    aigc: str | None = AIGC
    audio: bool = True


def make_clip(path: Path, units: int = 6, picture: Picture | None = None) -> Path:
    """An FLV of `units` times 0.32 s, one key frame every 48 frames, no B-frames.

    The sound begins with the encoder's priming frame at time 0, as plain ffmpeg writes it.
    """
    made = picture or Picture()
    seconds = float(Fraction(units) * Fraction(32, 100))
    subprocess.run(
        [ffmpeg(), *QUIET, "-y", *_inputs(made), "-t", f"{seconds:.2f}", *_codecs(made), str(path)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return path


def _inputs(made: Picture) -> list[str]:
    video = f"testsrc2=size={made.width}x{made.height}:rate={made.fps}"
    argv = ["-f", "lavfi", "-i", video]
    if made.audio:
        argv += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
    return argv


def _codecs(made: Picture) -> list[str]:
    x264 = f"keyint={made.gop}:min-keyint={made.gop}:scenecut=0:bframes=0"
    argv = ["-c:v", "libx264", "-preset", "ultrafast", "-x264-params", x264]
    argv += ["-pix_fmt", "yuv420p", "-b:v", f"{made.kbps}k", "-maxrate", f"{made.kbps}k"]
    argv += ["-bufsize", f"{made.kbps}k"]
    if made.audio:
        argv += ["-c:a", "aac", "-b:a", "64k", "-ac", "2"]
    if made.aigc is not None:
        argv += ["-metadata", f"AIGC={made.aigc}"]
    return [*argv, "-flvflags", "no_duration_filesize", "-f", "flv"]
