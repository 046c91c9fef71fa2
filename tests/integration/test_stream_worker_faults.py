"""What goes wrong around a stream worker, and what the viewers notice: as little as can be."""

import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from orchestrator.domain.lease import LeaseAnswer
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import FencingToken
from orchestrator.settings import Settings
from orchestrator.wire.leases import Leases
from orchestrator.wire.redis_client import connect
from tests.support.grid_clips import stock
from tests.support.lone_stream import KEY, on_air
from tests.support.processes import eventually, gone
from tests.support.rtmp import Accept as TakeIt
from tests.support.rtmp import Refuse, ResetAfter, accept_all, always, in_turn, ingest
from tests.support.stream_worker import Desk, a_stream, desk, some_settings, stream_worker
from tests.support.valkey import ValkeyProcess

LEASE = 3.0


@pytest.fixture
def config(tmp_path: Path, own_valkey: ValkeyProcess, redis_prefix: str) -> Settings:
    return some_settings(
        tmp_path / "home", own_valkey.url, redis_prefix, lease_seconds=LEASE, renew_seconds=1.0
    )


@pytest.fixture
def hands(config: Settings) -> Iterator[Desk]:
    with desk(config) as made:
        yield made


@pytest.mark.parametrize("outage", ["kill", "freeze"])
def test_losing_redis_takes_no_stream_off_the_air(
    config: Settings, hands: Desk, own_valkey: ValkeyProcess, tmp_path: Path, outage: str
) -> None:
    log = tmp_path / "worker.log"
    with on_air(hands, log) as (spec, shop, _):
        before = shop.verdict().on_air_seconds
        own_valkey.kill() if outage == "kill" else own_valkey.freeze()
        assert eventually(lambda: shop.verdict().on_air_seconds > before + LEASE * 3, 60)
        own_valkey.start() if outage == "kill" else own_valkey.thaw()
        assert hands.reaches(spec, "on_air"), log.read_text()
        leases = Leases(hands.redis, config.redis_prefix)
        assert eventually(lambda: bool(leases.observe([spec.endpoint.target])), 30)
        assert shop.verdict().sessions == 1
        assert shop.verdict().clean, shop.verdict()


