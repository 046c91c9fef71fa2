"""Clip files beside ffmpeg: others read what we write, and joined clips decode as one stream."""

import itertools
from fractions import Fraction
from pathlib import Path

import av
import pytest

from orchestrator.errors import ClipCorrupt, ClipMissing, MediaError
from tests.support.grid_clips import write_grid_clip
from workers.media.flv import (
    Clip,
    VideoUnit,
    read_clip,
    restamped,
    stream_header,
    write_clip,
)
from workers.media.flv_tags import LONGEST_MS


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Clip]:
    folder = tmp_path_factory.mktemp("clips")
    made = []
    for units in (3, 7, 1):
        path = folder / f"{units}.flv"
        write_grid_clip(path, units)
        made.append(read_clip(path))
    return made


def joined(clips: list[Clip], start_ms: int = 0) -> bytes:
    data, base = stream_header(clips[0]), start_ms
    for clip in clips:
        data += restamped(clip, base, 0, clip.tags)
        base += clip.duration_ms
    return data


def steps(path: Path, kind: str) -> list[int]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0] if kind == "video" else container.streams.audio[0]
        times = [packet.pts for packet in container.demux(stream) if packet.pts is not None]
    return [after - before for before, after in itertools.pairwise(times)]


def test_clips_of_one_encoder_may_follow_one_another(clips: list[Clip]) -> None:
    assert len({clip.config_digest for clip in clips}) == 1


def test_joined_clips_have_one_cadence(clips: list[Clip], tmp_path: Path) -> None:
    path = tmp_path / "joined.flv"
    path.write_bytes(joined(clips * 3))
    assert set(steps(path, "video")) == {40}
    assert set(steps(path, "audio")) == {21, 22}


def test_every_picture_and_every_sound_of_joined_clips_decodes(
    clips: list[Clip], tmp_path: Path
) -> None:
    path = tmp_path / "joined.flv"
    path.write_bytes(joined(clips * 3))
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "NONE"
        pictures = sum(1 for _ in container.decode(video=0))
    with av.open(str(path)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    units = 3 * (3 + 7 + 1)
    assert pictures == units * 8
    assert samples == units * 15 * 1024


def test_sound_and_picture_last_equally_long_after_many_joins(clips: list[Clip]) -> None:
    seconds = [Fraction(clip.frames, 25) for clip in clips]
    sounds = [clip.tags - clip.frames for clip in clips]
    assert seconds == [Fraction(n * 1024, 48_000) for n in sounds]


def test_other_readers_find_the_label(clips: list[Clip], tmp_path: Path) -> None:
    path = tmp_path / "clip.flv"
    path.write_bytes(joined(clips))
    with av.open(str(path)) as container:
        assert container.metadata["AIGC"].startswith('{"Label":"1"')


def test_late_times_are_read_by_others_as_they_were_written(
    clips: list[Clip], tmp_path: Path
) -> None:
    start = (LONGEST_MS - 10_000) // 320 * 320
    path = tmp_path / "late.flv"
    path.write_bytes(joined(clips, start))
    with av.open(str(path)) as container:
        first = next(container.demux(container.streams.video[0]))
        assert first.pts == start


def test_a_clip_with_one_bit_wrong_in_its_times_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clip.flv"
    write_grid_clip(path, 1)
    data = bytearray(path.read_bytes())
    clip = read_clip(path)
    data[len(data) - len(clip.body) + 6] ^= 1
    path.write_bytes(data)
    with pytest.raises(ClipCorrupt, match=r"clip\.flv"):
        read_clip(path)


def test_a_clip_that_was_thrown_out_is_missing_and_not_corrupt(tmp_path: Path) -> None:
    with pytest.raises(ClipMissing):
        read_clip(tmp_path / "gone.flv")


def test_a_folder_that_isn_t_there_is_an_error_in_words(tmp_path: Path) -> None:
    avcc = b"\x01\x64\x00\x1f\xff\xe1\x00"
    from_nal = b"\x00\x00\x00\x01\x65"
    with pytest.raises(MediaError, match="can't be written"):
        write_clip(
            tmp_path / "nowhere" / "clip.flv",
            video_config=avcc,
            audio_config=b"\x11\x90",
            video=[VideoUnit(from_nal, True)] * 8,
            audio=[b"\x21"] * 15,
            metadata={},
        )
