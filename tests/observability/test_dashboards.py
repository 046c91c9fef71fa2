"""The dashboards: as their code makes them, their queries sound, about metrics that exist."""

import json
import re
from pathlib import Path

import pytest
import yaml

from deploy.grafana.__main__ import PAGES, written
from deploy.prometheus.__main__ import PAGE
from deploy.prometheus.__main__ import written as metrics_page
from tests.support.prometheus import DASHBOARDS, OURS, check, known_names, shown

FILES = sorted(DASHBOARDS.glob("*.json"))


def test_what_is_committed_is_what_the_code_makes() -> None:
    assert {path.name for path in FILES} == set(PAGES)
    for name, make in PAGES.items():
        found = (DASHBOARDS / name).read_text(encoding="utf-8")
        assert found == written(make()), "run python -m deploy.grafana"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_query_is_one_and_every_metric_exists(path: Path, tmp_path: Path) -> None:
    exprs = shown(path)
    assert exprs
    for expr in exprs:
        assert "$" not in expr
        assert set(OURS.findall(expr)) <= known_names(), expr
    # promtool parses expressions only where they are rules.
    records = [{"record": f"q:{n}", "expr": expr} for n, expr in enumerate(exprs)]
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": records}]}), "utf-8")
    assert check("check", "rules", str(rules)) == ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dashboard_fits_into_any_grafana(path: Path) -> None:
    page = json.loads(path.read_text(encoding="utf-8"))
    variables = {one["name"] for one in page["templating"]["list"]} | {"__range", "__rate_interval"}
    variables |= {"__all", "__field", "__url_time_range"}
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{?(\w+)", text)) <= variables
    assert set(re.findall(r'"uid": "([^"]+)"', text)) == {"${datasource}", page["uid"]}
    assert [panel["id"] for panel in page["panels"]] == list(range(1, len(page["panels"]) + 1))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_panel_lies_over_another(path: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_page_of_metrics_is_what_the_catalog_says() -> None:
    assert metrics_page() == PAGE.read_text(encoding="utf-8"), "run python -m deploy.prometheus"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_colors_are_said_and_not_left_to_grafana(path: Path) -> None:
    """Its own have everything red from 80 on: contracts that are kept, for one."""
    for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
        if panel["type"] in ("stat", "bargauge", "state-timeline"):
            steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
            assert steps[0]["value"] is None, panel["title"]
            edges = [step["value"] for step in steps[1:]]
            assert edges == sorted(edges), panel["title"]