def test_without_redis_a_lost_connection_is_not_made_again_until_redis_is_back(
    hands: Desk, own_valkey: ValkeyProcess, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    gate = in_turn(ResetAfter(12.0), TakeIt())
    with on_air(hands, log, gate) as (_, shop, _):
        own_valkey.kill()
        assert shop.waits_for_endings(), "the line is cut when Redis has been away for long"
        time.sleep(LEASE + 1)
        assert shop.verdict().sessions == 1
        own_valkey.start()
        assert shop.waits_for_sessions(2), log.read_text()


def test_an_endpoint_that_cuts_the_line_is_called_again_in_place(
    hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    gate = in_turn(ResetAfter(3.0), TakeIt())
    with on_air(hands, log, gate) as (spec, shop, _):
        assert shop.waits_for_sessions(2), log.read_text()
        # The heartbeat that tells of it comes up to a second later.
        assert eventually(lambda: _restarts(hands, spec) == 1, 30), log.read_text()
        assert hands.reaches(spec, "on_air"), log.read_text()


def test_a_stream_whose_endpoint_is_down_leaves_the_other_clean(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with ingest(key=KEY) as shop, stream_worker(config, (KEY, "no-key"), log):
        good = a_stream("good", shop.url, KEY)
        dead = a_stream("dead", "rtmp://127.0.0.1:9/live", "no-key")
        for spec in (good, dead):
            stock(config.media, spec)
            hands.place(spec)
        assert hands.reaches(good, "on_air"), log.read_text()
        assert eventually(lambda: shop.verdict().on_air_seconds > 10, 60)
        assert eventually(lambda: len(_tries_again(hands)) > 1, 30), log.read_text()
        assert all("refused" in reason for reason in _tries_again(hands))
        assert eventually(lambda: hands.phase(dead) in {"connecting", "off_air"}, 20)
        assert _restarts(hands, dead) == 0, "attempts are no restarts"
        assert shop.verdict().findings == ()
        assert "no-key" not in log.read_text()


def test_a_refused_key_ends_the_run_for_good_and_says_so(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with ingest(always(Refuse()), key=KEY) as shop, stream_worker(config, (KEY,), log):
        spec = a_stream("suyun-douyin", shop.url, KEY)
        stock(config.media, spec)
        hands.place(spec)
        assert eventually(lambda: bool(hands.facts("failed")), 60), log.read_text()
        facts = hands.facts("failed")[0]
        assert facts["permanent"] == 1
        assert "refuses this stream key" in facts["reason"]
        alarms = [r["facts"]["alarm"] for r in hands.reports() if r["kind"] == "alarm"]
        assert alarms == [facts["reason"]]
        assert KEY not in str(hands.reports()) + log.read_text()


def test_another_key_than_the_planned_one_is_never_published_to(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with ingest(key=KEY) as shop, stream_worker(config, (KEY,), log):
        # Planned with the address of another platform: the same key there is another target.
        spec = replace(a_stream("suyun-douyin", shop.url, KEY), platform="taobao")
        hands.place(spec)
        assert eventually(lambda: bool(hands.facts("failed")), 60), log.read_text()
        assert (
            "isn't the one that the matrix was applied with" in hands.facts("failed")[0]["reason"]
        )
        assert shop.verdict().sessions == 0


def test_a_frozen_worker_does_not_write_after_another_took_its_target(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with on_air(hands, log, accept_all) as (spec, shop, worker):
        worker.process.send_signal(signal.SIGSTOP)
        leases = Leases(hands.redis, config.redis_prefix)
        target = spec.endpoint.target

        def taken() -> bool:
            verdict = leases.acquire(target, "another", FencingToken(2), 60.0)
            return verdict.answer is LeaseAnswer.GRANTED

        assert eventually(taken, 30)
        time.sleep(1.0)
        frames = shop.verdict().video_frames
        worker.process.send_signal(signal.SIGCONT)
        assert hands.reaches(spec, None), log.read_text()
        # One slice may have been on its way when the process was frozen.
        assert shop.verdict().video_frames <= frames + 8
        assert shop.verdict().sessions == 1


def test_a_frozen_worker_whose_target_nobody_took_goes_on(hands: Desk, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with on_air(hands, log, accept_all) as (spec, shop, worker):
        worker.process.send_signal(signal.SIGSTOP)
        time.sleep(LEASE + 2)
        worker.process.send_signal(signal.SIGCONT)
        frames = shop.verdict().video_frames
        assert eventually(lambda: shop.verdict().video_frames > frames + 100, 30), log.read_text()
        assert hands.reaches(spec, "on_air")
        assert "playout stood still" in log.read_text()


def test_a_newer_placement_on_the_same_node_takes_over_without_an_overlap(
    hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with on_air(hands, log, accept_all) as (spec, shop, _):
        hands.place(spec, token=2)
        assert shop.waits_for_sessions(2), log.read_text()
        assert eventually(lambda: (s := hands.status(spec)) is not None and s.token == 2, 30)
        assert hands.reaches(spec, "on_air"), log.read_text()
        assert shop.overlap_ms() == 0


def test_outdated_and_doubled_messages_do_nothing(hands: Desk, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with on_air(hands, log, accept_all, token=5) as (spec, shop, _):
        hands.send(spec, token=5)
        hands.send(spec, token=4)
        time.sleep(4)
        assert shop.verdict().sessions == 1
        beat = hands.beat()
        assert beat is not None
        assert [s.token for s in beat.streams] == [5]


def test_a_killed_workers_ffmpeg_dies_with_it(hands: Desk, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with on_air(hands, log) as (_, shop, worker):
        children = psutil.Process(worker.pid).children(recursive=True)
        assert any("ffmpeg" in child.name() for child in children)
        worker.process.send_signal(signal.SIGKILL)
        worker.process.wait(30)
        assert eventually(lambda: all(gone(child.pid) for child in children), 20)
        assert shop.waits_for_endings()


def test_a_worker_can_be_terminated_stream_by_stream_and_shows_no_secret(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with ingest(key=KEY) as shop, stream_worker(config, (KEY,), log):
        spec = a_stream("suyun-douyin", shop.url, KEY)
        stock(config.media, spec)
        task_id = hands.place(spec)
        assert hands.reaches(spec, "on_air"), log.read_text()
        active = ""

        def is_active() -> bool:
            nonlocal active
            active = str(hands.app.control.inspect(timeout=3).active())
            return task_id in active

        assert eventually(is_active, 30), active
        assert KEY not in active
        hands.app.control.revoke(task_id, terminate=True)
        assert hands.reaches(spec, None), log.read_text()
        with connect(config.redis) as redis:
            assert not Leases(redis, config.redis_prefix).observe([spec.endpoint.target])


def _tries_again(hands: Desk) -> list[str]:
    """Why connections were made that weren't the first."""
    reasons = [facts["reason"] for facts in hands.facts("connecting")]
    return [reason for reason in reasons if reason.startswith("tries again after")]


def _restarts(hands: Desk, spec: StreamSpec) -> int | None:
    status = hands.status(spec)
    return None if status is None else status.restarts
