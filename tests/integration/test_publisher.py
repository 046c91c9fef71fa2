"""The publisher beside real servers: what arrives, and what each kind of failure is called."""

import itertools
import logging
import socket
from pathlib import Path

import psutil
import pytest

from orchestrator.errors import (
    ConfigurationError,
    EndpointBusy,
    EndpointClosed,
    EndpointDropped,
    EndpointEnded,
    EndpointRefused,
    EndpointUnreachable,
    FFmpegFailed,
)
from orchestrator.sandbox.rtmp.gate import Busy, Refuse, ResetAfter, Silent, always
from tests.support.ffmpeg import installed_ffmpegs
from tests.support.flv import SCRIPT, frames, read_tags
from tests.support.grid_clips import write_grid_clip
from tests.support.nginx_rtmp import nginx_rtmp
from tests.support.processes import eventually
from tests.support.publishing import CLOCK, KEY, Once, fails, line_to, play, publisher, publishes
from tests.support.rtmp import ingest
from workers.media.flv import Clip, read_clip, restamped, stream_header
from workers.media.flv_tags import AUDIO, VIDEO
from workers.stream.egress.verdict import ACCEPTED_SECONDS


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    path = tmp_path_factory.mktemp("clips") / "clip.flv"
    write_grid_clip(path, 6, kbps=1500)
    return read_clip(path)


def local(server: socket.socket) -> str:
    return f"rtmp://127.0.0.1:{server.getsockname()[1]}/live"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("program", installed_ffmpegs())
@pytest.mark.parametrize("start_ms", [0, 64_000])
def test_every_tag_arrives_with_the_time_it_was_given(
    clip: Clip, tmp_path: Path, program: str, start_ms: int
) -> None:
    with ingest(record=tmp_path) as server, publisher(server.url, program) as to:
        end = play(to, clip, 3.5, start_ms)
        assert to.facts.connected_since is not None
        to.close("done")
    (path,) = tmp_path.rglob("*.flv")
    video = [tag.timestamp for tag in frames(path, VIDEO)]
    audio = [tag.timestamp for tag in frames(path, AUDIO)]
    assert video == list(range(start_ms, end, 40))
    assert len(audio) == (end - start_ms) // 320 * 15
    assert audio[0] == start_ms
    assert {after - before for before, after in itertools.pairwise(audio)} == {21, 22}


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_the_label_s_metadata_arrives(clip: Clip, tmp_path: Path, program: str) -> None:
    with ingest(record=tmp_path) as server, publisher(server.url, program) as to:
        play(to, clip, 1)
        to.close("done")
    (path,) = tmp_path.rglob("*.flv")
    about = next(tag.payload for tag in read_tags(path) if tag.kind == SCRIPT)
    assert b"AIGC" in about
    assert b'"Label":"1"' in about


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_an_endpoint_takes_the_stream_within_a_second(clip: Clip, program: str) -> None:
    with ingest() as server, publisher(server.url, program) as to:
        begun = CLOCK.monotonic()
        play(to, clip, 1.9)
        assert server.waits_for_media()
        arrived = server.verdict().first_packet_at
    assert arrived is not None
    assert arrived - begun < 1.0


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_a_refused_key_is_permanent(clip: Clip, program: str) -> None:
    with ingest(always(Refuse())) as server, publisher(server.url, program) as to:
        error = fails(to, clip)
    assert isinstance(error, EndpointRefused)
    assert error.permanent


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_a_busy_endpoint_may_be_tried_again(clip: Clip, program: str) -> None:
    with ingest(always(Busy())) as server, publisher(server.url, program) as to:
        error = fails(to, clip)
    assert isinstance(error, EndpointBusy)
    assert not error.permanent


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_an_endpoint_that_is_down_is_unreachable(clip: Clip, program: str) -> None:
    with publisher(f"rtmp://127.0.0.1:{free_port()}/live", program) as to:
        assert isinstance(fails(to, clip), EndpointUnreachable)


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_a_cut_connection_is_dropped_and_can_be_made_again(clip: Clip, program: str) -> None:
    with ingest(always(ResetAfter(4.0))) as server, publisher(server.url, program) as to:
        assert type(fails(to, clip)) is EndpointDropped
        assert to.facts.last_accepted_seconds == pytest.approx(4.0, abs=2.0)
        play(to, clip, 1.9)
        assert to.facts.connected_since is not None
        assert (to.facts.connects, to.facts.restarts) == (2, 1)
        assert "hung up" in to.facts.last_end


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_a_connection_that_is_ended_in_good_order_is_told_from_one_that_breaks(
    clip: Clip, program: str
) -> None:
    with (
        ingest() as server,
        line_to(server.url) as line,
        publisher(line.url, program) as to,
    ):
        over = Once(to, ACCEPTED_SECONDS + 0.5, line.finish)
        assert type(fails(to, clip, look=over)) is EndpointEnded


