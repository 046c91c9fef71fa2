"""Tables fit: essential columns at any width, nothing collapsed, Chinese counted as it is drawn."""

from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from orchestrator.cli.columns import GAP, Column, Fitted, Need, shares
from orchestrator.cli.overview import Row
from orchestrator.cli.tables import live_table, start_table, status_table
from orchestrator.domain.stream import Phase
from orchestrator.ids import NodeId, StreamId

TITLE = "林娜·甜美 → 素云家纺@douyin"
LONG_TITLE = "林娜·甜美 → 素云家纺旗舰店@wechat_channels"


def a_row(title: str = TITLE, phase: Phase = Phase.ON_AIR, reason: str = "") -> Row:
    return Row(
        stream=StreamId("suyun-douyin"),
        title=title,
        shop="素云家纺",
        persona="甜美",
        platform="douyin",
        wanted=True,
        phase=phase.value,
        heard=True,
        node=NodeId("node-1"),
        on_air_seconds=760.0,
        fps=25.0,
        kbps=930.0,
        restarts=2,
        ahead_seconds=61.0,
        now_playing="suyun-quilt/3",
        reason=reason,
        token=7,
    )


def drawn(table: Fitted[Row], width: int) -> list[str]:
    console = Console(width=width, file=StringIO(), color_system=None)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


ROWS = (a_row(), a_row(phase=Phase.CONNECTING, reason="the ingest can't be reached, try again"))


@pytest.mark.parametrize("width", [80, 100, 150])
@pytest.mark.parametrize("make", [status_table, live_table, start_table])
def test_a_title_is_whole_and_no_line_is_too_wide(make: type[Fitted[Row]], width: int) -> None:
    lines = drawn(make(ROWS), width)  # type: ignore[arg-type]
    assert sum(TITLE in line for line in lines) == len(ROWS)
    assert max(cell_len(line) for line in lines) <= width


def test_what_matters_is_shown_at_80_columns_and_the_rest_where_there_is_room() -> None:
    head = drawn(live_table(ROWS), 80)[0]
    assert all(word in head for word in ("Double → shop", "Is", "On air", "Mb/s", "Now / why"))
    assert "Restarts" not in head
    wide = drawn(live_table(ROWS), 150)[0]
    assert all(word in wide for word in ("fps", "Ahead", "Restarts", "Node", "Now / why"))


@pytest.mark.parametrize("width", range(70, 200, 5))
def test_no_column_collapses(width: int) -> None:
    for line in drawn(status_table(ROWS), width):
        whole, cut, after = line.partition("…")
        assert not after, "only the last column may be cut"
        assert not cut or len(whole.split()[-1]) >= 9, "and not to nothing"


def test_what_is_not_on_air_plays_nothing_and_says_why_below() -> None:
    waiting = replace(a_row(phase=Phase.PREPARING), standing_in="nothing to show")
    assert "nothing to show" not in "".join(drawn(status_table([waiting]), 200))
    showing = replace(a_row(), standing_in="the slate")
    assert "the slate" in "".join(drawn(status_table([showing]), 200))


def test_a_title_wider_than_the_console_is_folded_not_cut() -> None:
    lines = drawn(start_table((a_row(LONG_TITLE),)), 40)
    assert max(cell_len(line) for line in lines) <= 40
    assert not any("…" in line for line in lines[:1])
    assert "wechat_channels" in "".join(line[:24].strip() for line in lines)


def test_chinese_takes_two_cells_so_that_columns_stay_aligned() -> None:
    lines = drawn(status_table((a_row(), a_row("a → b@douyin"))), 120)
    ends = [cell_len(line[: line.index("ON AIR")]) for line in lines if "ON AIR" in line]
    assert len(ends) == 2
    assert len(set(ends)) == 1


needs = st.builds(
    lambda rank, least, more, folds: Need(rank, least + more, least, folds),
    st.integers(0, 5),
    st.integers(1, 30),
    st.integers(0, 30),
    st.booleans(),
)


@given(st.lists(needs, min_size=1, max_size=9), st.integers(20, 200))
def test_columns_never_take_more_than_there_is_but_for_the_essential(
    columns: list[Need], room: int
) -> None:
    widths = shares(columns, room)
    total = sum(widths.values()) + GAP * (len(widths) - 1)
    essential = {place for place, need in enumerate(columns) if need.rank == 0}
    assert essential <= widths.keys()
    assert total <= max(room, 0) or widths.keys() <= essential
    for place, width in widths.items():
        assert width <= columns[place].full
        assert width >= columns[place].least or columns[place].folds


def test_a_column_that_may_be_cut_says_so_with_an_ellipsis() -> None:
    columns: tuple[Column[str], ...] = (Column("Why", str, least=8),)
    console = Console(width=10, file=StringIO(), color_system=None)
    console.print(Fitted(columns, ("a long reason for it",)))
    assert isinstance(console.file, StringIO)
    assert "a long re…" in console.file.getvalue()
