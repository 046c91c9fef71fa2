"""An ffmpeg that waits: connected to nobody until the first packet, gone when it isn't needed."""

import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from orchestrator.errors import FFmpegFailed
from tests.support.ffmpeg import installed_ffmpegs
from tests.support.grid_clips import write_grid_clip
from tests.support.processes import eventually, gone
from tests.support.publishing import CLOCK, play, publisher, publishes
from tests.support.rtmp import ingest
from workers.media.flv import Clip, read_clip, restamped, stream_header

WAIT_SECONDS = 2.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    path = tmp_path_factory.mktemp("clips") / "clip.flv"
    write_grid_clip(path, 6)
    return read_clip(path)


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_a_waiting_ffmpeg_calls_nobody_until_the_first_packet(clip: Clip, program: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"rtmp://127.0.0.1:{server.getsockname()[1]}/live"
        with publisher(url, program) as to:
            to.prepare(stream_header(clip))
            server.settimeout(WAIT_SECONDS)
            with pytest.raises(TimeoutError):
                server.accept()
            to.connect(stream_header(clip))
            server.settimeout(0.5)
            with pytest.raises(TimeoutError):
                server.accept()
            to.send(restamped(clip, 0, 0, clip.tag_at(640)), CLOCK.monotonic())
            server.settimeout(30)
            server.accept()[0].close()


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_the_waiting_ffmpeg_is_the_one_that_publishes(clip: Clip, program: str) -> None:
    with ingest() as server, publisher(server.url, program) as to:
        to.prepare(stream_header(clip))
        waiting = to.facts.pid
        assert waiting is not None
        assert to.facts.connects == 0
        CLOCK.wait(WAIT_SECONDS)
        to.prepare(stream_header(clip))
        assert to.facts.pid == waiting, "preparing again changes nothing"
        begun = CLOCK.monotonic()
        to.connect(stream_header(clip))
        to.send(restamped(clip, 0, 0, clip.tag_at(640)), CLOCK.monotonic())
        assert eventually(lambda: publishes(to), 5, every=0.01)
        opened = to.facts.connected_since
        assert opened is not None
        assert opened - begun < 0.5
        assert to.facts.pid == waiting
        assert (to.facts.connects, to.facts.restarts) == (1, 0)
        assert server.waits_for_media()
        assert server.verdict().sessions == 1


def test_the_time_of_waiting_isn_t_held_against_the_endpoint(
    clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.stream.publisher.ANSWER_SECONDS", 1.0)
    with ingest() as server, publisher(server.url) as to:
        to.prepare(stream_header(clip))
        CLOCK.wait(1.2)
        to.connect(stream_header(clip))
        CLOCK.wait(1.2)
        to.send(b"", CLOCK.monotonic())
        to.send(restamped(clip, 0, 0, clip.tag_at(640)), CLOCK.monotonic())
        monkeypatch.undo()
        assert eventually(lambda: publishes(to), 30)


def test_a_waiting_ffmpeg_that_has_died_is_replaced_by_a_new_one(clip: Clip) -> None:
    with ingest() as server, publisher(server.url) as to:
        to.prepare(stream_header(clip))
        first = to.facts.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: gone(first), 30)
        play(to, clip, 1.9)
        assert to.facts.connected_since is not None
        assert to.facts.pid != first


def test_one_that_waits_with_another_header_isn_t_used(clip: Clip) -> None:
    with ingest() as server, publisher(server.url) as to:
        to.prepare(stream_header(clip)[:-1])
        first = to.facts.pid
        play(to, clip, 1.9)
        assert to.facts.pid != first
        assert to.facts.connected_since is not None


def test_that_a_waiting_ffmpeg_has_died_is_said_once(clip: Clip) -> None:
    with publisher("rtmp://127.0.0.1/live", program="/bin/false") as to:
        to.prepare(stream_header(clip))
        pid = to.facts.pid
        assert pid is not None
        assert eventually(lambda: gone(pid), 30)
        with pytest.raises(FFmpegFailed, match="while it waited"):
            to.prepare(stream_header(clip))
        to.prepare(stream_header(clip))


def test_closing_ends_one_that_waits(clip: Clip, tmp_path: Path) -> None:
    with publisher(f"file://{tmp_path}/on-air.flv", key="") as to:
        to.prepare(stream_header(clip))
        pid = to.facts.pid
        assert pid is not None
        to.close("it isn't needed")
        to.close("twice")
        assert not psutil.pid_exists(pid)
        assert to.facts.pid is None
        assert list(tmp_path.iterdir()) == []
        with pytest.raises(RuntimeError):
            to.send(b"", CLOCK.monotonic())


def test_nothing_is_prepared_while_it_publishes(clip: Clip) -> None:
    with ingest() as server, publisher(server.url) as to:
        play(to, clip, 1.9)
        with pytest.raises(RuntimeError):
            to.prepare(stream_header(clip))
