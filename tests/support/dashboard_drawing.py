"""Draws a dashboard's panels where Grafana would, so that somebody can look at the page as a whole.

    html = drawn("Fleet", panels)

Grafana itself isn't in any registry that tests may ask. So this is plain HTML: the panels' places,
titles, figures, words and colors are the dashboard's own; fonts and scales aren't.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape

from tests.support.dashboards import Panel, Series

WIDTH, CELL = 64, 34
LINES = ("#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#1f78c1", "#ba43a9", "#705da0")
COLORS = {"green": "#73bf69", "red": "#f2495c", "orange": "#ff9830"}
STYLE = f"""
body {{ background: #111217; color: #ccccdc; font: 13px sans-serif; margin: 8px; }}
.panel {{ position: absolute; background: #181b1f; border: 1px solid #2c3235; overflow: hidden; }}
.title {{ font-weight: bold; padding: 4px 8px; white-space: nowrap; }}
.figure {{ font-size: 34px; text-align: center; padding-top: 14px; }}
.row {{ display: flex; align-items: center; height: 24px; padding: 0 8px; }}
.name {{ width: {2.2 * WIDTH}px; flex: none; overflow: hidden; white-space: nowrap; }}
.legend {{ padding: 0 8px; }} .none {{ text-align: center; padding-top: 20px; color: #888; }}
"""


def drawn(title: str, panels: tuple[Panel, ...]) -> str:
    """The page."""
    bodies = "".join(map(_panel, panels))
    return (
        f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title>"
        f"<style>{STYLE}</style><body>{bodies}</body>"
    )


def figure(value: float, unit: str) -> str:
    """A value with its unit."""
    if unit == "dateTimeAsIso":
        return f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%d %H:%M}"
    if unit in ("bps", "bytes"):
        return f"{value / 1e6:.2f} M{'b/s' if unit == 'bps' else 'B'}"
    scaled = value * 100 if unit == "percentunit" else value
    return f"{scaled:.4g}" + {"percentunit": " %", "percent": " %", "short": ""}.get(
        unit, f" {unit}"
    )


def _panel(panel: Panel) -> str:
    at = panel.made["gridPos"]
    place = (
        f"left:{at['x'] * WIDTH}px;top:{at['y'] * CELL}px;"
        f"width:{at['w'] * WIDTH - 8}px;height:{at['h'] * CELL - 8}px"
    )
    body = KINDS[panel.made["type"]](panel) if panel.series else "<div class=none>No data</div>"
    return (
        f'<div class=panel style="{place}"><div class=title>{escape(panel.title)}</div>{body}</div>'
    )


def _unit(panel: Panel) -> str:
    return str(panel.made["fieldConfig"]["defaults"]["unit"])


def _stat(panel: Panel) -> str:
    (one,) = panel.series.values()
    colored = panel.made["options"]["colorMode"] == "value"
    color = _css(panel.color(one.last)) if colored else "inherit"
    text = panel.word(one.last) or figure(one.last, _unit(panel))
    return f'<div class=figure style="color:{color}">{escape(text)}</div>'


def _bars(panel: Panel) -> str:
    most = max((one.last for one in panel.series.values()), default=0.0) or 1.0
    return "".join(
        f'<div class=row><div class=name>{escape(one.name)}</div><div style="background:'
        f"{_css(panel.color(one.last) or 'green')};height:16px;width:"
        f'{max(0.0, one.last / most) * 45:.0f}%"></div>'
        f"&nbsp;{escape(figure(one.last, _unit(panel)))}</div>"
        for one in panel.series.values()
    )


def _states(panel: Panel) -> str:
    return "".join(_stripe(panel, name) for name in sorted(panel.series))


def _stripe(panel: Panel, name: str) -> str:
    begin, end = panel.span
    colors = {panel.word(value): panel.color(value) for _, value in panel.series[name].points}
    boxes = "".join(
        f'<div title="{escape(word)}" style="position:absolute;height:18px;background:'
        f"{_css(colors[word])};left:{100 * (first - begin) / (end - begin):.2f}%;"
        f'width:{100 * (last - first) / (end - begin):.2f}%"></div>'
        for first, last, word in panel.states(name)
    )
    bar = f'<div style="position:relative;flex:1;height:18px">{boxes}</div>'
    return f"<div class=row><div class=name>{escape(name)}</div>{bar}</div>"


def _lines(panel: Panel) -> str:
    at = panel.made["gridPos"]
    width, height = at["w"] * WIDTH - 24, at["h"] * CELL - 76
    values = [value for one in panel.series.values() for _, value in one.points if value == value]
    most = max(values, default=0.0) or 1.0
    lines, names = "", ""
    for place, one in enumerate(panel.series.values()):
        color = LINES[place % len(LINES)]
        lines += _line(one, panel.span, (width, height, most), color)
        names += f'<span style="color:{color}">▬</span> {escape(one.name)} '
    svg = f'<svg width={width} height={height} style="padding:0 8px">{lines}</svg>'
    top = f"<div class=legend>{escape(figure(most, _unit(panel)))}</div>"
    return f"{top}{svg}<div class=legend>{names}</div>"


def _line(
    one: Series, span: tuple[float, float], size: tuple[float, float, float], color: str
) -> str:
    (begin, end), (width, height, most) = span, size
    points = " ".join(
        f"{width * (at - begin) / (end - begin):.1f},{height * (1 - value / most):.1f}"
        for at, value in one.points
        if value == value
    )
    return f'<polyline points="{points}" fill=none stroke="{color}" stroke-width=1.5 />'


def _css(color: str) -> str:
    return COLORS.get(color, color)


KINDS: Mapping[str, Callable[[Panel], str]] = {
    "stat": _stat,
    "bargauge": _bars,
    "state-timeline": _states,
    "timeseries": _lines,
}
