"""The alerts: well formed, tested one by one, explained in the runbook, on metrics that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestrator.cli.main import app
from tests.support.prometheus import OURS, ROOT, RULES, check, known_names, rules

pytestmark = pytest.mark.timeout(600)
ALERTS = rules()
TESTS = sorted((ROOT / "deploy/prometheus/tests").glob("*.yaml"))
RUNBOOK = ROOT / "deploy/runbook.md"


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_says_what_it_means_and_where_to_read_on(alert: dict[str, Any]) -> None:
    said = alert["annotations"]
    assert set(said) == {"summary", "description", "runbook_url"}
    assert alert["labels"]["severity"] in ("critical", "warning")
    words = re.findall(r"[A-Z][a-z]+", alert["alert"].removeprefix("Doppelcast"))
    assert said["runbook_url"] == f"deploy/runbook.md#{'-'.join(words).lower()}"
    assert said["summary"].endswith(".")
    assert len(said["summary"]) < 90


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_has_a_section_in_the_runbook(alert: dict[str, Any]) -> None:
    anchor = alert["annotations"]["runbook_url"].partition("#")[2]
    sections = RUNBOOK.read_text(encoding="utf-8").split("\n### ")
    section = next(
        (s for s in sections if s.split("\n")[0].lower().replace(" ", "-") == anchor), ""
    )
    for part in ("**For the brand.**", "**Look.**", "**Do.**"):
        assert part in section, f"{anchor} lacks {part}"


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_is_about_metrics_that_exist(alert: dict[str, Any]) -> None:
    assert set(OURS.findall(alert["expr"])) <= known_names()


def test_the_runbook_names_commands_that_exist() -> None:
    named = re.findall(r"`doppelcast (\w+)", RUNBOOK.read_text(encoding="utf-8"))
    assert set(named) <= {command.name for command in app.registered_commands}
    assert named


def test_promtool_takes_the_rules_and_the_scrape_configuration() -> None:
    assert check("check", "rules", str(RULES)) == ""
    assert check("check", "config", str(ROOT / "deploy/prometheus/prometheus.yml")) == ""


def test_every_alert_fires_holds_still_and_resolves_as_its_tests_say() -> None:
    assert check("test", "rules", *map(str, TESTS)) == ""


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_is_tested_to_fire_and_not_to(alert: dict[str, Any]) -> None:
    fires, still = 0, 0
    for path in TESTS:
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            for one in case.get("promql_expr_test", ()):
                if _is_about(alert["alert"], one["expr"]):
                    samples = one.get("exp_samples", ())
                    fires += any(_names(alert["alert"], s, one["expr"]) for s in samples)
                    still += not samples
            for one in case.get("alert_rule_test", ()):
                fires += one["alertname"] == alert["alert"] and bool(one.get("exp_alerts"))
                still += one["alertname"] == alert["alert"] and not one.get("exp_alerts")
    assert fires >= 1
    assert still >= 2, "before it fires, and after"


def _is_about(alert: str, expr: str) -> bool:
    found = re.search(r'alertname(=~?)"([^"]+)"', expr)
    if found is None:
        return False
    return found[2] == alert if found[1] == "=" else bool(re.fullmatch(found[2], alert))


def _names(alert: str, sample: dict[str, Any], expr: str) -> bool:
    if "by (alertname" in expr:
        return f'"{alert}"' in sample["labels"]
    return True


def test_an_alert_that_never_or_always_fires_is_found_out(tmp_path: Path) -> None:
    """The tests of the rules are worth something: each rule that is broken makes them fail."""
    document = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    for rule in (rule for group in document["groups"] for rule in group["rules"]):
        rule["expr"] = f"({rule['expr']}) and on () vector(0) == 1"
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump(document), encoding="utf-8")
    complaints = ""
    for path in TESTS:
        copy = tmp_path / path.name
        text = path.read_text(encoding="utf-8")
        copy.write_text(re.sub(r"- \.\./.*doppelcast\.yaml", f"- {broken}", text), "utf-8")
        complaints += check("test", "rules", str(copy))
    unmissed = [rule["alert"] for rule in ALERTS if rule["alert"] not in complaints]
    assert unmissed == []


def test_what_silences_what_names_alerts_that_exist() -> None:
    path = ROOT / "deploy/prometheus/alertmanager.yml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = {alert["alert"] for alert in ALERTS}
    for rule in document["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            meant = [name for name in names if _is_about(name, matcher)]
            assert len(meant) == matcher.count("|") + 1, matcher
