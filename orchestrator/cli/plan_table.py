"""The day's plan on a terminal: shops × time, doubles as colored blocks; in a pipe, as letters.

One line a shop, as wide as the console: a column is a slot, or a few slots. What is unmet comes
first, what it is worth last, where the eye is when the command is done.
"""

from collections.abc import Iterator
from itertools import groupby

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestrator.ids import PersonaId
from orchestrator.planview import hover, summary
from orchestrator.planview.changes import reliefs
from orchestrator.planview.palette import paint
from orchestrator.planview.sheet import Block, Gap, Lane, Load, OwnHours, Promise, Sheet, Stay
from orchestrator.planview.words import hour_marks, hours, listed, span, worth_in_words

NAME_CELLS = 24
"""As wide as the column of names gets."""
SLOT_CELLS = 5
"""As wide as a slot gets."""
LETTERS = 4
"""As wide as a slot is in a pipe, where lines may be longer than any console."""
LOAD_CELLS = 12
"""What is said behind the bars of fleet and operators."""
BAR_CELLS = 20
EIGHTHS = " ▁▂▃▄▅▆▇█"
GAP, SHUT = "·", " "
OWN_STYLE = "black on white"
FEW = ("black on green", "black on yellow", "white on blue", "black on magenta", "black on cyan",
       "white on red", "black on bright_green", "black on bright_yellow", "black on bright_cyan",
       "black on bright_magenta")  # fmt: skip
"""Colors of doubles where a console has sixteen."""
BAD, GOOD = "bold red", "green"
MARKS = ("✗ ", "  · ")


class Layout:
    """How many cells names and the day have on a console."""

    def __init__(self, sheet: Sheet, console: Console) -> None:
        names = [sheet.names.shop(lane.shop.id) for lane in sheet.lanes]
        names += [sheet.names.operator(load.operator) for load in sheet.loads]
        self.name = min(NAME_CELLS, max(map(cell_len, [*names, "streams"])))
        self.slots = len(sheet.problem.slots)
        self.color = console.color_system is not None and not console.no_color
        self._few = console.color_system in ("standard", "windows")
        room = console.width - self.name - 2 - LOAD_CELLS
        if not console.is_terminal:
            room = LETTERS * self.slots
        self.cells = max(min(room, SLOT_CELLS * self.slots), 12)
        if self.cells > self.slots:
            self.cells -= self.cells % self.slots

    def at(self, slot: int) -> int:
        """The first cell of a slot."""
        return slot * self.cells // self.slots

    def style(self, sheet: Sheet, persona: PersonaId) -> str:
        """A double's color, as far as the console has colors."""
        if not self.color:
            return ""
        if self._few:
            return FEW[sheet.place(persona) % len(FEW)]
        found = paint(sheet.place(persona))
        return f"{found.ink} on {found.fill}"

    def slot(self, cell: int) -> int:
        """The slot that a cell shows."""
        return cell * self.slots // self.cells


def show(sheet: Sheet, console: Console) -> None:
    """The whole day. In a pipe a line stays one line."""
    for line in _lines(sheet, Layout(sheet, console)):
        console.print(_hung(line, console), soft_wrap=not console.is_terminal)


def _hung(line: Text, console: Console) -> Text | Table:
    """What is too long for the console goes on below its own begin, not below its mark."""
    mark = next((mark for mark in MARKS if line.plain.startswith(mark)), "")
    if not (mark and console.is_terminal and line.cell_len > console.width):
        return line
    row = Table.grid()
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(line[: len(mark)], line[len(mark) :])
    return row


def _lines(sheet: Sheet, layout: Layout) -> Iterator[Text]:
    yield Text(_heading(sheet), "bold")
    yield from _unmet(sheet)
    yield from _changes(sheet)
    yield Text()
    yield from _day(sheet, layout)
    if sheet.promises:
        yield Text("\nContracts", "bold")
        yield from map(_Contracts(sheet).line, sheet.promises)
    yield Text()
    yield Text(worth_in_words(sheet.value, sheet.bound, sheet.lacking))
    if sheet.unmet:
        count = len(sheet.unmet)
        yield Text(
            f"✗ {count} of {len(sheet.promises)} contracts unmet; they are named above.", BAD
        )


def _heading(sheet: Sheet) -> str:
    begin = sheet.problem.slots[0].begin
    whose = f"{sheet.names.streamer} · " if sheet.names.streamer else ""
    return f"{whose}{begin:%A}, {begin.day} {begin:%B %Y} · {begin.tzinfo}"


def _unmet(sheet: Sheet) -> Iterator[Text]:
    for plight in summary.plights(sheet):
        line = Text.assemble(("✗ ", BAD))
        for promise in plight.promises:
            line.append(sheet.names.brand(promise.contract.brand), "bold")
            line.append(f" {summary.lacks(promise)}. ")
        if not plight.parts:
            line.append(f"→ {summary.hindrance(sheet, plight.promises[0])}", GOOD)
        yield line.append(f"{summary.contradicts(plight)}:" if plight.parts else "")
        for _, what, remedy in plight.parts:
            yield Text.assemble(f"  · {what}. ", (f"→ {remedy}", GOOD))


