"""FLV's outer form: the file header and tags, written and walked.

    header (9 bytes) · 0 · { kind(1) size(3) time(3) time-high(1) stream(3) body previous-size(4) }*

A tag here is the whole of it, its eleven header bytes and the size that follows it included, so
that tags joined to one another are a valid stream. Times are 31 bits: 24.8 days.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

AUDIO, VIDEO, SCRIPT = 8, 9, 18
HEADER = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
"""Version 1, with sound and picture, and the size of the tag before the first: none."""
TAG_HEAD = 11
TAG_TAIL = 4
LONGEST_MS = 2**31 - 1
"""The last time a tag can have; a connection must end before it."""
_LARGEST_BODY = 2**24 - 1


class FlvError(ValueError):
    """Bytes that aren't the FLV that we write."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Where a tag stands in a buffer, and what its head says."""

    kind: int
    at: int
    ms: int
    body: int
    """Where the body begins."""
    end: int
    """Where the next tag begins."""

    @property
    def body_end(self) -> int:
        """Where the body ends."""
        return self.end - TAG_TAIL


def tag(kind: int, ms: int, *parts: bytes) -> bytes:
    """One tag with that body, given in parts."""
    size = sum(map(len, parts))
    if size > _LARGEST_BODY:
        raise FlvError(f"a tag of {size} bytes is larger than FLV allows")
    if not 0 <= ms <= LONGEST_MS:
        raise FlvError(f"time {ms} ms doesn't fit a tag")
    head = struct.pack(
        ">BBHBHBHB", kind, size >> 16, size & 0xFFFF, ms >> 16 & 0xFF, ms & 0xFFFF, ms >> 24, 0, 0
    )
    return b"".join((head, *parts, struct.pack(">I", TAG_HEAD + size)))


def walk(data: bytes, at: int) -> Iterator[Tag]:
    """The tags from there to the end of the buffer; every size is checked."""
    while at < len(data):
        if at + TAG_HEAD + TAG_TAIL > len(data):
            raise FlvError("the last tag is cut off")
        kind, size_high, size_low, ms_mid, ms_low, ms_top, stream, stream_low = struct.unpack_from(
            ">BBHBHBHB", data, at
        )
        body = at + TAG_HEAD
        end = body + (size_high << 16 | size_low) + TAG_TAIL
        if end > len(data):
            raise FlvError("the last tag is cut off")
        if (
            stream
            or stream_low
            or struct.unpack_from(">I", data, end - TAG_TAIL)[0] != (end - TAG_TAIL - at)
        ):
            raise FlvError(f"the tag at byte {at} contradicts itself")
        yield Tag(kind, at, ms_top << 24 | ms_mid << 16 | ms_low, body, end)
        at = end
