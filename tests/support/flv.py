"""Reads FLV recordings tag by tag, independently of everything that writes them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

AUDIO, VIDEO, SCRIPT = 8, 9, 18


@dataclass(frozen=True)
class FlvTag:
    """One tag of a file."""

    kind: int
    timestamp: int
    payload: bytes

    @property
    def header(self) -> bool:
        """A codec header, not a frame (AVC and AAC)."""
        return self.kind in (AUDIO, VIDEO) and len(self.payload) > 1 and self.payload[1] == 0

    @property
    def key(self) -> bool:
        """A video key frame."""
        return self.kind == VIDEO and self.payload[0] >> 4 == 1 and not self.header

    @property
    def frame(self) -> bool:
        """Media, not a header, not metadata, not an end-of-sequence mark."""
        if self.kind == VIDEO:
            return len(self.payload) > 5 and self.payload[1] == 1
        return self.kind == AUDIO and len(self.payload) > 2 and not self.header


def read_tags(path: Path) -> list[FlvTag]:
    """All whole tags; a file that is still being written may end in half a tag, or before one."""
    return list(iter_tags(path.read_bytes()))


def iter_tags(data: bytes) -> Iterator[FlvTag]:
    """The tags in a file's bytes."""
    if not data:
        return
    if data[:3] != b"FLV":
        raise ValueError("not an FLV file")
    at = int.from_bytes(data[5:9], "big") + 4
    while at + 11 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        time = int.from_bytes(data[at + 4 : at + 7], "big") | data[at + 7] << 24
        if at + 11 + size > len(data):
            return
        yield FlvTag(data[at] & 0x1F, time, data[at + 11 : at + 11 + size])
        at += 11 + size + 4


def whole_tags(data: bytes) -> bytes:
    """A file's bytes without the half a tag that it may end in while it is written: a decoder takes
    offense at that."""
    head = int.from_bytes(data[5:9], "big") + 4
    return data[: head + sum(11 + len(tag.payload) + 4 for tag in iter_tags(data))]


def frames(path: Path, kind: int) -> list[FlvTag]:
    """The video or the audio frames of a recording."""
    return [tag for tag in read_tags(path) if tag.kind == kind and tag.frame]


def steps(tags: list[FlvTag]) -> list[int]:
    """Milliseconds from each tag to the next."""
    return [after.timestamp - before.timestamp for before, after in itertools.pairwise(tags)]


def gop_lengths(video: list[FlvTag]) -> list[int]:
    """Frames from each key frame to the next; the last group, which may go on, isn't counted."""
    keys = [index for index, tag in enumerate(video) if tag.key]
    return [after - before for before, after in itertools.pairwise(keys)]
