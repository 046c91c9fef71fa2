"""Clips on the grid, made of bytes that only look like picture and sound."""

import tempfile
from functools import cache
from pathlib import Path

from orchestrator.domain.media import AAC_PER_UNIT, FRAMES_PER_UNIT, GOP_FRAMES
from workers.media.flv import Clip, VideoUnit, read_clip, write_clip

AVCC = bytes([1, 100, 0, 31, 255, 225, 0, 1, 103, 1, 0, 1, 104])
ASC = bytes([0x11, 0x90])


def write(path: Path, units: int, audio_config: bytes = ASC) -> None:
    """A clip file of that many grid units."""
    frames = units * FRAMES_PER_UNIT
    video = [
        VideoUnit(b"\x00\x00\x00\x02" + bytes([0x65, n % 256]), key=n % GOP_FRAMES == 0)
        for n in range(frames)
    ]
    audio = [bytes([0x21, n % 250]) for n in range(units * AAC_PER_UNIT)]
    write_clip(
        path,
        video_config=AVCC,
        audio_config=audio_config,
        video=video,
        audio=audio,
        metadata={"AIGC": "{}"},
    )


@cache
def a_clip(units: int) -> Clip:
    """The same in memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.flv"
        write(path, units)
        return read_clip(path)
