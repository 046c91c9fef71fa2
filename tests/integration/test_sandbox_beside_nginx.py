"""The sandbox beside nginx-rtmp: the same stream into both gives the same recording."""

from pathlib import Path

import pytest

from tests.support.ffmpeg import publish_argv
from tests.support.flv import AUDIO, VIDEO, frames, steps
from tests.support.media import make_clip
from tests.support.nginx_rtmp import nginx_rtmp
from tests.support.processes import eventually, started
from tests.support.rtmp import ingest

pytestmark = pytest.mark.needs_nginx


def test_both_receive_the_same_frames_at_the_same_times(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "grid.flv", 8)
    with nginx_rtmp(tmp_path / "nginx") as server, ingest(record=tmp_path / "ours") as shop:
        with (
            started(publish_argv(source, server.target("k"))) as one,
            started(publish_argv(source, shop.target)) as other,
        ):
            assert server.waits_for("k")
            assert (one.wait(30), other.wait(30)) == (0, 0)
            assert shop.waits_for_endings()
        assert eventually(lambda: server.publishers() == [], 30)
    [theirs] = server.recordings("k")
    ours = tmp_path / "ours" / "shop-01.flv"
    for kind in (AUDIO, VIDEO):
        payloads = [[tag.payload for tag in frames(path, kind)] for path in (ours, theirs)]
        assert payloads[0] == payloads[1]
        assert steps(frames(ours, kind)) == steps(frames(theirs, kind))


def test_both_tell_a_second_publisher_the_same(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "grid.flv", 8)
    said = []
    with nginx_rtmp(tmp_path / "nginx", record=False) as server, ingest() as shop:
        for target, taken in (
            (server.target("k"), lambda: server.waits_for("k")),
            (shop.target, shop.waits_for_media),
        ):
            with started(publish_argv(source, target, loop=True)):
                assert taken()
                second = publish_argv(source, target)
                with started(second, stderr=tmp_path / "err") as group:
                    assert group.wait(30) != 0
                    said.append(group.stderr().count("Server error: Already publishing"))
    assert said == [1, 1]