def _changes(sheet: Sheet) -> Iterator[Text]:
    if sheet.since is None:
        return
    if not sheet.changes:
        yield Text("Nothing has to change.", GOOD)
        return
    yield Text(f"Changes from {sheet.problem.at(sheet.since)} on:")
    for change in sheet.changes:
        if change.switch:
            line = Text(f"  {span(sheet.problem, change.first, change.last)} ")
            line.append(sheet.names.shop(change.shop), "bold")
            line.append(f": {hover.was(sheet, change)} → {hover.becomes(sheet, change)}  ")
            yield line.append(sheet.names.told(change.why), "dim")
    for relief in reliefs(sheet.changes):
        names = sheet.names
        line = Text(f"  {span(sheet.problem, relief.first, relief.last)} operators: ")
        line.append(f"{names.operator(relief.before)} → {names.operator(relief.after)}", "bold")
        line.append(f" in {listed([names.shop(shop) for shop in relief.shops])}  ")
        yield line.append(names.told(relief.why), "dim")


def _day(sheet: Sheet, layout: Layout) -> Iterator[Text]:
    yield _ruler(sheet, layout)
    yield _row("streams", _fleet(sheet, layout), layout, "bold")
    for brand, lanes in groupby(sheet.lanes, key=lambda lane: lane.shop.brand):
        yield Text(sheet.names.brand(brand), "bold dim")
        for lane in lanes:
            yield _row(sheet.names.shop(lane.shop.id), _lane(sheet, layout, lane), layout)
    yield Text("operators", "bold dim")
    for load in sheet.loads:
        yield _row(sheet.names.operator(load.operator), _load(layout, load), layout)
    yield _legend(sheet, layout)


def _row(name: str, cells: Text, layout: Layout, style: str = "") -> Text:
    return Text.assemble((set_cell_size(name, layout.name), style), "  ", cells)


def _ruler(sheet: Sheet, layout: Layout) -> Text:
    line = Text(" " * (layout.name + 2))
    for slot, told in hour_marks(sheet.problem):
        cell = layout.name + 2 + layout.at(slot)
        if cell >= line.cell_len:
            line.append(" " * (cell - line.cell_len))
            line.append(f"{told} ", "bold" if sheet.problem.slots[slot].prime else "dim")
    return line


def _lane(sheet: Sheet, layout: Layout, lane: Lane) -> Text:
    line = Text()
    for block in lane.blocks:
        first, last = layout.at(block.first), layout.at(block.last + 1)
        first = max(first, line.cell_len)
        line.append(SHUT * (first - line.cell_len))
        if last > first:
            line.append_text(_block(sheet, layout, lane, block, last - first))
    return line


def _block(sheet: Sheet, layout: Layout, lane: Lane, block: Block, cells: int) -> Text:
    match block:
        case Gap():
            return Text(GAP * cells, "red dim")
        case OwnHours():
            name, style = sheet.names.streamer or "in person", OWN_STYLE
        case Stay():
            name = sheet.names.persona(block.persona)
            style = layout.style(sheet, block.persona)
    if not layout.color:
        return Text("|" + _padded(name, cells - 1, "-"))
    if any((lane.shop.id, slot) in sheet.changed for slot in range(block.first, block.last + 1)):
        style += " bold underline"
    return Text(_padded(name, cells, " "), style)


def _padded(name: str, cells: int, fill: str) -> str:
    short = set_cell_size(name, min(cells, cell_len(name))).rstrip()
    return short + fill * (cells - cell_len(short))


def _fleet(sheet: Sheet, layout: Layout) -> Text:
    fleet = sheet.fleet
    line = Text()
    for cell in range(layout.cells):
        slot = layout.slot(cell)
        streams = fleet.doubles[slot] + fleet.human[slot]
        line.append(_level(streams, fleet.capacity[slot]), "cyan")
    return line.append(f"  at most {max(map(sum, zip(fleet.doubles, fleet.human, strict=True)))}")


def _load(layout: Layout, load: Load) -> Text:
    line = Text()
    for cell in range(layout.cells):
        rooms = load.rooms[layout.slot(cell)]
        line.append(SHUT if rooms is None else _level(rooms, load.most) if rooms else "_", "yellow")
    busiest = max((rooms for rooms in load.rooms if rooms), default=0)
    return line.append(f"  {busiest} of {load.most}")


def _level(count: int, most: int) -> str:
    """A bar one cell wide, in eighths; anything is more than nothing."""
    if not count:
        return EIGHTHS[0]
    return EIGHTHS[max(1, min(8, 8 * count // most))] if most else EIGHTHS[-1]


def _legend(sheet: Sheet, layout: Layout) -> Text:
    line = Text()
    for persona, minutes in sheet.on_air.items():
        style = layout.style(sheet, persona)
        line.append(f" {sheet.names.persona(persona)} ", style).append(f" {hours(minutes)}  ")
    return line.append(f"{GAP} open, nobody on air", "dim")


class _Contracts:
    """Contract lines, their names equally wide."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        names = [sheet.names.brand(promise.contract.brand) for promise in sheet.promises]
        self._name = min(NAME_CELLS, max(map(cell_len, names), default=0))

    def line(self, promise: Promise) -> Text:
        """What is planned of what was agreed."""
        contract = promise.contract
        most = max(contract.maximum or 0, contract.minimum, promise.planned, 1)
        filled = BAR_CELLS * promise.planned // most
        line = Text.assemble(("✓ ", GOOD) if promise.met else ("✗ ", BAD))
        line.append(set_cell_size(self._sheet.names.brand(contract.brand), self._name) + "  ")
        line.append("█" * filled, "blue" if promise.met else "red")
        line.append("░" * (BAR_CELLS - filled), "dim")
        line.append(f"  {hours(promise.planned):>7} ")
        top = "" if contract.maximum is None else f" to {hours(contract.maximum)}"
        line.append(f"of {hours(contract.minimum)}{top or ' or more'}", "dim")
        if contract.prime_percent:
            line.append(f" · prime {promise.prime_percent:.0f} % of {contract.prime_percent} %")
        return line
