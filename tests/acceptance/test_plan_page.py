"""The day's page in a real browser: complete, explained, in bounds on screen and on paper."""

import base64
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from orchestrator.matrixfile import load
from orchestrator.planner.greedy import greedy
from orchestrator.planner.plan import Plan
from orchestrator.planner.score import score
from orchestrator.planning.day import problem_of
from orchestrator.planview.changes import changes
from orchestrator.planview.names import names_of
from orchestrator.planview.page import page as page_of
from orchestrator.planview.sheet import Sheet
from tests.support.browser import Page, browser

DAY = Path(__file__).parents[2] / "deploy" / "demo" / "day.yaml"
SINCE = 16
BARE = """
    return [...document.querySelectorAll('td.lane > span')]
        .filter(block => !block.dataset.why).length
"""
NOT_FOUND = "window.errors = []; addEventListener('error', event => errors.push(event.message))"
HOVER = """
    const block = document.querySelector(arguments[0]);
    block.scrollIntoView({block: 'center'});
    const box = block.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
"""
OUTSIDE = """
    const lanes = [...document.querySelectorAll('td.lane')];
    return lanes.flatMap(lane => {
        const edge = lane.getBoundingClientRect();
        return [...lane.children].filter(block => {
            const box = block.getBoundingClientRect();
            return box.left < edge.left - 1 || box.right > edge.right + 1;
        });
    }).length;
"""
WIDTH = "return [document.documentElement.scrollWidth, innerWidth]"


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    """The demo's day, a third of it planned anew after somebody went home."""
    matrix = load(DAY, SecretStr).matrix
    problem = problem_of(matrix, date(2026, 11, 22))
    before = greedy(problem)
    gone = problem.shops[0].id
    duties = {c: d for c, d in before.duties.items() if c[0] != gone or c[1] < SINCE}
    plan = Plan(duties)
    return Sheet(
        problem=problem,
        plan=plan,
        names=names_of(matrix),
        value=score(problem, plan).value,
        since=SINCE,
        changes=changes(problem, before, plan, SINCE),
    )


@pytest.fixture(scope="module")
def shown(sheet: Sheet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("page")
    path = folder / "day.html"
    path.write_text(page_of(sheet), "utf-8")
    with browser(folder) as opened:
        _window(opened, 1440, 1000)
        _devtools(opened, "Page.addScriptToEvaluateOnNewDocument", source=NOT_FOUND)
        opened.open(path.as_uri())
        yield opened


def _devtools(page: Page, method: str, **options: Any) -> Any:
    return page.devtools(method, options)


def _window(page: Page, width: int, height: int) -> None:
    size = {"width": width, "height": height}
    _devtools(page, "Emulation.setDeviceMetricsOverride", deviceScaleFactor=1, mobile=False, **size)


def test_every_shop_and_operator_has_a_row(shown: Page, sheet: Sheet) -> None:
    rows = "\n".join(shown.texts(".day th"))
    for name in (*sheet.names.shops.values(), *sheet.names.operators.values()):
        assert name in rows


def test_every_block_says_why_and_pointing_at_it_shows_that(shown: Page) -> None:
    assert shown.run(BARE) == 0
    x, y = shown.run(HOVER, "span.gap")
    _devtools(shown, "Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    (hint,) = shown.texts("#hint:not([hidden])")
    assert hint.startswith("Nobody in ")
    assert "Why: " in hint
    assert "→ " in hint


def test_a_click_on_a_double_shows_it_alone(shown: Page) -> None:
    count = "return document.querySelectorAll('.stay:not(.dim)').length"
    every = shown.run(count)
    shown.run("document.querySelector('.legend button').click()")
    alone = shown.run(count)
    shown.run("document.querySelector('.legend button').click()")
    assert 0 < alone < every == shown.run(count)


def test_a_search_leaves_the_rows_that_fit(shown: Page, sheet: Sheet) -> None:
    one = sheet.lanes[-1].shop.id
    script = """
        const find = document.getElementById('find');
        find.value = arguments[0];
        find.dispatchEvent(new Event('input'));
        return [...document.querySelectorAll('tr.shop')].filter(row => row.offsetHeight).length;
    """
    assert shown.run(script, one) == 1
    assert shown.run(script, "") == len(sheet.lanes)


def test_nothing_sticks_out_and_nothing_goes_wrong(shown: Page) -> None:
    width, window = shown.run(WIDTH)
    assert width <= window == 1440
    assert shown.run(OUTSIDE) == 0
    assert shown.run("return window.errors") == []
    if keep := os.environ.get("DOPPELCAST_SCREENSHOT"):
        shown.screenshot(Path(keep))


@pytest.mark.parametrize("width", [400, 1024, 1920])
def test_it_fits_windows_of_other_widths(shown: Page, width: int) -> None:
    _window(shown, width, 900)
    wide, window = shown.run(WIDTH)
    outside = shown.run(OUTSIDE)
    _window(shown, 1440, 1000)
    assert wide <= window == width
    assert outside == 0


def test_dark_is_dark(shown: Page) -> None:
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    _devtools(shown, "Emulation.setEmulatedMedia", features=features)
    paper = shown.run("return getComputedStyle(document.documentElement).backgroundColor")
    _devtools(shown, "Emulation.setEmulatedMedia", features=[])
    assert paper == "rgb(22, 24, 29)"


def test_on_paper_it_is_one_page_wide(shown: Page) -> None:
    _devtools(shown, "Emulation.setEmulatedMedia", media="print")
    _window(shown, 1050, 740)
    width, sheet_width = shown.run(WIDTH)
    outside = shown.run(OUTSIDE)
    _devtools(shown, "Emulation.setEmulatedMedia", media="")
    printed = _devtools(shown, "Page.printToPDF", landscape=True, printBackground=True)
    assert width <= sheet_width == 1050
    assert outside == 0
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")


def test_on_paper_the_day_stays_with_its_heading(shown: Page) -> None:
    _devtools(shown, "Emulation.setEmulatedMedia", media="print")
    kept = shown.run(
        "return ['.head', '.legend'].map(part => "
        "getComputedStyle(document.querySelector(part)).breakAfter);"
    )
    _devtools(shown, "Emulation.setEmulatedMedia", media="")
    assert kept == ["avoid", "avoid"]
