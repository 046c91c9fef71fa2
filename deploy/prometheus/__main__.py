"""Writes the page of all metrics, from their catalog.

python -m deploy.prometheus
"""

from pathlib import Path

from orchestrator.telemetry.metrics import CATALOG, Metric

PAGE = Path(__file__).parent / "metrics.md"
HEAD = """# Metrics

Each process shows its own on `/metrics` of its metrics port (`DOPPELCAST_METRICS_PORT`). What is
said of a room or of the fleet is said by the coordinator that leads, and by nobody else. A stream's
series are there for as long as a node carries it. Written by `python -m deploy.prometheus`.

| metric | kind | labels | what it says |
|---|---|---|---|
"""


def row(metric: Metric) -> str:
    """One metric."""
    labels = ", ".join(metric.labels) or "–"
    return f"| `{metric.full_name}` | {metric.kind} | {labels} | {metric.help} |\n"


def written() -> str:
    """The page as its file holds it."""
    return HEAD + "".join(map(row, CATALOG))


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
