"""Clips as FLV files, and how playout joins them: times are patched, nothing else is touched.

A clip on disk is an FLV file: header, `onMetaData`, the two codec headers, then its frames in the
order of their times, picture before sound. The grid (orchestrator.domain.media) fixes every time:
video frame n is due at 40·n ms, AAC frame n at 64/3·n ms rounded, and 8 video frames go with 15 AAC
frames. So a clip's place on air is one number added to each tag, and joins need no other bytes.

On air: `stream_header` once a connection, then `restamped` slices of one clip after another. All
clips of a stream have the same codec headers (`config_digest`); playout refuses another.

Out of scope: B-frames (a picture's composition offset is always 0), other codecs, other rates. A
connection must end before its times reach `LONGEST_MS`, 24.8 days.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from orchestrator.domain.media import (
    AAC_PER_UNIT,
    AUDIO_RATE,
    FPS,
    FRAMES_PER_UNIT,
    audio_ms,
    video_ms,
)
from orchestrator.errors import ClipCorrupt, ClipMissing, MediaError
from workers.media.amf import AmfError, Plain, read_script, script
from workers.media.flv_tags import (
    AUDIO,
    HEADER,
    LONGEST_MS,
    SCRIPT,
    VIDEO,
    FlvError,
    Tag,
    tag,
    walk,
)

Metadata: TypeAlias = Mapping[str, Plain]

_KEY, _INTER = 0x17, 0x27
_SOUND = 0xAF  # AAC; FLV says 44 kHz, 16 bit, stereo here whatever the stream's own header says
_AVC_CONFIG, _AVC_FRAME = b"\x00\x00\x00\x00", b"\x01\x00\x00\x00"
_AAC_CONFIG, _AAC_FRAME = b"\x00", b"\x01"
_OF_FILES_ONLY = frozenset({"duration", "filesize", "lasttimestamp", "lastkeyframetimestamp"})


@dataclass(frozen=True)
class VideoUnit:
    """One coded picture: its NAL units, each behind its length in four bytes (AVCC)."""

    data: bytes
    key: bool


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip in memory, checked, ready to be sent any number of times at any place."""

    metadata: Metadata
    codec_headers: bytes
    """Both codec headers as tags."""
    body: bytes
    """All frames as tags, times from the clip's start."""
    offsets: NDArray[np.int64]
    """Where each tag begins in the body, and at the end where the body ends."""
    times_ms: NDArray[np.int64]
    """When each tag is due, from the clip's start; never falls."""
    duration_ms: int
    config_digest: str
    """Equal for clips that may follow one another."""
    frames: int

    @property
    def tags(self) -> int:
        """How many tags the body has."""
        return len(self.times_ms)

    @property
    def nbytes(self) -> int:
        """Memory held, near enough for a cache's budget."""
        return len(self.body) + self.offsets.nbytes + self.times_ms.nbytes

    def tag_at(self, ms: int) -> int:
        """The first tag that is due at that time or later; `tags` from the clip's end on."""
        return int(np.searchsorted(self.times_ms, ms, side="left"))


def write_clip(
    path: Path,
    *,
    video_config: bytes,
    audio_config: bytes,
    video: Sequence[VideoUnit],
    audio: Sequence[bytes],
    metadata: Metadata,
) -> None:
    """Write a clip file; what doesn't stand on the grid is a `ValueError`."""
    data = clip_bytes(
        video_config=video_config,
        audio_config=audio_config,
        video=video,
        audio=audio,
        metadata=metadata,
    )
    try:
        path.write_bytes(data)
    except OSError as error:
        raise MediaError(f"Clip {path.name} can't be written: {error.strerror}.") from error


def clip_bytes(
    *,
    video_config: bytes,
    audio_config: bytes,
    video: Sequence[VideoUnit],
    audio: Sequence[bytes],
    metadata: Metadata,
) -> bytes:
    """A clip file's bytes."""
    _on_the_grid(video, audio)
    if len(video_config) < 7 or video_config[0] != 1 or video_config[4] & 3 != 3:
        raise ValueError("video_config must be an avcC record with four-byte lengths")
    if len(audio_config) < 2:
        raise ValueError("audio_config must be an AudioSpecificConfig")
    table = {**_standard(len(video)), **metadata}
    parts = [
        HEADER,
        tag(SCRIPT, 0, script("onMetaData", table)),
        tag(VIDEO, 0, bytes([_KEY]), _AVC_CONFIG, video_config),
        tag(AUDIO, 0, bytes([_SOUND]), _AAC_CONFIG, audio_config),
        *_interleaved(video, audio),
    ]
    return b"".join(parts)


def _on_the_grid(video: Sequence[VideoUnit], audio: Sequence[bytes]) -> None:
    units, rest = divmod(len(video), FRAMES_PER_UNIT)
    if not units or rest:
        raise ValueError(f"{len(video)} video frames are no whole number of grid units")
    if len(audio) != units * AAC_PER_UNIT:
        raise ValueError(
            f"{units} grid units need {units * AAC_PER_UNIT} AAC frames, not {len(audio)}"
        )
    if not video[0].key:
        raise ValueError("a clip begins with a key frame")
    for number, unit in enumerate(video):
        if not _is_avcc(unit.data):
            raise ValueError(f"video frame {number} isn't NAL units behind four-byte lengths")
    if not all(audio) or any(frame[0] == 0xFF for frame in audio):
        raise ValueError("audio frames must be raw AAC, without ADTS headers")


