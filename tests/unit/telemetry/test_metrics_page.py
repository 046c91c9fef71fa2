"""The catalog of metrics, and the page that shows them."""

import re
from collections.abc import Iterable

import pytest

from orchestrator.telemetry.exposition import CONTENT_TYPE, Metrics, Tally
from orchestrator.telemetry.health import Health
from orchestrator.telemetry.metrics import (
    CATALOG,
    NODE_SLOTS,
    RECORDER_DELAY,
    RECORDER_REPORTS,
    RENDER_SECONDS,
    STREAM_TAKES,
    Kind,
    Metric,
    Reading,
)
from tests.unit.stream.hands import HandClock


def a_page() -> Metrics:
    return Metrics("test", Health(HandClock()), HandClock())


def lines(metrics: Metrics) -> list[str]:
    answer = metrics.page()
    assert answer.kind == CONTENT_TYPE
    return answer.body.decode().splitlines()


def test_names_are_told_once_in_base_units_with_a_sentence_each() -> None:
    assert len({metric.full_name for metric in CATALOG}) == len(CATALOG)
    for metric in CATALOG:
        assert re.fullmatch(r"doppelcast_[a-z][a-z_]*[a-z]", metric.full_name)
        assert metric.help.endswith(".")
        assert not re.search(r"_(ms|minutes|hours|kbps|percent|milli\w+)(_|$)", metric.full_name)
        assert metric.full_name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)


def test_no_label_grows_without_end() -> None:
    bounded = {"stream", "brand", "platform", "node", "queue", "kind", "reason", "outcome", "day"}
    bounded |= {"version", "process", "loop", "state", "error", "persona", "server"}
    assert {label for metric in CATALOG for label in metric.labels} <= bounded


def test_a_page_says_what_runs_whether_it_is_ready_and_how_its_loops_stand() -> None:
    health = Health(HandClock())
    health.loop("passes", 60.0)
    health.check("store", lambda: "away")
    shown = lines(Metrics("coordinator", health, HandClock()))
    assert any(
        line.startswith('doppelcast_build_info{process="coordinator",version=') for line in shown
    )
    assert "doppelcast_ready 0.0" in shown
    assert 'doppelcast_loop_limit_seconds{loop="passes"} 60.0' in shown


def test_a_source_is_asked_at_each_scrape_and_what_it_names_no_more_is_gone() -> None:
    metrics, there = a_page(), ["n1", "n2"]
    metrics.source(lambda: [Reading(NODE_SLOTS, 4.0, (node,)) for node in there])
    assert 'doppelcast_node_slots{node="n2"} 4.0' in lines(metrics)
    there.remove("n2")
    shown = lines(metrics)
    assert 'doppelcast_node_slots{node="n1"} 4.0' in shown
    assert not any("n2" in line for line in shown)


def test_a_source_that_fails_costs_its_own_lines_and_is_counted() -> None:
    metrics = a_page()

    def broken() -> Iterable[Reading]:
        yield Reading(NODE_SLOTS, 1.0, ("lost",))
        raise KeyError("gone")

    metrics.source(broken)
    metrics.source(lambda: [Reading(NODE_SLOTS, 4.0, ("n1",))])
    shown = lines(metrics)
    assert 'doppelcast_node_slots{node="n1"} 4.0' in shown
    assert not any("lost" in line for line in shown)
    assert "doppelcast_metrics_sources_failed 1.0" in shown


def test_two_sources_may_speak_of_one_metric() -> None:
    metrics = a_page()
    for node in ("n1", "n2"):
        metrics.source(lambda node=node: [Reading(NODE_SLOTS, 1.0, (node,))])
    assert sum(line.startswith("# TYPE doppelcast_node_slots ") for line in lines(metrics)) == 1


def test_a_counter_is_told_by_its_full_name_and_its_labels_are_escaped() -> None:
    metrics = a_page()
    taken = Reading(STREAM_TAKES, 3.0, ("a", 'b"', "p", "n", "line"))
    metrics.source(lambda: [taken])
    assert any(
        line.startswith("doppelcast_stream_takes_total{") and 'brand="b\\""' in line
        for line in lines(metrics)
    )


@pytest.mark.parametrize("labels", [(), ("n1", "render.now", "line")])
def test_a_histogram_counts_into_its_buckets(labels: tuple[str, ...]) -> None:
    metrics = a_page()
    metric: Metric = RENDER_SECONDS if labels else RECORDER_DELAY
    observe = metrics.histogram(metric)
    observe(0.3, *labels)
    shown = lines(metrics)
    assert any(line.startswith(f"{metric.full_name}_count") and "1.0" in line for line in shown)
    assert not any("_created" in line for line in shown)


def test_a_tally_adds_up_by_labels() -> None:
    tally = Tally(RECORDER_REPORTS)
    tally.add("recorded", by=3)
    tally.add("recorded")
    tally.add("dropped")
    assert {one.labels: one.value for one in tally.readings()} == {
        ("recorded",): 4.0,
        ("dropped",): 1.0,
    }
