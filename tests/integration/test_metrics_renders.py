"""What a real render worker counts, and how old the broker's queues are."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from celery import Celery
from redis import Redis

from orchestrator.domain.stream import slate_recipe
from orchestrator.settings import Settings
from orchestrator.wire.broker import queue
from orchestrator.wire.celery_app import make_app
from orchestrator.wire.depths import depths
from orchestrator.wire.messages import RECIPE
from orchestrator.wire.queues import RENDER_AHEAD, RENDER_NOW, SENT_AT, TASK_RENDER
from orchestrator.wire.redis_client import connect
from tests.support.probing import Probed, probed
from tests.support.processes import eventually
from tests.support.prometheus import check
from tests.support.streams import a_spec
from tests.support.valkey import ValkeyProcess


@pytest.fixture
def broker() -> Iterator[ValkeyProcess]:
    server = ValkeyProcess()
    server.start()
    yield server
    server.close()


@pytest.fixture
def redis(broker: ValkeyProcess) -> Iterator[Redis]:
    client = connect(broker.url)
    yield client
    client.close()


@pytest.fixture
def app(tmp_path: Path, broker: ValkeyProcess) -> Iterator[Celery]:
    made = make_app(Settings.model_validate({"home": tmp_path, "redis_url": broker.url}))
    yield made
    made.close()


def test_queues_tell_how_much_waits_and_since_when(app: Celery, redis: Redis) -> None:
    assert depths(redis, "dc:", (RENDER_NOW, RENDER_AHEAD))[RENDER_NOW].messages == 0
    began = time.time()
    for age in (30.0, 10.0):
        sent = {SENT_AT: began - age}
        app.send_task(TASK_RENDER, args=({},), queue=queue(RENDER_NOW), headers=sent)
    app.send_task(TASK_RENDER, args=({},), queue=queue(RENDER_AHEAD))
    found = depths(redis, "dc:", (RENDER_NOW, RENDER_AHEAD))
    assert (found[RENDER_NOW].messages, found[RENDER_NOW].oldest_at) == (2, began - 30.0)
    assert (found[RENDER_AHEAD].messages, found[RENDER_AHEAD].oldest_at) == (1, None)
    redis.lpush("dc:reports", "no JSON")
    assert depths(redis, "dc:", ("reports",))["reports"].oldest_at is None


def test_the_main_process_counts_what_its_children_make(
    tmp_path: Path, broker: ValkeyProcess, app: Celery
) -> None:
    env = {
        "DOPPELCAST_REDIS_URL": broker.url,
        "DOPPELCAST_NODE": "n1",
        "DOPPELCAST_RENDER_PROCESSES": "1",
    }
    slate = RECIPE.dump_python(slate_recipe(a_spec()), mode="json")
    with probed("render", tmp_path, env) as render:
        for recipe in (slate, slate, {}):
            app.send_task(TASK_RENDER, args=(recipe,), queue=queue(RENDER_NOW))
        assert render.becomes(ready=True, seconds=60), render.why_not()
        about = 'doppelcast_render_clips_total{node="n1",outcome="%s",queue="render.now"} 1.0'
        for outcome in ("made", "there", "failed"):
            line = about % outcome
            assert eventually(lambda line=line: line in _page(render), 60), _page(render)
        consuming = 'doppelcast_worker_consuming{kind="render",node="n1"} 1.0'
        assert eventually(lambda: consuming in _page(render), 30), render.why_not()
        page = _page(render)
        counted = 'doppelcast_render_seconds_count{kind="slate",node="n1",queue="render.now"} 1.0'
        assert counted in page
        assert check("check", "metrics", given=page) == ""


def _page(one: Probed) -> str:
    with urlopen(f"http://127.0.0.1:{one.port}/metrics", timeout=5) as answer:
        return str(answer.read().decode())
