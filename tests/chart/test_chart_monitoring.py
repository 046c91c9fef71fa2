"""Alerts, dashboards and scraping, as the chart hands them to the operators."""

import json
from typing import Any

import yaml

from tests.support.chart import CHART, DEFAULTS, of_kind, rendered, workloads

RULES = yaml.safe_load((CHART / "files/rules/doppelcast.yaml").read_text(encoding="utf-8"))
DASHBOARDS = sorted((CHART / "files/dashboards").glob("*.json"))
RUNBOOK = "https://runbook.example.internal/doppelcast"


def alerts(rules: dict[str, Any]) -> list[dict[str, Any]]:
    return [rule for group in rules["groups"] for rule in group["rules"]]


def test_the_rules_are_those_that_promtool_has_seen_with_links_into_the_sites_runbook() -> None:
    (made,) = of_kind(rendered("production"), "PrometheusRule")
    for rule, source in zip(alerts(made["spec"]), alerts(RULES), strict=True):
        link, anchor = (found["annotations"]["runbook_url"] for found in (rule, source))
        assert link == f"{RUNBOOK}#{anchor.partition('#')[2]}"
        rule["annotations"]["runbook_url"] = anchor
    assert made["spec"] == RULES
    plain = rendered("production", {"metrics": {"prometheusRule": {"runbookUrl": ""}}})
    assert of_kind(plain, "PrometheusRule")[0]["spec"] == RULES


def test_the_dashboards_are_those_in_the_repository() -> None:
    made = {
        name: text
        for thing in of_kind(rendered("production"), "ConfigMap")
        for name, text in thing["data"].items()
        if thing["metadata"]["labels"].get("grafana_dashboard") == "1"
    }
    assert {path.name for path in DASHBOARDS} == set(made)
    for path in DASHBOARDS:
        assert json.loads(made[path.name]) == json.loads(path.read_text(encoding="utf-8"))


def test_everybody_who_has_metrics_is_scraped() -> None:
    things = rendered("production")
    (monitor,) = of_kind(things, "PodMonitor")
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    scraped = {
        workload.name
        for workload in workloads(things)
        if wanted <= workload.labels.items()
        and endpoint["port"] in {port["name"] for port in workload.container.get("ports", ())}
    }
    assert scraped == {"coordinator", "recorder", "stream", "render"}
    (flower,) = of_kind(things, "ServiceMonitor")
    (page,) = flower["spec"]["endpoints"]
    assert page["path"] == "/metrics"


def test_of_two_flowers_one_is_scraped_where_it_is() -> None:
    """A target that never answers is an alert for ever."""
    for off, role, path in (("", "admin", "/metrics"), ("admin", "viewer", "/watch/metrics")):
        things = rendered("production", {"flower": {off: {"enabled": False}}} if off else {})
        (monitor,) = of_kind(things, "ServiceMonitor")
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        services = of_kind(things, "Service")
        scraped = [
            s["metadata"]["name"] for s in services if wanted <= s["metadata"]["labels"].items()
        ]
        assert scraped == [f"fleet-doppelcast-flower-{role}"]
        assert monitor["spec"]["endpoints"][0]["path"] == path
    none = {"flower": {role: {"enabled": False} for role in ("admin", "viewer")}}
    assert not of_kind(rendered("production", none), "ServiceMonitor")


def test_a_stream_pool_grows_by_a_metric_that_the_dashboards_show() -> None:
    query = DEFAULTS["workerDefaults"]["autoscaling"]["query"]
    metric = query.removeprefix("max(").partition("{")[0]
    assert any(metric in path.read_text(encoding="utf-8") for path in DASHBOARDS)
