"""Real ffmpeg publishes into the sandbox: what is clean is called clean, what isn't is found."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.sandbox.anomaly import Anomaly, Rules
from orchestrator.sandbox.verdict import Verdict
from tests.support.ffmpeg import QUIET, ffmpeg, installed_ffmpegs, publish_argv
from tests.support.flv import VIDEO, frames, gop_lengths, read_tags, steps
from tests.support.media import Picture, make_clip
from tests.support.processes import Group, eventually, started
from tests.support.rtmp import Ingest, ingest, ingests

Clip = Callable[[str, Picture, int], Path]
ANY_PACE = Rules(video_gap_seconds=60, audio_gap_seconds=60, off_air_seconds=60, drift_seconds=60)
"""What is sent is judged, and not how a busy machine comes to send it."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Makes a clip once for all tests of this file."""
    folder = tmp_path_factory.mktemp("clips")

    def made(name: str, picture: Picture, units: int) -> Path:
        path = folder / f"{name}.flv"
        return path if path.exists() else make_clip(path, units, picture)

    return made


def published(shop: Ingest, argv: list[str]) -> Verdict:
    """What is said of a stream that was sent to its end, once all of it has arrived."""
    before = shop.verdict()
    with started(argv) as group:
        assert group.wait(30) == 0
    assert shop.waits_for_endings(before.sessions + 1)
    return shop.verdict()


@pytest.mark.parametrize("exe", installed_ffmpegs())
def test_a_stream_on_the_grid_is_clean(exe: str, clip: Clip, tmp_path: Path) -> None:
    source = clip("grid", Picture(), 8)
    with ingest(record=tmp_path, rules=ANY_PACE) as shop:
        begun = time.monotonic()
        verdict = published(shop, publish_argv(source, shop.target, exe=exe))
        took = time.monotonic() - begun
    assert verdict.findings == ()
    assert verdict.sessions == 1
    assert verdict.endings == {"unpublished": 1}
    assert verdict.resolution == (180, 320)
    assert verdict.video_frames == 64
    assert verdict.even_share == 1.0
    assert verdict.gop_frames is not None
    assert (verdict.gop_frames.least, verdict.gop_frames.most) == (48, 48)
    assert verdict.max_skew_ms < 45
    assert verdict.aigc
    assert 1.0 < verdict.on_air_seconds < took
    assert verdict.chunk_size == 8192


def test_a_recording_holds_the_tags_as_they_were_sent(clip: Clip, tmp_path: Path) -> None:
    source = clip("grid", Picture(), 8)
    with ingest(record=tmp_path) as shop:
        published(shop, publish_argv(source, shop.target))
    recorded = tmp_path / "shop-01.flv"
    sent = [(t.kind, t.timestamp, t.payload) for t in read_tags(source) if t.frame]
    kept = [(t.kind, t.timestamp, t.payload) for t in read_tags(recorded) if t.frame]
    assert kept == sent
    assert set(steps(frames(recorded, VIDEO))) == {40}
    assert gop_lengths(frames(recorded, VIDEO)) == [48]


def test_a_stream_past_the_extended_timestamp_is_read_right(clip: Clip, tmp_path: Path) -> None:
    source = clip("grid", Picture(), 8)
    with ingest(record=tmp_path, rules=ANY_PACE) as shop:
        argv = publish_argv(source, shop.target)
        late = ["-output_ts_offset", "16776"]  # crosses 0xFFFFFF ms in its second second
        assert published(shop, [*argv[:-1], *late, argv[-1]]).findings == ()
    times = [tag.timestamp for tag in frames(tmp_path / "shop-01.flv", VIDEO)]
    assert times[0] < 0xFFFFFF < times[-1]


def test_a_missing_label_is_found(clip: Clip) -> None:
    source = clip("unlabelled", Picture(aigc=None), 4)
    with ingest(rules=ANY_PACE) as shop:
        verdict = published(shop, publish_argv(source, shop.target))
    assert verdict.findings == ("onMetaData carries no AIGC label",)
    assert not verdict.aigc


