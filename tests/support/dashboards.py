"""A dashboard as its readers have it: its variables filled, its queries asked, its series named.

    panels = answered(read("fleet"), prometheus, begin, end)
    panel(panels, "Rooms").series["room-00"].states        # [(from, to, "on air"), …]

What Grafana does with an answer is done here as far as it decides what is read: names by the
legend, words and colors by mappings and thresholds, links by labels. How it looks is left to
tests.support.dashboard_drawing, which draws the same panels.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.support.prometheus import DASHBOARDS, Prometheus

Json = dict[str, Any]
STEPS = 240
"""Points of a line, as on a panel of middling width."""
_LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_LINKED = re.compile(r"\$\{__field\.labels\.(\w+)\}")


@dataclass(frozen=True)
class Series:
    """One line, bar or figure."""

    name: str
    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]
    lacks: frozenset[str]
    """Labels that its legend or its links are made of, and it hasn't got."""

    @property
    def last(self) -> float:
        return self.points[-1][1]


@dataclass(frozen=True)
class Panel:
    """A panel with its answers."""

    made: Json
    series: Mapping[str, Series]
    span: tuple[float, float]

    @property
    def title(self) -> str:
        return str(self.made["title"])

    def word(self, value: float) -> str:
        """What a value is called; empty where only the figure is shown."""
        for mapping in self.made["fieldConfig"]["defaults"].get("mappings", ()):
            found = mapping["options"].get(f"{value:g}")
            if found is not None:
                return str(found["text"])
        return ""

    def color(self, value: float) -> str:
        """In which color a value is shown: by a mapping, else by the thresholds."""
        defaults = self.made["fieldConfig"]["defaults"]
        for mapping in defaults.get("mappings", ()):
            found = mapping["options"].get(f"{value:g}")
            if found is not None:
                return str(found["color"])
        color = ""
        for step in defaults.get("thresholds", {}).get("steps", ()):
            if step["value"] is None or value >= step["value"]:
                color = str(step["color"])
        return color

    def states(self, name: str) -> list[tuple[float, float, str]]:
        """From when to when a row of a state timeline says what."""
        points = self.series[name].points
        edges = [*(at for at, _ in points), self.span[1]]
        found: list[tuple[float, float, str]] = []
        for (begins, ends), (_, value) in zip(pairwise(edges), points, strict=True):
            word = self.word(value)
            if found and found[-1][2] == word and found[-1][1] == begins:
                found[-1] = found[-1][0], ends, word
            else:
                found.append((begins, ends, word))
        return found


def read(name: str) -> Json:
    """A dashboard as it is shipped."""
    page: Json = json.loads((DASHBOARDS / f"{name}.json").read_text(encoding="utf-8"))
    return page


def answered(
    page: Json, prometheus: Prometheus, begin: float, end: float, **chosen: str
) -> tuple[Panel, ...]:
    """All panels, as they are at `end` for who looks back to `begin`. `chosen`: variables."""
    variables = {**_standing(page), **chosen, **_of_the_time(begin, end)}
    return tuple(
        Panel(made, _asked(made, prometheus, variables, (begin, end)), (begin, end))
        for made in page["panels"]
        if made["type"] != "row"
    )


def panel(panels: Sequence[Panel], title: str) -> Panel:
    """The one with that title."""
    (found,) = [one for one in panels if one.title == title]
    return found


def _needed(made: Json, query: Json) -> frozenset[str]:
    """Labels that a query's legend and its panel's links are made of."""
    links = made["fieldConfig"]["defaults"].get("links", ())
    linked = {label for link in links for label in _LINKED.findall(link["url"])}
    return frozenset(linked | set(_LABEL.findall(query["legendFormat"])))


def _standing(page: Json) -> dict[str, str]:
    """What variables are when a page is opened."""
    return {one["name"]: one["allValue"] for one in page["templating"]["list"] if "allValue" in one}


def _of_the_time(begin: float, end: float) -> dict[str, str]:
    return {"__range": f"{end - begin:.0f}s", "__rate_interval": "5s"}


def _asked(
    made: Json, prometheus: Prometheus, variables: Mapping[str, str], span: tuple[float, float]
) -> Mapping[str, Series]:
    found: dict[str, Series] = {}
    for query in made["targets"]:
        expr = re.sub(r"\$(\w+)", lambda name: variables[name[1]], query["expr"])
        for labels, points in _answers(prometheus, expr, span, instant=query["instant"]):
            name = _named(query["legendFormat"], labels)
            assert name not in found, f"two series of {made['title']} are called {name}"
            found[name] = Series(name, labels, points, _needed(made, query) - set(labels))
    return found


def _named(legend: str, labels: Mapping[str, str]) -> str:
    return _LABEL.sub(lambda one: labels.get(one[1], ""), legend)


def _answers(
    prometheus: Prometheus, expr: str, span: tuple[float, float], *, instant: bool
) -> list[tuple[Mapping[str, str], tuple[tuple[float, float], ...]]]:
    begin, end = span
    if instant:
        data = prometheus.ask("query", query=expr, time=str(end))
        if data["resultType"] == "scalar":
            return [({}, _points([data["result"]]))]
        return [(one["metric"], _points([one["value"]])) for one in data["result"]]
    step = max(1.0, (end - begin) / STEPS)
    data = prometheus.ask("query_range", query=expr, start=str(begin), end=str(end), step=str(step))
    return [(one["metric"], _points(one["values"])) for one in data["result"]]


def _points(values: Sequence[Sequence[Any]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(at), float(value)) for at, value in values)
