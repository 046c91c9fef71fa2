"""Debian's Prometheus: promtool, which judges metrics and rules, and a server that scrapes.

check("rules", path)                        # what promtool says, empty if all is well
with server(tmp_path, targets, rules) as prometheus:
    prometheus.query("doppelcast_ready")
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from orchestrator.telemetry.metrics import CATALOG, Kind
from tests.support.ports import free_port
from tests.support.processes import eventually, started
from tests.support.system_part import require

ROOT = Path(__file__).parents[2]
RULES = ROOT / "helm/doppelcast/files/rules/doppelcast.yaml"
DASHBOARDS = ROOT / "helm/doppelcast/files/dashboards"
OURS = re.compile(r"doppelcast_\w+")
TOOL_SECONDS = 300
Sample = tuple[Mapping[str, str], float]


def missing() -> str | None:
    """What isn't there."""
    lacking = [name for name in ("promtool", "prometheus") if shutil.which(name) is None]
    return f"no {' and no '.join(lacking)}: apt-get install prometheus" if lacking else None


def promtool(*arguments: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run promtool."""
    require(missing())
    return subprocess.run(
        ["promtool", *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=TOOL_SECONDS,
        check=False,
    )


def check(*arguments: str, given: str | None = None) -> str:
    """What promtool finds wrong; empty if nothing."""
    done = promtool(*arguments, given=given)
    # `check metrics` complains without failing.
    complains = arguments[:2] == ("check", "metrics")
    return done.stdout + done.stderr if done.returncode or complains else ""


def rules() -> list[dict[str, Any]]:
    """The alerts, in the order of their file."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def known_names() -> set[str]:
    """Every name under which a metric of ours can be asked for."""
    names = {metric.full_name for metric in CATALOG}
    histograms = [metric.full_name for metric in CATALOG if metric.kind is Kind.HISTOGRAM]
    names |= {f"{name}_{part}" for name in histograms for part in ("bucket", "sum", "count")}
    return names | {
        "doppelcast_process_cpu_seconds_total",
        "doppelcast_process_resident_memory_bytes",
    }


def plain(expr: str) -> str:
    """An expression of a dashboard as Prometheus takes it, for everything and for an hour."""
    for name, value in (
        ("$__rate_interval", "1m"),
        ("$__range", "1h"),
        ('"$namespace"', '".*"'),
        ('"$brand"', '".*"'),
        ('"$platform"', '".*"'),
        ('stream="$stream"', 'stream=~".*"'),
    ):
        expr = expr.replace(name, value)
    return expr


def shown(path: Path) -> list[str]:
    """All expressions of a dashboard."""
    page = json.loads(path.read_text(encoding="utf-8"))
    found = [query["expr"] for panel in page["panels"] for query in panel.get("targets", ())]
    return [plain(expr) for expr in found]


@dataclass(frozen=True)
class Prometheus:
    """A server that scrapes."""

    url: str

    def ask(self, what: str, **given: str) -> Any:
        """A page of its API. An error is raised in its own words."""
        try:
            with urlopen(f"{self.url}/api/v1/{what}?{urlencode(given)}", timeout=30) as answer:
                return json.loads(answer.read())["data"]
        except HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()) from None

    def query(self, expr: str) -> list[Sample]:
        """What an expression gives now."""
        data = self.ask("query", query=expr)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(one["metric"], float(one["value"][1])) for one in data["result"]]

    def firing(self, alert: str) -> list[Mapping[str, str]]:
        """The labels under which an alert fires."""
        return [
            labels
            for labels, _ in self.query(f'ALERTS{{alertname="{alert}", alertstate="firing"}}')
        ]

    def up(self) -> int:
        """How many targets it reaches."""
        return sum(value == 1 for _, value in self.query("up"))


@contextmanager
def server(
    folder: Path, targets: Sequence[int], rule_file: Path, *, every: str = "1s"
) -> Iterator[Prometheus]:
    """A Prometheus that scrapes these ports of this machine."""
    require(missing())
    port = free_port()
    config = {
        "global": {"scrape_interval": every, "evaluation_interval": every},
        "rule_files": [str(rule_file)],
        "scrape_configs": [
            {
                "job_name": "doppelcast",
                "scrape_timeout": every,
                "static_configs": [{"targets": [f"127.0.0.1:{one}" for one in targets]}],
            }
        ],
    }
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    argv = [
        "prometheus",
        f"--config.file={path}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with started(argv, stderr=folder / "prometheus.log") as group:
        made = Prometheus(f"http://127.0.0.1:{port}")
        assert eventually(lambda: _answers(made), 60), group.stderr()
        yield made


def _answers(one: Prometheus) -> bool:
    try:
        with urlopen(f"{one.url}/-/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
