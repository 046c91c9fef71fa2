"""Tables that fit: which columns a console of some width has room for, and how wide each is.

A column has a rank; those of rank 0 are always shown, of the others the highest go first where room
is short. A column that may be cut says how narrow it may become; all others are shown whole or not
at all. A title that is wider than the console is folded, never cut. Widths are counted in cells:
a Chinese glyph takes two.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

Item = TypeVar("Item")

GAP = 2
FOLDED = 12
"""As narrow as a folding column gets."""


@dataclass(frozen=True)
class Column(Generic[Item]):
    """One column of a table of some kind of items."""

    title: str
    cell: Callable[[Item], str | Text]
    rank: int = 0
    right: bool = False
    least: int | None = None
    """May be cut down to that many cells. None: never cut."""
    folds: bool = False


@dataclass(frozen=True)
class Need:
    """What a column would like, and what it must have."""

    rank: int
    full: int
    least: int
    folds: bool = False


def shares(needs: Sequence[Need], room: int) -> dict[int, int]:
    """The width of each column that is shown, by its place."""
    order = sorted(range(len(needs)), key=lambda place: needs[place].rank)
    chosen: dict[int, int] = {}
    for place in order:
        need = needs[place]
        if need.rank == 0 or _total(chosen) + GAP + need.least <= room:
            chosen[place] = need.least
    for place in order:
        if place in chosen and needs[place].folds and _total(chosen) > room:
            over = _total(chosen) - room
            chosen[place] = max(min(FOLDED, chosen[place]), chosen[place] - over)
    for place in order:
        if place in chosen and not needs[place].folds:
            spare = max(0, room - _total(chosen))
            chosen[place] = min(needs[place].full, chosen[place] + spare)
    return dict(sorted(chosen.items()))


def _total(widths: dict[int, int]) -> int:
    return sum(widths.values()) + GAP * max(0, len(widths) - 1)


class Fitted(Generic[Item]):
    """A table of items that chooses its columns when it is shown."""

    def __init__(
        self, columns: Sequence[Column[Item]], items: Sequence[Item], title: str | None = None
    ) -> None:
        self._columns = columns
        self._title = title
        self._rows = [[_text(column.cell(item)) for column in columns] for item in items]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = shares(
            [self._need(place) for place in range(len(self._columns))], options.max_width
        )
        table = Table(
            title=self._title,
            title_justify="left",
            title_style="bold",
            header_style="dim",
            box=box.SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            padding=(0, GAP - 1, 0, 0),
        )
        for place, width in widths.items():
            column = self._columns[place]
            table.add_column(
                column.title,
                width=width,
                no_wrap=not column.folds,
                overflow="fold" if column.folds else "ellipsis",
                justify="right" if column.right else "left",
                vertical="bottom" if column.right else "top",
            )
        for row in self._rows:
            table.add_row(*(row[place] for place in widths))
        yield table

    def _need(self, place: int) -> Need:
        column = self._columns[place]
        cells = [row[place] for row in self._rows]
        full = max(_width(text) for text in (Text(column.title), *cells))
        head = _width(Text(column.title))
        least = full if column.least is None else min(full, max(column.least, head))
        return Need(column.rank, full, least, column.folds)


def _text(cell: str | Text) -> Text:
    return Text(cell) if isinstance(cell, str) else cell


def _width(text: Text) -> int:
    return max((line.cell_len for line in text.split("\n")), default=0)
