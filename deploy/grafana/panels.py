"""Grafana's JSON in few words: panels, their queries, and where they stand.

Only what our two dashboards need. Queries name no data source but the dashboard's variable, so that
a dashboard fits into any Grafana; `uid`s are fixed, so that links to them stay good.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
SCHEMA = 39
"""Grafana 10.2 and later read it; newer ones bring it up to date themselves."""
GREEN, RED, ORANGE, GREY = "green", "red", "orange", "#5a5a5a"

Json = dict[str, Any]

_OURS = re.compile(r"(doppelcast_\w+)(\{)?")


@dataclass(frozen=True)
class Query:
    """An expression, and how its series are called."""

    expr: str
    legend: str = ""
    instant: bool = False


@dataclass(frozen=True)
class Panel:
    """One panel, not placed yet."""

    kind: str
    title: str
    queries: tuple[Query, ...]
    width: int = 6
    height: int = 7
    says: str = ""
    """What it shows, and what is good."""
    unit: str = "short"
    defaults: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    leads_to: str = ""
    """The page that a click on a stream opens, by its uid."""


@dataclass(frozen=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


def of_the_fleet(expr: str) -> str:
    """The expression for the fleet that is looked at: each of our metrics in its namespace."""

    def within(metric: re.Match[str]) -> str:
        return f'{metric[1]}{{namespace=~"$namespace"' + (", " if metric[2] else "}")

    return _OURS.sub(within, expr)


def lines(title: str, *queries: Query, **more: Any) -> Panel:
    """Figures over time."""
    legend = {"displayMode": "list", "placement": "bottom", "showLegend": True}
    options = {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
    custom = {"drawStyle": "line", "fillOpacity": 8, "lineWidth": 1, "showPoints": "never"}
    defaults = {"min": 0, "custom": custom}
    return Panel("timeseries", title, queries, options=options, defaults=defaults, **more)


def number(
    title: str,
    expr: str,
    *,
    good_from: float = 0.0,
    bad_from: float | None = None,
    **more: Any,
) -> Panel:
    """One figure, now. `bad_from`: it is red from there on. Below `good_from` it says nothing."""
    colors = [(0.0, GREY)] if good_from > 0 else []
    colors += [(good_from, GREEN)] if bad_from is None else [(good_from, GREEN), (bad_from, RED)]
    options = {
        "colorMode": "value" if bad_from is not None else "none",
        "graphMode": "none",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "auto",
    }
    query = Query(expr, instant=True)
    sized = {"width": 4, "height": 4, "defaults": {"thresholds": _from(colors)}, **more}
    return Panel("stat", title, (query,), options=options, **sized)


def trouble(title: str, expr: str, **more: Any) -> Panel:
    """Whether something is wrong, in a word: 1 is."""
    words = {0: ("no", GREEN), 1: ("yes", RED)}
    defaults = {
        "mappings": [_called(words)],
        "thresholds": _from([(value, color) for value, (_, color) in words.items()]),
    }
    return number(title, expr, bad_from=1, defaults=defaults, **more)


def states(title: str, query: Query, words: Mapping[int, tuple[str, str]], **more: Any) -> Panel:
    """States over time, a line each. `words`: what a value means, and its color."""
    colors = [(value, color) for value, (_, color) in words.items()]
    defaults = {
        "color": {"mode": "thresholds"},
        "custom": {"fillOpacity": 80, "lineWidth": 0},
        "mappings": [_called(words)],
        "thresholds": _from(colors),
    }
    options = {
        "alignValue": "left",
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "mergeValues": True,
        "rowHeight": 0.85,
        "showValue": "never",
        "tooltip": {"mode": "single", "sort": "none"},
    }
    return Panel("state-timeline", title, (query,), options=options, defaults=defaults, **more)


def bars(title: str, query: Query, *colors: tuple[float, str], **more: Any) -> Panel:
    """Figures beside each other, now. `colors`: from which value on they have which."""
    options = {
        "displayMode": "basic",
        "orientation": "horizontal",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "showUnfilled": True,
    }
    defaults = {"color": {"mode": "thresholds"}, "min": 0, "thresholds": _from(colors)}
    return Panel("bargauge", title, (query,), options=options, defaults=defaults, **more)


def _from(colors: Sequence[tuple[float, str]]) -> Json:
    """Colors by value. Said always: Grafana's own would have everything red from 80 on."""
    steps: list[Json] = [{"color": color, "value": value} for value, color in colors]
    return {"mode": "absolute", "steps": [{**steps[0], "value": None}, *steps[1:]]}


