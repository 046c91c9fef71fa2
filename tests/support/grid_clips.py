"""Real clips on the grid without a renderer: a test picture and a tone, encoded by ffmpeg."""

import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from orchestrator.clock import SystemClock
from orchestrator.domain.media import AAC_PER_UNIT, FRAMES_PER_UNIT, GOP_FRAMES, UNIT_MS, units_for
from orchestrator.domain.rundown import Cue, estimated_seconds
from orchestrator.domain.stream import StreamSpec
from orchestrator.domain.turning import Cast
from tests.support.ffmpeg import QUIET, ffmpeg
from tests.support.media import AIGC
from workers.clips.store import ClipStore
from workers.media.flv import VideoUnit, write_clip
from workers.media.flv_tags import AUDIO, HEADER, VIDEO, walk

SMALL = "180x320"
PICTURE = "testsrc2="
"""ffmpeg's source of pictures, with what it is told besides their size."""


@cache
def encoded(units: int, kbps: int = 300, size: str = SMALL, picture: str = PICTURE) -> bytes:
    """What ffmpeg makes of that many grid units, as FLV with half a second of sound to spare."""
    seconds = units * UNIT_MS / 1000
    x264 = f"keyint={GOP_FRAMES}:min-keyint={GOP_FRAMES}:scenecut=0:bframes=0"
    argv = [
        *(ffmpeg(), *QUIET, "-f", "lavfi", "-i", f"{picture}size={size}:rate=25"),
        *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"),
        *("-t", f"{seconds + 0.5:.2f}", "-c:v", "libx264", "-preset", "ultrafast"),
        *("-x264-params", x264, "-pix_fmt", "yuv420p", "-threads", "1"),
        *("-b:v", f"{kbps}k", "-maxrate", f"{kbps}k", "-bufsize", f"{kbps}k"),
        *("-c:a", "aac", "-b:a", "64k", "-ac", "2", "-f", "flv", "-"),
    ]
    return subprocess.run(argv, check=True, capture_output=True, timeout=60).stdout


def write_grid_clip(
    path: Path, units: int, kbps: int = 300, size: str = SMALL, picture: str = PICTURE
) -> None:
    """A clip file as the renderer writes it: the encoder's priming frame dropped."""
    data = encoded(units, kbps, size, picture)
    video: list[VideoUnit] = []
    audio: list[bytes] = []
    configs: dict[int, bytes] = {}
    for tag in walk(data, len(HEADER)):
        body = data[tag.body : tag.body_end]
        if tag.kind not in (AUDIO, VIDEO):
            continue
        head = 2 if tag.kind == AUDIO else 5
        if body[1] == 0:
            configs.setdefault(tag.kind, body[head:])
        elif body[1] == 1 and tag.kind == VIDEO:
            video.append(VideoUnit(body[head:], key=body[0] >> 4 == 1))
        elif body[1] == 1:
            audio.append(body[head:])
    write_clip(
        path,
        video_config=configs[VIDEO],
        audio_config=configs[AUDIO],
        video=video[: units * FRAMES_PER_UNIT],
        audio=audio[1 : 1 + units * AAC_PER_UNIT],
        metadata={"AIGC": AIGC},
    )


def stock(media: Path, spec: StreamSpec, *, without: Iterable[str] = (), kbps: int = 300) -> int:
    """Fill a clip store with all that a stream may play but the lines named; says how many."""
    skipped = set(without)
    cues = [cue for cue in Cast(spec).cues() if cue.name not in skipped]
    for cue in cues:
        stock_one(media, cue, kbps=kbps)
    return len(cues)


def stock_one(media: Path, cue: Cue, *, kbps: int = 300, picture: str = PICTURE) -> None:
    """Put one clip into the store."""
    store = ClipStore(media, 10 * 1024**3, SystemClock())
    units = units_for(estimated_seconds(cue))
    store.put(cue.key, lambda path: write_grid_clip(path, units, kbps, picture=picture))
