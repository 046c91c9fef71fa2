"""However the command ends, nothing of it goes on: no process, and above all no publisher."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fleet import (
    COMMAND,
    END_SECONDS,
    Fleet,
    background,
    belonging_to,
    publishing,
    up,
)
from tests.support.nginx_rtmp import NginxRtmp, nginx_rtmp
from tests.support.processes import eventually
from tests.support.shops import ShortMatrix, short_matrix
from tests.support.valkey import free_port

pytestmark = [pytest.mark.slow, pytest.mark.needs_nginx, pytest.mark.timeout(900)]

SHOPS = 2
COLD_SECONDS = 240.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NginxRtmp]:
    with nginx_rtmp(tmp_path / "nginx", record=False) as running:
        yield running


@pytest.fixture
def matrix(tmp_path: Path, server: NginxRtmp) -> ShortMatrix:
    return short_matrix(tmp_path, server.url, shops=SHOPS)


def comes_on_air(fleet: Fleet, server: NginxRtmp) -> None:
    all_there = eventually(lambda: len(server.publishers()) == SHOPS, COLD_SECONDS, 0.2)
    assert all_there, fleet.run("status").stdout


def test_ctrl_c_ends_a_fleet_with_everything_it_started(
    matrix: ShortMatrix, server: NginxRtmp, tmp_path: Path, media: Path
) -> None:
    with up(matrix, tmp_path / "home", media=media) as fleet:
        comes_on_air(fleet, server)
        assert len(fleet.processes()) > SHOPS + 5
        assert fleet.interrupt() == 0
        assert fleet.processes() == []
        assert eventually(lambda: server.publishers() == [], 30)


def test_a_killed_fleet_publishes_no_more_after_a_few_seconds(
    matrix: ShortMatrix, server: NginxRtmp, tmp_path: Path, media: Path
) -> None:
    with up(matrix, tmp_path / "home", media=media) as fleet:
        comes_on_air(fleet, server)
        fleet.group.signal(signal.SIGKILL)
        assert eventually(lambda: server.publishers() == [], 30)
        assert eventually(lambda: publishing(fleet.home) == [], 30)
        assert eventually(lambda: fleet.processes() == [], 30), fleet.processes()


def test_ctrl_c_ends_the_demo_with_everything_it_started(
    tmp_path: Path, server: NginxRtmp, media: Path
) -> None:
    matrix = short_matrix(tmp_path, f"rtmp://127.0.0.1:{free_port()}/live", shops=1)
    home = tmp_path / "home"
    environment = {"DOPPELCAST_HOME": str(home), "DOPPELCAST_MEDIA_DIR": str(media)}
    argv = [*COMMAND, "demo", "--seconds", "600", "--matrix", str(matrix.path)]
    with background(argv, tmp_path / "terminal.txt", environment | dict(matrix.environment)) as run:
        there = eventually(lambda: "all 1 on air" in run.stderr(), COLD_SECONDS, 0.2)
        assert there, run.stderr()
        assert len(publishing(home)) == 1
        run.interrupt(END_SECONDS)
        assert belonging_to(home) == []
    assert "Stopped early" in run.stderr()
