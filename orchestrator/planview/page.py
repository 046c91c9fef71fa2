"""The day as one self-contained page: no script, style, picture or font from elsewhere.

Everything is on the page before any script runs, reasons too, as titles; the script only shows
them at once and nicer, looks for names and shows one double alone.
"""

from importlib import resources

from orchestrator.planview import summary
from orchestrator.planview.html import Html, element, joined
from orchestrator.planview.palette import paint
from orchestrator.planview.sheet import Sheet
from orchestrator.planview.timeline import timeline

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
"""Whoever opens the page can see that it loads nothing."""


def page(sheet: Sheet) -> str:
    """The whole document."""
    begin = sheet.problem.slots[0].begin
    title = " · ".join(filter(None, [sheet.names.streamer, f"{begin:%Y-%m-%d}"]))
    head = element(
        "head",
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        Html('<link rel="icon" href="data:,">'),
        element("title", title),
        element("style", _part("page.css"), Html(_colors(sheet))),
    )
    body = element(
        "body",
        summary.heading(sheet),
        summary.unmet(sheet),
        summary.changed(sheet),
        summary.worth(sheet),
        summary.contracts(sheet),
        _day(sheet),
        summary.empties(sheet),
        element("div", id="hint", role="tooltip", hidden=True),
        element("script", _part("page.js")),
    )
    return "<!doctype html>\n" + element("html", head, body, lang="en") + "\n"


def _day(sheet: Sheet) -> Html:
    find = Html(
        '<input type="search" id="find" aria-label="Find" '
        'placeholder="Find a shop, brand, platform, double">'
    )
    head = element("div", element("h2", "The day"), find, class_="head")
    table = element("div", timeline(sheet), class_="wide")
    return element("section", joined(head, summary.legend(sheet), table))


def _colors(sheet: Sheet) -> str:
    rules = []
    for number in range(len(sheet.problem.personas)):
        found = paint(number)
        rules.append(f".p{number}{{background:{found.fill};color:{found.ink}}}")
    return "\n".join(rules)


def _part(name: str) -> Html:
    return Html((resources.files("orchestrator.planview") / name).read_text("utf-8"))