def _called(words: Mapping[int, tuple[str, str]]) -> Json:
    """Words and colors of values."""
    options = {
        str(value): {"text": text, "color": color, "index": place}
        for place, (value, (text, color)) in enumerate(words.items())
    }
    return {"type": "value", "options": options}


def choice(name: str, title: str, metric: str, *, several: bool) -> Json:
    """A variable that a viewer chooses, from a label's values: its own name is the label's."""
    query = f"label_values({metric}, {name})"
    made: Json = {
        "name": name,
        "label": title,
        "type": "query",
        "datasource": SOURCE,
        "definition": query,
        "query": {"query": query, "refId": f"variable-{name}"},
        "refresh": 2,
        "sort": 1,
        "multi": several,
        "includeAll": several,
    }
    if several:
        made |= {"allValue": ".*", "current": {"text": ["All"], "value": ["$__all"]}}
    return made


def _namespace() -> Json:
    """The variable for the fleet, where one Prometheus looks at several."""
    return choice("namespace", "Namespace", "doppelcast_build_info", several=True)


def source_choice() -> Json:
    """The variable for the data source."""
    return {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
    }


def dashboard(uid: str, title: str, variables: Sequence[Json], rows: Sequence[Row]) -> Json:
    """The whole page."""
    other = {
        "title": "Doppelcast",
        "type": "dashboards",
        "tags": ["doppelcast"],
        "asDropdown": True,
    }
    return {
        "uid": uid,
        "title": title,
        "tags": ["doppelcast"],
        "editable": False,
        "graphTooltip": 1,
        "links": [{**other, "includeVars": False, "keepTime": True}],
        "panels": _placed(rows),
        "refresh": "15s",
        "schemaVersion": SCHEMA,
        "templating": {"list": [source_choice(), _namespace(), *variables]},
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": [_alerts_shown()]},
    }


def _alerts_shown() -> Json:
    return {
        "name": "critical alerts",
        "datasource": SOURCE,
        "enable": True,
        "expr": 'ALERTS{alertstate="firing", severity="critical", alertname=~"Doppelcast.*"}',
        "iconColor": RED,
        "step": "30s",
        "tagKeys": "stream,node",
        "titleFormat": "{{alertname}}",
    }


def _placed(rows: Sequence[Row]) -> list[Json]:
    """Panels from left to right, and below each other where a line is full."""
    made: list[Json] = []
    top = 0
    for row in rows:
        made.append(_heading(row.title, len(made) + 1, top))
        top += 1
        left = tallest = 0
        for panel in row.panels:
            if left + panel.width > COLUMNS:
                left, top, tallest = 0, top + tallest, 0
            at = {"x": left, "y": top, "w": panel.width, "h": panel.height}
            made.append(_panel(panel, len(made) + 1, at))
            left, tallest = left + panel.width, max(tallest, panel.height)
        top += tallest
    return made


def _heading(title: str, number: int, top: int) -> Json:
    at = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
    return {"id": number, "type": "row", "title": title, "gridPos": at, "collapsed": False}


def _panel(panel: Panel, number: int, at: Json) -> Json:
    defaults = {"unit": panel.unit, **panel.defaults}
    if panel.leads_to:
        where = f"/d/{panel.leads_to}?var-stream=${{__field.labels.stream}}&${{__url_time_range}}"
        defaults["links"] = [{"title": "This room", "url": where}]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "gridPos": at,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": dict(panel.options),
        "targets": [_target(query, place) for place, query in enumerate(panel.queries)],
    }


def _target(query: Query, place: int) -> Json:
    return {
        "refId": chr(ord("A") + place),
        "datasource": SOURCE,
        "expr": of_the_fleet(query.expr),
        "legendFormat": query.legend or "__auto",
        "instant": query.instant,
        "range": not query.instant,
    }
