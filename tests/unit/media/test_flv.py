"""Clips in memory: what is written is what is read, and joins only move times."""

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.media import audio_ms, video_ms
from workers.media.amf import AmfError
from workers.media.flv import Clip, VideoUnit, clip_bytes, parse_clip, restamped, stream_header
from workers.media.flv_tags import AUDIO, HEADER, LONGEST_MS, SCRIPT, VIDEO, FlvError, tag, walk

AVCC = bytes([1, 0x64, 0, 0x1F, 0xFF, 0xE1, 0, 0])
ASC = bytes([0x11, 0x90])
LABEL = '{"Label":"1"}'


def picture(number: int, key: bool = False) -> VideoUnit:
    nal = bytes([0x65 if key else 0x41]) + struct.pack(">I", number)
    return VideoUnit(struct.pack(">I", len(nal)) + nal, key)


def file_of(units: int = 2, avcc: bytes = AVCC, label: str = LABEL) -> bytes:
    return clip_bytes(
        video_config=avcc,
        audio_config=ASC,
        video=[picture(n, key=n % 48 == 0) for n in range(units * 8)],
        audio=[b"\x21" + struct.pack(">H", n) for n in range(units * 15)],
        metadata={"AIGC": label, "width": 720.0},
    )


def clip_of(units: int = 2) -> Clip:
    return parse_clip(file_of(units))


def times(data: bytes, kind: int) -> list[int]:
    return [t.ms for t in walk(data, 0) if t.kind == kind]


def test_a_clip_is_read_as_it_was_written() -> None:
    clip = clip_of(units=3)
    assert clip.frames == 24
    assert clip.duration_ms == 960
    assert clip.tags == 24 + 45
    assert clip.metadata["AIGC"] == LABEL
    assert clip.metadata["duration"] == 0.96
    assert clip.metadata["stereo"] is True
    assert times(clip.body, VIDEO) == [video_ms(n) for n in range(24)]
    assert times(clip.body, AUDIO) == [audio_ms(n) for n in range(45)]


def test_a_picture_comes_before_the_sound_of_the_same_time() -> None:
    first, second = list(walk(clip_of().body, 0))[:2]
    assert (first.kind, first.ms, second.kind, second.ms) == (VIDEO, 0, AUDIO, 0)


def test_cadence_holds_across_joins() -> None:
    clips = [clip_of(2), clip_of(1), clip_of(3)]
    base, sent = 0, b""
    for clip in clips:
        sent += restamped(clip, base, 0, clip.tags)
        base += clip.duration_ms
    video, audio = times(sent, VIDEO), times(sent, AUDIO)
    assert {b - a for a, b in itertools.pairwise(video)} == {40}
    assert {b - a for a, b in itertools.pairwise(audio)} == {21, 22}


@given(base=st.integers(0, LONGEST_MS - 640), cut=st.integers(0, 46))
def test_restamping_moves_times_and_nothing_else(base: int, cut: int) -> None:
    clip = clip_of()
    moved = restamped(clip, base, 0, cut) + restamped(clip, base, cut, clip.tags)
    before, after = list(walk(clip.body, 0)), list(walk(moved, 0))
    assert [t.ms - base for t in after] == [t.ms for t in before]
    assert [moved[t.body : t.end] for t in after] == [clip.body[t.body : t.end] for t in before]


def test_an_empty_slice_is_no_bytes() -> None:
    assert restamped(clip_of(), 0, 5, 5) == b""


def test_a_clip_beyond_the_longest_time_is_refused() -> None:
    with pytest.raises(ValueError, match="can't start"):
        restamped(clip_of(), LONGEST_MS, 0, 1)


def test_slices_of_a_unit_hold_8_pictures_and_15_sounds() -> None:
    clip = clip_of(3)
    cuts = [clip.tag_at(ms) for ms in (0, 320, 640, 960)]
    assert cuts == [0, 23, 46, 69]
    for start, end in itertools.pairwise(cuts):
        part = restamped(clip, 0, start, end)
        assert (len(times(part, VIDEO)), len(times(part, AUDIO))) == (8, 15)


def test_a_connection_begins_with_label_and_codec_headers_and_no_duration() -> None:
    head = stream_header(clip_of())
    tags = list(walk(head, len(HEADER)))
    assert head.startswith(HEADER)
    assert [t.kind for t in tags] == [SCRIPT, VIDEO, AUDIO]
    about = head[tags[0].body : tags[0].body_end]
    assert LABEL.encode() in about
    assert b"duration" not in about
    assert AVCC in head
    assert ASC in head


def test_only_the_codec_headers_decide_what_may_follow_what() -> None:
    other = bytes([1, 0x4D, 0, 0x1F, 0xFF, 0xE1, 0, 0])
    digest = clip_of(1).config_digest
    assert parse_clip(file_of(3, label="other")).config_digest == digest
    assert parse_clip(file_of(1, avcc=other)).config_digest != digest


def test_every_truncation_is_found() -> None:
    data = file_of(1)
    for length in range(len(data)):
        with pytest.raises((FlvError, AmfError)):
            parse_clip(data[:length])


@pytest.mark.parametrize(
    ("kind", "ms", "body"),
    [
        (VIDEO, 320, b"\x27\x01\x00\x00\x00"),
        (AUDIO, 320, b"\xaf\x01\x21"),
        (AUDIO, 321, b"\xaf\x01\x21"),
        (SCRIPT, 320, b""),
        (VIDEO, 320, b"\x17\x00\x00\x00\x00" + AVCC),
        (VIDEO, 320, b"\x27\x01\x00\x00\x28"),
    ],
)
def test_what_the_grid_has_no_place_for_is_refused(kind: int, ms: int, body: bytes) -> None:
    with pytest.raises(FlvError):
        parse_clip(file_of(1) + tag(kind, ms, body))


def test_a_clip_off_the_grid_is_not_written() -> None:
    video, audio = [picture(n, n == 0) for n in range(8)], [b"\x21"] * 15
    for pictures, sounds in [
        (video[:7], audio),
        (video, audio[:14]),
        (video[1:] + video[:1], audio),
        ([], []),
        ([VideoUnit(b"\x00\x00\x00\x01\x65\x00", True), *video[1:]], audio),
        (video, [b"\xff\xf1\x00", *audio[1:]]),
    ]:
        with pytest.raises(ValueError, match=r"frame|AAC"):
            clip_bytes(
                video_config=AVCC, audio_config=ASC, video=pictures, audio=sounds, metadata={}
            )