def _is_avcc(data: bytes) -> bool:
    at = 0
    while at + 4 < len(data):
        at += 4 + int.from_bytes(data[at : at + 4], "big")
    return bool(data) and at == len(data)


def _standard(frames: int) -> dict[str, Plain]:
    return {
        "duration": video_ms(frames) / 1000,
        "framerate": float(FPS),
        "videocodecid": 7.0,
        "audiocodecid": 10.0,
        "audiosamplerate": float(AUDIO_RATE),
        "audiosamplesize": 16.0,
        "stereo": True,
    }


def _interleaved(video: Sequence[VideoUnit], audio: Sequence[bytes]) -> list[bytes]:
    timed = [(video_ms(n), 0, n) for n in range(len(video))]
    timed += [(audio_ms(n), 1, n) for n in range(len(audio))]
    tags = []
    for ms, sound, n in sorted(timed):
        if sound:
            tags.append(tag(AUDIO, ms, bytes([_SOUND]), _AAC_FRAME, audio[n]))
        else:
            head = bytes([_KEY if video[n].key else _INTER])
            tags.append(tag(VIDEO, ms, head, _AVC_FRAME, video[n].data))
    return tags


def read_clip(path: Path) -> Clip:
    """Read a clip file and check all of it; `ClipMissing`, or `ClipCorrupt` with what is wrong."""
    try:
        return parse_clip(path.read_bytes())
    except FileNotFoundError as error:
        raise ClipMissing(f"Clip {path.name} isn't there any more.") from error
    except OSError as error:
        raise ClipCorrupt(f"Clip {path.name} can't be read: {error.strerror}.") from error
    except (FlvError, AmfError) as error:
        raise ClipCorrupt(f"Clip {path.name} isn't what was written: {error}.") from error


def parse_clip(data: bytes) -> Clip:
    """A clip from a clip file's bytes; `FlvError` or `AmfError` where it isn't one."""
    if not data.startswith(HEADER):
        raise FlvError("it doesn't begin as our FLV files do")
    tags = list(walk(data, len(HEADER)))
    if [t.kind for t in tags[:3]] != [SCRIPT, VIDEO, AUDIO]:
        raise FlvError("metadata and codec headers don't come first")
    about, picture, sound = tags[:3]
    name, table = read_script(data[about.body : about.body_end])
    if name != "onMetaData":
        raise FlvError("its metadata has another name")
    if not _starts(data, picture, bytes([_KEY]) + _AVC_CONFIG) or not _starts(
        data, sound, bytes([_SOUND]) + _AAC_CONFIG
    ):
        raise FlvError("a codec header is missing")
    frames = _checked(data, tags[3:])
    headers = data[picture.at : sound.end]
    ends = [t.at for t in tags[3:]] + [len(data)]
    return Clip(
        metadata={k: v for k, v in table.items() if isinstance(v, str | float | bool)},
        codec_headers=headers,
        body=data[sound.end :],
        offsets=np.array(ends, dtype=np.int64) - sound.end,
        times_ms=np.array([t.ms for t in tags[3:]], dtype=np.int64),
        duration_ms=video_ms(frames),
        config_digest=hashlib.sha256(headers).hexdigest()[:16],
        frames=frames,
    )


def _starts(data: bytes, found: Tag, head: bytes) -> bool:
    return data.startswith(head, found.body, found.body_end)


def _checked(data: bytes, tags: Sequence[Tag]) -> int:
    """How many pictures; every tag must be the one that the grid has at its place."""
    frames = sounds = last = 0
    for found in tags:
        if found.kind == VIDEO:
            due = video_ms(frames)
            heads = (_KEY,) if frames == 0 else (_KEY, _INTER)
            good = any(_starts(data, found, bytes([head]) + _AVC_FRAME) for head in heads)
            frames += 1
        else:
            due = audio_ms(sounds)
            good = found.kind == AUDIO and _starts(data, found, bytes([_SOUND]) + _AAC_FRAME)
            sounds += 1
        if not good or found.ms != due or due < last:
            raise FlvError(f"the tag at byte {found.at} isn't the one that is due there")
        last = due
    if not frames or frames % FRAMES_PER_UNIT or sounds * FRAMES_PER_UNIT != frames * AAC_PER_UNIT:
        raise FlvError(f"{frames} pictures and {sounds} sounds don't fill whole grid units")
    return frames


def stream_header(clip: Clip) -> bytes:
    """What a connection begins with: file header, metadata (the AI label in it), codec headers."""
    live = {key: value for key, value in clip.metadata.items() if key not in _OF_FILES_ONLY}
    return HEADER + tag(SCRIPT, 0, script("onMetaData", live)) + clip.codec_headers


def restamped(clip: Clip, base_ms: int, start_tag: int, end_tag: int) -> bytes:
    """Tags from `start_tag` up to `end_tag`, at their times when the clip starts at `base_ms`."""
    if base_ms < 0 or base_ms + clip.duration_ms > LONGEST_MS:
        raise ValueError(f"a clip can't start at {base_ms} ms")
    first, last = int(clip.offsets[start_tag]), int(clip.offsets[end_tag])
    out = bytearray(memoryview(clip.body)[first:last])
    at = clip.offsets[start_tag:end_tag] - first
    times = clip.times_ms[start_tag:end_tag] + base_ms
    octets = np.frombuffer(out, dtype=np.uint8)
    for place, shift in ((4, 16), (5, 8), (6, 0), (7, 24)):
        octets[at + place] = times >> shift & 0xFF
    return bytes(out)
