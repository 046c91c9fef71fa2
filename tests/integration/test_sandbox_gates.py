"""The sandbox's bad manners, met by a real ffmpeg: each behaves as its name says."""

import time
from pathlib import Path

import pytest

from orchestrator.errors import ConfigurationError
from orchestrator.sandbox.room import SILENT_SECONDS
from tests.support.ffmpeg import installed_ffmpegs, publish_argv
from tests.support.media import make_clip
from tests.support.processes import Group, eventually, started
from tests.support.rtmp import (
    Accept,
    Busy,
    Refuse,
    ResetAfter,
    Silent,
    Wedge,
    accept_all,
    always,
    in_turn,
    ingest,
)

EXES = installed_ffmpegs()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "grid.flv", 8)


@pytest.mark.parametrize("exe", EXES)
def test_a_wrong_key_is_refused_and_named_as_such(exe: str, source: Path, tmp_path: Path) -> None:
    with ingest() as shop:
        argv = publish_argv(source, f"{shop.url}/another-key", exe=exe)
        with started(argv, stderr=tmp_path / "err") as group:
            assert group.wait(30) != 0
            assert "Server error: Stream key rejected" in group.stderr()
        verdict = shop.verdict()
    assert (verdict.sessions, verdict.turned_away) == (0, 1)


@pytest.mark.parametrize("exe", EXES)
def test_a_gate_that_refuses_refuses_the_right_key_too(
    exe: str, source: Path, tmp_path: Path
) -> None:
    with ingest(always(Refuse(description="Stream banned"))) as shop:
        argv = publish_argv(source, shop.target, exe=exe)
        with started(argv, stderr=tmp_path / "err") as group:
            assert group.wait(30) != 0
            assert "Server error: Stream banned" in group.stderr()


@pytest.mark.parametrize("exe", EXES)
def test_a_busy_endpoint_says_so_and_takes_the_stream_later(
    exe: str, source: Path, tmp_path: Path
) -> None:
    with ingest(in_turn(Busy(), Accept())) as shop:
        argv = publish_argv(source, shop.target, exe=exe)
        with started(argv, stderr=tmp_path / "err") as group:
            assert group.wait(30) != 0
            assert "Server error: Already publishing" in group.stderr()
        with started(argv) as group:
            assert shop.waits_for_media()


def test_a_second_publisher_is_told_that_somebody_publishes(source: Path, tmp_path: Path) -> None:
    with ingest() as shop, started(publish_argv(source, shop.target, loop=True)):
        assert shop.waits_for_media()
        argv = publish_argv(source, shop.target)
        with started(argv, stderr=tmp_path / "err") as second:
            assert second.wait(30) != 0
            assert "Already publishing" in second.stderr()
        assert shop.overlap_ms() == 0


def test_a_publisher_that_fell_silent_makes_room_for_another(source: Path) -> None:
    with ingest() as shop, started(publish_argv(source, shop.target, loop=True)) as first:
        assert shop.waits_for_media()
        first.freeze()
        time.sleep(SILENT_SECONDS + 2.0)
        with started(publish_argv(source, shop.target, loop=True)):
            assert shop.waits_for_sessions(2)
            assert shop.verdict().endings == {"stopped": 1}
        assert shop.overlap_ms() == 0


def test_publishing_twice_is_measured_where_everybody_is_taken(source: Path) -> None:
    with ingest(accept_all) as shop, started(publish_argv(source, shop.target, loop=True)):
        assert shop.waits_for_media()
        begun = time.monotonic()
        with started(publish_argv(source, shop.target, loop=True)):
            assert eventually(lambda: shop.overlap_ms() > 1500, 20)
        verdict = shop.verdict()
        assert 1500 < verdict.overlap_ms <= (time.monotonic() - begun) * 1000
    assert any("published twice at once" in finding for finding in verdict.findings)


@pytest.mark.parametrize("exe", EXES)
def test_a_reset_ends_the_publisher(exe: str, source: Path, tmp_path: Path) -> None:
    with ingest(always(ResetAfter(1.0))) as shop:
        argv = publish_argv(source, shop.target, exe=exe, loop=True)
        with started(argv, stderr=tmp_path / "err") as group:
            begun = time.monotonic()
            assert group.wait(30) != 0
            assert time.monotonic() - begun < 10
            assert "Connection reset by peer" in group.stderr() or "Broken pipe" in group.stderr()
        assert shop.verdict().endings == {"reset": 1}


@pytest.mark.parametrize("exe", EXES)
def test_a_wedged_endpoint_stops_taking_bytes_but_stays_connected(exe: str, source: Path) -> None:
    with ingest(always(Wedge(1.0))) as shop:
        argv = publish_argv(source, shop.target, exe=exe, loop=True)
        with started(argv) as group:
            assert eventually(lambda: "no video arrives" in str(shop.verdict().findings), 30)
            before = shop.verdict()
            time.sleep(1.0)
            after = shop.verdict()
            assert group.running
    assert after.received_bytes == before.received_bytes


def test_a_silent_endpoint_never_answers(source: Path) -> None:
    with ingest(always(Silent())) as shop, started(publish_argv(source, shop.target)) as group:
        assert eventually(lambda: shop.verdict().turned_away == 1, 20)
        time.sleep(1.0)
        assert group.running
        assert shop.verdict().sessions == 0


def test_a_stopped_sandbox_still_says_what_it_saw_and_can_say_it_often(source: Path) -> None:
    with ingest() as shop:
        publisher = Group(publish_argv(source, shop.target, loop=True))
        assert shop.waits_for_media()
    publisher.kill()
    assert shop.verdict().video_frames > 0
    assert shop.verdict().endings == {"stopped": 1}
    shop.sandbox.stop()


def test_a_port_that_is_taken_is_a_plain_error() -> None:
    with ingest() as shop:
        taken = int(shop.url.rsplit(":", 1)[1].split("/")[0])
        with pytest.raises(ConfigurationError, match="can't listen"), ingest(port=taken):
            pass
