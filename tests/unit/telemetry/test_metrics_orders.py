"""What comes of render orders, as the main process hears it from its children."""

import pytest

from orchestrator.settings import Settings
from orchestrator.telemetry.exposition import Metrics
from orchestrator.telemetry.health import Health
from tests.unit.stream.hands import HandClock
from workers.tally import EXPIRED, Renders, told


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("render-worker", Health(HandClock()), HandClock())


@pytest.fixture
def renders(metrics: Metrics) -> Renders:
    made = Renders()
    made.shown(Settings.model_validate({"node": "n1", "render_processes": 2}), metrics)
    return made


def shown(metrics: Metrics, name: str) -> list[str]:
    return [line for line in metrics.page().body.decode().splitlines() if line.startswith(name)]


def test_a_clip_that_was_made_is_counted_with_its_time(renders: Renders, metrics: Metrics) -> None:
    renders.done("render.now", repr(told(True, "line", "3f")), 1.5)
    labels = 'kind="line",node="n1",queue="render.now"'
    assert f"doppelcast_render_seconds_sum{{{labels}}} 1.5" in shown(
        metrics, "doppelcast_render_seconds_sum"
    )
    assert shown(metrics, "doppelcast_render_clips_total") == [
        'doppelcast_render_clips_total{node="n1",outcome="made",queue="render.now"} 1.0'
    ]


def test_a_clip_that_was_there_costs_no_time(renders: Renders, metrics: Metrics) -> None:
    renders.done("render.ahead", repr(told(False, "idle", "3f")), 0.002)
    assert not shown(metrics, "doppelcast_render_seconds_sum")
    assert 'outcome="there"' in shown(metrics, "doppelcast_render_clips_total")[0]


def test_orders_that_nobody_waits_for_any_more_are_counted(
    renders: Renders, metrics: Metrics
) -> None:
    renders.lost("render.ahead", EXPIRED)
    assert 'outcome="expired"' in shown(metrics, "doppelcast_render_clips_total")[0]


def test_a_result_that_cannot_be_read_is_a_failure(renders: Renders, metrics: Metrics) -> None:
    renders.done("render.now", "None", 1.0)
    assert 'outcome="failed"' in shown(metrics, "doppelcast_render_clips_total")[0]


def test_a_worker_that_renders_nothing_says_what_it_could(metrics: Metrics) -> None:
    Renders().shown(Settings.model_validate({"node": "n1", "render_processes": 2}), metrics)
    assert shown(metrics, "doppelcast_render_processes") == [
        'doppelcast_render_processes{node="n1"} 2.0'
    ]
