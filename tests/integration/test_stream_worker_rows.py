"""What a stream worker asks of renderers, and what admins see of it in Flower."""

from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from orchestrator.domain.rundown import Rundown
from orchestrator.settings import Settings
from orchestrator.wire.broker import queue
from orchestrator.wire.celery_app import make_app
from orchestrator.wire.queues import RENDER_AHEAD, RENDER_NOW
from tests.support.celery_events import events
from tests.support.grid_clips import stock, stock_one
from tests.support.lone_stream import KEY
from tests.support.processes import eventually
from tests.support.rtmp import ingest
from tests.support.stream_worker import Desk, a_stream, desk, some_settings, stream_worker


@pytest.fixture
def config(tmp_path: Path, redis_url: str, redis_prefix: str) -> Settings:
    return some_settings(tmp_path / "home", redis_url, redis_prefix, ahead_seconds=30.0)


@pytest.fixture
def hands(config: Settings) -> Iterator[Desk]:
    with desk(config) as made:
        yield made


def test_what_a_stream_goes_on_air_with_is_ordered_first_and_everything_once(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with ingest(key=KEY) as shop, stream_worker(config, (KEY,), log):
        spec = a_stream("suyun-douyin", shop.url, KEY)
        hands.place(spec)

        def slate_is_ordered() -> bool:
            return any("slate" in text for text in hands.ordered(RENDER_AHEAD))

        assert eventually(slate_is_ordered, 60), log.read_text()
        now, ahead = hands.ordered(RENDER_NOW), hands.ordered(RENDER_AHEAD)
        assert [text.split(" ")[0] for text in now] == ["(idle", "(大家好。"]
        assert len(set(ahead)) >= len(ahead) - 4  # pauses of one length look the same
        assert hands.reaches(spec, "preparing")


def test_a_stream_goes_on_air_with_idle_alone_and_says_its_lines_as_they_come(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with ingest(key=KEY) as shop, stream_worker(config, (KEY,), log):
        spec = a_stream("suyun-douyin", shop.url, KEY)
        rundown = Rundown(spec)
        stock_one(config.media, rundown.idle)
        hands.place(spec)
        assert hands.reaches(spec, "on_air"), log.read_text()
        assert eventually(lambda: _playing(hands, spec.stream) == "idle", 30)
        opening = rundown.opening()
        assert opening is not None
        stock_one(config.media, opening)
        # A heartbeat may miss the line, so short is it; what was taken on air is reported.
        assert eventually(lambda: _said(hands)[-3:] == ["idle", "hello/1", "idle"], 60)
        assert shop.verdict().clean, shop.verdict()


def test_clips_taken_on_air_leave_a_trace_without_a_gap(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with ingest(key=KEY) as shop, stream_worker(config, (KEY,), log):
        spec = a_stream("suyun-douyin", shop.url, KEY)
        stock(config.media, spec)
        hands.place(spec)
        assert eventually(lambda: len(_taken(hands)) >= 4, 60), log.read_text()
        taken = _taken(hands)
        known = {str(cue.key): cue for cue in Rundown(spec).cues}
        for before, after in pairwise(taken):
            assert after["start_ms"] == before["start_ms"] + before["duration_ms"]
        assert [known[facts["clip"]].name for facts in taken] == [f["line"] for f in taken]
        assert taken[0]["line"] == "hello/1"


def test_a_stream_is_a_row_in_flower_that_reads_like_a_monitor(
    config: Settings, hands: Desk, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with ingest(key=KEY) as shop, stream_worker(config, (KEY,), log), events(config) as seen:
        spec = a_stream("suyun-douyin", shop.url, KEY)
        stock(config.media, spec)
        task_id = hands.place(spec)
        assert hands.reaches(spec, "on_air"), log.read_text()

        def rows() -> list[dict[str, Any]]:
            ours = [e for e in list(seen) if e.get("uuid") == task_id]
            started = [e for e in ours if e["type"] == "task-started"]
            return [e for e in started if _reads_like_a_monitor(e.get("result", ""))]

        assert eventually(lambda: bool(rows()), 60), seen
        row = rows()[-1]
        assert row["name"] == "stream.run"
        assert spec.title in row["result"]
        assert row["started"] < row["timestamp"]
        assert KEY not in str(seen)


def test_what_is_needed_now_is_rendered_before_what_is_needed_later(
    config: Settings, hands: Desk
) -> None:
    taken: list[str] = []
    app = make_app(config)
    for name in (RENDER_AHEAD, RENDER_NOW) * 3:
        hands.app.send_task("render.clip", args=(name,), queue=queue(name))
    with app.connection_for_read() as connection:

        def take(body: Any, message: Any) -> None:
            taken.append(body[0][0])
            message.ack()

        queues = [queue(RENDER_AHEAD), queue(RENDER_NOW)]
        with connection.Consumer(queues, callbacks=[take], accept=["json"], prefetch_count=1):
            while len(taken) < 6:
                connection.drain_events(timeout=30)
    app.close()
    assert taken == [RENDER_NOW] * 3 + [RENDER_AHEAD] * 3


def _playing(hands: Desk, stream: str) -> str:
    beat = hands.beat()
    found = [s.now_playing for s in beat.streams if s.stream == stream] if beat else []
    return found[0] if found else ""


def _reads_like_a_monitor(result: object) -> bool:
    """A row as it is while nothing is wrong; where the machine was held up, the next one is so."""
    return str(result).startswith("ON AIR") and "25.0 fps" in str(result)


def _said(hands: Desk) -> list[str]:
    """What has been taken on air, but for what came twice in a row."""
    return [line for line, _ in groupby(facts["line"] for facts in _taken(hands))]


def _taken(hands: Desk) -> list[dict[str, Any]]:
    return [r["facts"] for r in reversed(hands.reports()) if r["kind"] == "taken"]