def test_missing_sound_is_found(clip: Clip) -> None:
    source = clip("silent", Picture(audio=False), 4)
    with ingest(rules=ANY_PACE) as shop:
        assert published(shop, publish_argv(source, shop.target)).findings == ("no audio arrived",)


def test_long_gops_are_found(clip: Clip) -> None:
    source = clip("gop", Picture(gop=75), 8)
    with ingest(rules=ANY_PACE) as shop:
        verdict = published(shop, publish_argv(source, shop.target))
    assert verdict.anomalies == {Anomaly.GOP.value: 1}


def test_a_stream_that_comes_too_fast_is_found(clip: Clip) -> None:
    source = clip("long", Picture(), 30)
    with ingest(rules=replace(ANY_PACE, drift_seconds=Rules().drift_seconds)) as shop:
        argv = [arg for arg in publish_argv(source, shop.target) if arg != "-re"]
        assert published(shop, argv).anomalies == {Anomaly.AHEAD.value: 1}


def test_a_timestamp_that_jumps_is_found(clip: Clip) -> None:
    source = clip("grid", Picture(), 8)
    late = "setts=ts=if(gte(N\\,20)\\,TS+1500\\,TS)"
    with ingest() as shop:
        argv = publish_argv(source, shop.target)
        found = published(shop, [*argv[:-1], "-bsf:v", late, argv[-1]]).anomalies
    assert found[Anomaly.VIDEO_JUMP.value] == 1
    assert found[Anomaly.SKEW.value] >= 1


def test_a_publisher_that_is_frozen_leaves_a_gap(clip: Clip) -> None:
    source = clip("grid", Picture(), 8)
    begun = time.monotonic()
    with ingest() as shop, started(publish_argv(source, shop.target, loop=True)) as group:
        assert shop.waits_for_media()
        group.freeze()
        assert eventually(lambda: "no video arrives for " in str(shop.verdict().findings), 30)
        frozen = shop.verdict()
        group.thaw()
        assert eventually(lambda: shop.verdict().video_frames > frozen.video_frames, 30)
        thawed = shop.verdict()
    assert any(finding.startswith("off air once, for ") for finding in thawed.findings)
    assert 3.0 < thawed.gap_seconds < time.monotonic() - begun
    assert thawed.anomalies[Anomaly.VIDEO_GAP.value] == 1


def test_a_killed_publisher_is_told_from_one_that_says_goodbye(clip: Clip) -> None:
    source = clip("grid", Picture(), 8)
    with ingest() as shop:
        with started(publish_argv(source, shop.target, loop=True)) as group:
            assert shop.waits_for_media()
            group.kill()
        verdict = published(shop, publish_argv(source, shop.target))
    assert verdict.endings == {"lost": 1, "unpublished": 1}
    assert "2 connections instead of one" in verdict.findings


def test_many_publishers_are_judged_apart(clip: Clip) -> None:
    source = clip("grid", Picture(), 8)
    with ingests(4, rules=ANY_PACE) as shops:
        groups = [Group(publish_argv(source, shop.target)) for shop in shops]
        assert [group.wait(30) for group in groups] == [0, 0, 0, 0]
        assert all(shop.waits_for_endings() for shop in shops)
        assert [shop.verdict().findings for shop in shops] == [()] * 4


def test_ffmpegs_own_encoder_at_thirty_frames_is_judged_by_its_own_rate(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "thirty.flv", 6, Picture(fps=30))
    with ingest(rules=ANY_PACE) as shop:
        assert published(shop, publish_argv(source, shop.target)).findings == ()


def test_nothing_but_a_connection_is_no_stream() -> None:
    with ingest() as shop:
        assert shop.verdict().findings == ("no media arrived",)
        patience = ("-rw_timeout", "1000000")
        argv = [ffmpeg(), *QUIET, *patience, "-i", shop.target, "-f", "null", "-"]
        with started(argv) as group:  # a player: gets nothing here, and breaks nothing
            assert group.wait(30) != 0
        assert shop.verdict().findings == ("no media arrived",)