def test_an_endpoint_that_never_answers_is_given_up(
    clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.stream.publisher.ANSWER_SECONDS", 1.5)
    with ingest(always(Silent())) as server, publisher(server.url) as to:
        error = fails(to, clip)
    assert isinstance(error, EndpointUnreachable)
    assert "hasn't answered" in str(error)


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_an_endpoint_that_hangs_up_before_it_takes_the_stream_is_closed_to_us(
    clip: Clip, program: str
) -> None:
    with ingest(always(ResetAfter(0.0))) as server, publisher(server.url, program) as to:
        assert [type(fails(to, clip)) for _ in range(3)] == [EndpointClosed] * 3


def test_a_server_that_doesn_t_speak_rtmp_is_unreachable_and_no_more(clip: Clip) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, publisher(local(server)) as to:
        to.connect(stream_header(clip))
        to.send(restamped(clip, 0, 0, clip.tags), CLOCK.monotonic())
        server.settimeout(30)
        server.accept()[0].close()
        with pytest.raises(EndpointUnreachable):
            eventually(lambda: publishes(to), 30)


def test_an_ffmpeg_that_isn_t_one_is_our_fault(clip: Clip) -> None:
    with (
        publisher("rtmp://127.0.0.1/live", program="/bin/false") as to,
        pytest.raises(FFmpegFailed),
    ):
        play(to, clip, 5)


def test_an_address_of_another_kind_is_refused_up_front(clip: Clip) -> None:
    with publisher("http://127.0.0.1/live") as to, pytest.raises(ConfigurationError) as caught:
        to.connect(stream_header(clip))
    assert KEY not in str(caught.value)


def test_the_key_is_in_no_log_no_error_and_no_fact(
    clip: Clip, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "SECRET-0815?token=HIDDEN"
    caplog.set_level(logging.DEBUG)
    with ingest(always(Busy()), key=secret) as server, publisher(server.url, key=secret) as to:
        error = fails(to, clip)
        seen = [str(error), repr(to.facts), *(str(vars(record)) for record in caplog.records)]
    assert len(caplog.records) >= 2
    assert not [text for text in seen if "SECRET" in text or "HIDDEN" in text]


def test_closing_leaves_no_process(clip: Clip) -> None:
    with ingest() as server, publisher(server.url) as to:
        play(to, clip, 1.9)
        pid = to.facts.pid
        assert pid is not None
        assert psutil.pid_exists(pid)
        to.close("done")
        to.close("done again")
        assert not psutil.pid_exists(pid)
        assert to.facts.last_end == "done"
        assert server.waits_for_endings()
        assert server.verdict().endings == {"unpublished": 1}


def test_a_file_endpoint_keeps_every_connection(clip: Clip, tmp_path: Path) -> None:
    with publisher(f"file://{tmp_path}/on-air.flv", key="") as to:
        play(to, clip, 1)
        to.close("done")
        play(to, clip, 1)
        to.close("done")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["on-air-1.flv", "on-air.flv"]
    for path in tmp_path.iterdir():
        assert len(frames(path, VIDEO)) == clip.frames


@pytest.mark.needs_nginx
@pytest.mark.parametrize("program", installed_ffmpegs())
def test_nginx_records_an_even_stream(clip: Clip, tmp_path: Path, program: str) -> None:
    with nginx_rtmp(tmp_path) as server:
        with publisher(server.url, program, key="one") as to:
            end = play(to, clip, 3)
            to.close("done")
        assert eventually(lambda: not server.publishers(), 30)
        (path,) = server.recordings("one")
        video = [tag.timestamp for tag in frames(path, VIDEO)]
        audio = [tag.timestamp for tag in frames(path, AUDIO)]
    assert video == list(range(0, end, 40))
    assert {after - before for before, after in itertools.pairwise(audio)} == {21, 22}


@pytest.mark.needs_nginx
@pytest.mark.parametrize("program", installed_ffmpegs())
def test_nginx_says_busy_to_a_second_publisher(clip: Clip, tmp_path: Path, program: str) -> None:
    with (
        nginx_rtmp(tmp_path, record=False) as server,
        publisher(server.url, program, key="one") as first,
        publisher(server.url, program, key="one") as second,
    ):
        first.connect(stream_header(clip))
        first.send(restamped(clip, 0, 0, clip.tags), CLOCK.monotonic())
        assert eventually(lambda: publishes(first), 30)
        assert isinstance(fails(second, clip), EndpointBusy)
        assert server.publishers() == ["one"]
