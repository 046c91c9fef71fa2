"""Is the AI label visible all the time? Looks at decoded pictures of a recording.

    label_check(Path("suyun-douyin-01.flv"), 2.0, PORTRAIT_720).visible_throughout

One picture every so many seconds; within a group of pictures only what leads up to the sampled
picture is decoded. The samples fall on any frame of a group, not on key frames alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from orchestrator.compliance.ai_label import DEFAULT_TEXT
from orchestrator.domain.media import Profile
from orchestrator.errors import MediaError
from orchestrator.sandbox.label_sight import Expected, Pixels, Sight, expected_label, look

VideoPacket: TypeAlias = "Packet[VideoStream]"


@dataclass(frozen=True)
class LabelCheck:
    """What was seen on a recording. The figures are of the worst letter of the worst picture."""

    frames: int
    """Pictures that were looked at."""
    with_label: int
    """Of those, with every letter of the label readable."""
    smallest_glyph_px: float
    required_glyph_px: float
    smallest_contrast: float
    weakest_match: float
    first_without_seconds: float | None = None
    """Stream time of the first picture without the label."""

    @property
    def visible_throughout(self) -> bool:
        """There were pictures, and all of them show the label."""
        return self.frames > 0 and self.with_label == self.frames


def label_check(
    path: Path,
    every_seconds: float,
    profile: Profile,
    text: str = DEFAULT_TEXT,
    font: Path | None = None,
) -> LabelCheck:
    """Look at a recording. `font` is the one the label was drawn with; unset, the package's."""
    if every_seconds <= 0:
        raise ValueError("every_seconds must be more than 0")
    expected = expected_label(profile, text, font)
    try:
        seen = [(at, look(picture, expected)) for at, picture in sampled(path, every_seconds)]
    except FFmpegError as error:
        raise MediaError(f"The recording {path.name} can't be read: {error}.") from error
    return _summed(seen, expected)


def sampled(path: Path, every_seconds: float) -> Iterator[tuple[float, Pixels]]:
    """(stream seconds, RGB picture), one for each multiple of `every_seconds`."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        wanted = None
        for group in _groups(container.demux(stream)):
            wanted = _start(group) if wanted is None else wanted
            last = _end(group)
            if last < wanted:
                continue
            for frame in _decoded(stream, group):
                if frame.time is not None and frame.time >= wanted - 1e-6:
                    yield frame.time, _rgb(frame)
                    wanted += every_seconds
                    if wanted > last:
                        break


def _groups(packets: Iterator[VideoPacket]) -> Iterator[list[VideoPacket]]:
    """Packets from each key frame up to the next."""
    group: list[VideoPacket] = []
    for packet in packets:
        if packet.pts is None:
            continue
        if packet.is_keyframe and group:
            yield group
            group = []
        group.append(packet)
    if group:
        yield group


def _seconds(packet: VideoPacket) -> float:
    return float((packet.pts or 0) * (packet.time_base or 0))


def _start(group: list[VideoPacket]) -> float:
    return min(_seconds(packet) for packet in group)


def _end(group: list[VideoPacket]) -> float:
    return max(_seconds(packet) for packet in group)


def _decoded(stream: VideoStream, group: list[VideoPacket]) -> Iterator[VideoFrame]:
    stream.codec_context.flush_buffers()
    for packet in group:
        yield from stream.decode(packet)
    yield from stream.decode(None)


def _rgb(frame: VideoFrame) -> Pixels:
    return np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)


def _summed(seen: list[tuple[float, Sight]], expected: Expected) -> LabelCheck:
    sights = [sight for _, sight in seen]
    without = [at for at, sight in seen if not sight.readable]
    return LabelCheck(
        frames=len(sights),
        with_label=len(sights) - len(without),
        smallest_glyph_px=min((s.glyph_px for s in sights), default=0.0),
        required_glyph_px=expected.smallest_glyph_px,
        smallest_contrast=min((s.contrast for s in sights), default=1.0),
        weakest_match=min((min(s.match, s.glyph_match) for s in sights), default=0.0),
        first_without_seconds=without[0] if without else None,
    )
