"""Flower in a real browser: streams are rows that a person can read, and Terminate ends a run."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import OnAir, Recorded
from tests.support.browser import Page, browser
from tests.support.processes import eventually
from tests.support.shops import Room

pytestmark = [pytest.mark.slow, pytest.mark.needs_nginx, pytest.mark.timeout(900)]

ON_AIR = r"ON AIR 00:\d\d:\d\d · 2[45]\.\d fps · \d\.\d Mb/s · {title} · restarts 0"
CELLS = """
    const table = document.querySelector('.dataTables_scrollBody #tasks-table');
    const edge = table.closest('.dataTables_scrollBody').getBoundingClientRect().right;
    return [...table.querySelectorAll('tbody tr td:nth-child(2)')].map(cell => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        const ends = range.getBoundingClientRect().right;
        return [cell.innerText, ends <= cell.getBoundingClientRect().right && ends <= edge];
    })
"""
"""Every row's line, and whether its last letter is in sight."""


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with browser(tmp_path) as opened:
        yield opened


def lines(page: Page, on_air: OnAir) -> list[tuple[str, bool]]:
    """The rows as a person finds them who opens the page now."""
    page.open(on_air.fleet.flower.address + "tasks")
    eventually(lambda: bool(page.run(CELLS)), 30)
    return [(str(text), bool(whole)) for text, whole in page.run(CELLS)]


def test_each_stream_on_air_is_one_row_that_can_be_read_to_its_end(
    on_air: OnAir, page: Page
) -> None:
    forms = [re.compile(ON_AIR.format(title=re.escape(room.title))) for room in on_air.rooms]

    shown: list[tuple[str, bool]] = []

    def readable() -> bool:
        shown[:] = lines(page, on_air)
        return all(sum(bool(f.fullmatch(text)) for text, _ in shown) == 1 for f in forms)

    assert eventually(readable, 60, 1.0), shown
    on_air_now = [whole for text, whole in shown if text.startswith("ON AIR")]
    assert on_air_now == [True] * len(on_air.rooms)
    if keep := os.environ.get("DOPPELCAST_SCREENSHOT"):
        page.screenshot(Path(keep))


def test_a_stream_that_is_off_the_air_says_why_in_its_row(on_air: OnAir, page: Page) -> None:
    form = re.compile(rf"OFF AIR .* · {re.escape(on_air.down.title)} · .*Connection refused.*")

    def explained() -> bool:
        return any(form.fullmatch(text) for text, _ in lines(page, on_air))

    assert eventually(explained, 60, 1.0), lines(page, on_air)


def test_terminate_ends_a_run_and_what_is_still_wanted_comes_back_with_a_new_token(
    on_air: OnAir, recorded: Recorded, page: Page
) -> None:
    room, others = on_air.rooms[-1], on_air.rooms[:-1]
    before = on_air.fleet.status()[room.shop]
    name = f"stream-{room.shop}-{before['token']}"
    assert eventually(lambda: _task(on_air, name).get("state") == "STARTED", 60, 1.0)
    lines(page, on_air)
    press(page, f"#tasks-table tbody a[href$='/task/{name}']")
    press(page, "#task-terminate")

    assert eventually(lambda: len(_connections(on_air, room)) == 2, 60), "it never disconnected"
    first = _connections(on_air, room)[0].stat().st_size
    assert eventually(lambda: _again(on_air, room, before), 60, 0.5), on_air.fleet.status()
    assert _connections(on_air, room)[0].stat().st_size == first
    assert on_air.server.publishers().count(room.key) == 1
    assert eventually(lambda: _task(on_air, name).get("state") == "SUCCESS", 60, 1.0)
    assert "terminated" in str(_task(on_air, name)["result"])
    assert all(len(_connections(on_air, other)) == 1 for other in others)


def press(page: Page, selector: str) -> None:
    """Click it, once the page shows it."""
    assert eventually(lambda: bool(page.texts(selector)), 30), selector
    page.click(selector)


def _task(on_air: OnAir, name: str) -> dict[str, Any]:
    """What Flower knows of a task; events may not have come yet."""
    return on_air.fleet.flower.tasks().get(name, {})


def _connections(on_air: OnAir, room: Room) -> list[Path]:
    return on_air.server.recordings(room.key)


def _again(on_air: OnAir, room: Room, before: dict[str, Any]) -> bool:
    now = on_air.fleet.status()[room.shop]
    return bool(now["phase"] == "on_air" and now["token"] > before["token"])
