"""A real worker process, Valkey and ffmpeg: streams go on air, stay there, and leave it cleanly."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from orchestrator.settings import Settings
from tests.support.grid_clips import stock
from tests.support.lone_stream import KEY, on_air
from tests.support.processes import eventually, gone
from tests.support.rtmp import ingests
from tests.support.stream_worker import Desk, a_stream, desk, some_settings, stream_worker


@pytest.fixture
def config(tmp_path: Path, redis_url: str, redis_prefix: str) -> Settings:
    return some_settings(tmp_path / "home", redis_url, redis_prefix)


@pytest.fixture
def hands(config: Settings) -> Iterator[Desk]:
    with desk(config) as made:
        yield made


def test_a_placed_stream_goes_on_air_and_nothing_is_wrong_with_it(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with on_air(hands, log) as (spec, shop, _):
        assert eventually(lambda: shop.verdict().on_air_seconds > 12, 60)

        def all_is_well() -> bool:
            status = hands.status(spec)
            return (
                status is not None
                and status.fps == pytest.approx(25.0, abs=0.5)
                and status.restarts == 0
                and status.ahead_seconds >= config.ahead_seconds
            )

        assert eventually(all_is_well, 30), hands.status(spec)
        hands.want(spec, 1, wanted=False)
        assert hands.reaches(spec, None), log.read_text()
        assert shop.verdict().clean, shop.verdict()
        assert KEY not in log.read_text()


def test_several_streams_in_one_process_stay_clean(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    keys = tuple(f"key-{n}" for n in range(1, 5))
    log = tmp_path / "worker.log"
    with ingests(4) as shops, stream_worker(config, keys, log):
        specs = [a_stream(f"shop-{n}", s.url, s.key) for n, s in enumerate(shops, start=1)]
        for spec in specs:
            stock(config.media, spec)
            hands.place(spec)
        for spec in specs:
            assert hands.reaches(spec, "on_air"), log.read_text()
        assert eventually(lambda: all(s.verdict().on_air_seconds > 6 for s in shops), 60)
        assert [s.verdict().findings for s in shops] == [()] * 4


def test_a_shutdown_leaves_the_air_and_no_process_behind(hands: Desk, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with on_air(hands, log) as (_, _, worker):
        children = psutil.Process(worker.pid).children(recursive=True)
        assert any("ffmpeg" in child.name() for child in children)
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(60) == 0
        assert eventually(lambda: all(gone(child.pid) for child in children), 20)
        assert hands.beat() is None
        phases = [r["facts"]["phase"] for r in hands.reports() if r["kind"] == "phase"]
        assert phases[::-1] == ["preparing", "connecting", "on_air", "ended"]
