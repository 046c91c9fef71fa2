"""Stalls are felt at the kernel: who has stopped, how soon it is noticed, who isn't blamed."""

import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from orchestrator.errors import EndpointWedged, FFmpegFailed
from orchestrator.sandbox.rtmp.gate import Accept, Wedge, always, in_turn
from tests.support.ffmpeg import installed_ffmpegs
from tests.support.grid_clips import write_grid_clip
from tests.support.nginx_rtmp import nginx_rtmp
from tests.support.processes import eventually
from tests.support.publishing import CLOCK, Once, fails, line_to, play, publisher, publishes
from tests.support.rtmp import ingest
from workers.media.flv import Clip, read_clip
from workers.process.abrupt import end_abruptly
from workers.stream.egress import pulse
from workers.stream.publisher import STALL_SECONDS, Publisher

NOTICED_SECONDS = 5.0
"""Two or three, on a busy machine; whoever waits for full buffers needs seven at the low rate."""
FROZEN_NOTICED_SECONDS = 6.0
"""Three and a look; ffmpeg's own patience, and the endpoint's, are longer."""
PATIENCE = 0.3
WEDGE_AFTER = 1.5


@pytest.fixture(scope="module", params=[300, 2500], ids="{}kbps".format)
def clip(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return encoded(tmp_path_factory, request.param)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return encoded(tmp_path_factory, 1500)


def encoded(folders: pytest.TempPathFactory, kbps: int) -> Clip:
    path = folders.mktemp("clips") / "clip.flv"
    write_grid_clip(path, 6, kbps=kbps, size="360x640")
    return read_clip(path)


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_an_endpoint_that_stops_reading_is_noticed_at_any_rate(clip: Clip, program: str) -> None:
    with (
        ingest(in_turn(Wedge(WEDGE_AFTER), Accept())) as server,
        publisher(server.url, program) as to,
    ):
        assert type(fails(to, clip, PATIENCE)) is EndpointWedged
        lasted = to.facts.last_accepted_seconds
        assert lasted is not None
        assert lasted - WEDGE_AFTER <= NOTICED_SECONDS
        assert to.facts.stalls == 1
        play(to, clip, 1, patience=PATIENCE)
        assert server.waits_for_sessions(2)
        assert to.facts.connected_since is not None


@pytest.mark.needs_nginx
def test_a_server_that_is_frozen_is_noticed_whatever_its_buffer_holds(
    clip: Clip, tmp_path: Path
) -> None:
    with nginx_rtmp(tmp_path, record=False) as server, publisher(server.url) as to:
        frozen = Once(to, 2.0, server.group.freeze)
        assert type(fails(to, clip, PATIENCE, frozen)) is EndpointWedged
        assert frozen.since() <= NOTICED_SECONDS
        server.group.thaw()


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_an_ffmpeg_that_is_frozen_is_to_blame_itself(usual: Clip, program: str) -> None:
    with ingest() as server, publisher(server.url, program) as to:

        def freeze() -> None:
            assert to.facts.pid is not None
            os.kill(to.facts.pid, signal.SIGSTOP)

        frozen = Once(to, 1.0, freeze)
        with pytest.raises(FFmpegFailed, match=r"ffmpeg has (passed on|taken) nothing"):
            play(to, usual, 30, patience=PATIENCE, look=frozen)
        assert frozen.since() <= FROZEN_NOTICED_SECONDS
        assert to.facts.stalls == 0


def test_without_the_kernel_s_word_the_pipe_tells(
    usual: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "tcp_sockets_of", lambda _pid: [])
    with ingest(always(Wedge(1.0))) as server, publisher(server.url) as to:
        begun = CLOCK.monotonic()
        error = fails(to, usual)
        assert isinstance(error, EndpointWedged)
        assert "taken nothing" in str(error)
        taken_seconds = to.facts.taken_bytes / (len(usual.body) / usual.duration_ms * 1000)
        assert CLOCK.monotonic() - begun - taken_seconds < STALL_SECONDS + 2.0
        assert to.facts.acked_bytes is None
        assert to.facts.unsent_bytes is None


def test_what_the_endpoint_has_acknowledged_is_counted_over_all_connections(usual: Clip) -> None:
    with ingest() as server, publisher(server.url) as to:
        play(to, usual, 1.9, patience=PATIENCE)
        assert eventually(lambda: nearly_all_acknowledged(to), 30)
        to.close("done")
        once = to.facts.acked_bytes
        assert once == pytest.approx(to.facts.taken_bytes, rel=0.15)
        play(to, usual, 1.9, patience=PATIENCE)
        assert eventually(lambda: nearly_all_acknowledged(to), 30)
        assert to.facts.connects == 2
        assert to.facts.stalls == 0


def nearly_all_acknowledged(to: Publisher) -> bool:
    """Of all connections. What the two ends say of one another is not in it, or in it alone."""
    assert publishes(to)
    facts = to.facts
    acked = facts.acked_bytes or 0
    return facts.unsent_bytes == 0 and acked == pytest.approx(facts.taken_bytes, rel=0.15)


def unsent_to(port: int) -> int:
    """Bytes that this machine's kernel still wants to deliver to that port, whoever wrote them."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return sum(int(f[4].split(":")[0], 16) for f in fields if f[2].endswith(f":{port:04X}"))


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_what_an_endpoint_hasn_t_taken_when_we_leave_never_reaches_it(
    usual: Clip, program: str
) -> None:
    """It would arrive beside the media of whoever comes after us."""
    with ingest(always(Wedge(1.0))) as server, publisher(server.url, program) as to:
        port = urlsplit(server.url).port
        assert port is not None
        with pytest.raises(_Enough):
            play(to, usual, 30, patience=PATIENCE, look=lambda: _enough(to.facts.unsent_bytes))
        begun = CLOCK.monotonic()
        to.close("another takes over")
        assert CLOCK.monotonic() - begun < 1.8
        # The end of a connection counts as a byte, until the endpoint has room for it.
        assert unsent_to(port) <= 1


@pytest.mark.parametrize("politely", [True, False])
def test_leaving_is_a_goodbye_or_a_reset(usual: Clip, politely: bool) -> None:
    with (
        ingest() as server,
        line_to(server.url) as line,
        publisher(line.url) as to,
    ):
        play(to, usual, 1.9, patience=PATIENCE)
        assert to.facts.pid is not None
        if not end_abruptly(to.facts.pid):
            pytest.skip("this machine doesn't let us")
        to.close("done", politely=politely)
        assert eventually(lambda: line.over, 30)
        assert line.was_reset is not politely


class _Enough(Exception):
    """The endpoint has stopped reading, and something waits."""


def _enough(unsent: int | None) -> None:
    if unsent and unsent > 50_000:
        raise _Enough
