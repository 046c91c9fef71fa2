"""The page's timeline: shops × day, the fleet above, the operators below, all on one time axis."""

from collections.abc import Iterator
from itertools import groupby
from math import ceil

from orchestrator.ids import BrandId
from orchestrator.planview import hover
from orchestrator.planview.html import Html, element, joined
from orchestrator.planview.sheet import Block, Gap, Lane, Load, OwnHours, Sheet, Stay
from orchestrator.planview.words import hour_marks, hours, stretches

LABELS = 24
"""About so many hours are written over the axis."""
BRIEF = 3.5
"""Per cent of the day under which a block has room for a short name only."""


class Axis:
    """Where a slot lies, in per cent of the day's length."""

    def __init__(self, sheet: Sheet) -> None:
        ends = [0]
        for slot in sheet.problem.slots:
            ends.append(ends[-1] + slot.minutes)
        self.minutes = ends[-1]
        self._ends = ends

    def at(self, slot: int) -> float:
        """Where a slot begins."""
        return 100 * self._ends[slot] / self.minutes

    def place(self, first: int, last: int) -> str:
        """A stretch, as style."""
        left, right = self.at(first), self.at(last + 1)
        return f"left:{left:.4g}%;width:{right - left:.4g}%"


def timeline(sheet: Sheet) -> Html:
    """The whole table."""
    axis = Axis(sheet)
    dense = " dense" if len(sheet.lanes) > 40 else ""
    brands = groupby(sheet.lanes, key=lambda lane: lane.shop.brand)
    return element(
        "table",
        element("thead", _ruler(sheet, axis)),
        element("tbody", _fleet(sheet, axis), class_="fleet"),
        *(_brand(sheet, axis, brand, list(lanes)) for brand, lanes in brands),
        _operators(sheet, axis),
        class_=f"day{dense}",
        style=_backdrop(sheet, axis),
    )


def _row(name: Html, lane: Html, total: str, **attributes: str) -> Html:
    return element(
        "tr",
        element("th", name, scope="row"),
        element("td", lane, class_="lane"),
        element("td", total, class_="total"),
        **attributes,
    )


def _ruler(sheet: Sheet, axis: Axis) -> Html:
    step = max(1, ceil(axis.minutes / 60 / LABELS))
    marks = [
        element("span", told, style=f"left:{axis.at(slot):.4g}%", class_="hour")
        for slot, told in hour_marks(sheet.problem, step)
    ]
    prime = [slot.number for slot in sheet.problem.slots if slot.prime]
    marks += [
        element("span", class_="prime", style=axis.place(*stretch)) for stretch in stretches(prime)
    ]
    if sheet.since is not None and sheet.since < len(sheet.problem.slots):
        style = f"left:{axis.at(sheet.since):.4g}%"
        marks.append(element("span", sheet.problem.at(sheet.since), style=style, class_="now"))
    return element(
        "tr",
        element("th", "Shop", scope="col"),
        element("th", joined(*marks), class_="lane ruler", scope="col"),
        element("th", "on air", class_="total", scope="col"),
    )


def _backdrop(sheet: Sheet, axis: Axis) -> str:
    """The hour lines behind every lane, and how far the past reaches."""
    past = axis.at(sheet.since) if sheet.since is not None else 0.0
    return f"--hour:{100 * 60 / axis.minutes:.5g}%;--past:{past:.4g}%"


def _brand(sheet: Sheet, axis: Axis, brand: BrandId, lanes: list[Lane]) -> Html:
    kept = next((p for p in sheet.promises if p.contract.brand == brand), None)
    mark = "" if kept is None else " ✓" if kept.met else " ✗ contract unmet"
    trade = sheet.problem.brand[brand].category
    head = element(
        "tr",
        element(
            "th",
            element("b", sheet.names.brand(brand)),
            element("small", f" {trade}" if trade else ""),
            element("em", mark, class_="bad" if kept and not kept.met else "good"),
            colspan=3,
            scope="rowgroup",
        ),
        class_="brand",
    )
    rows = [_shop(sheet, axis, lane) for lane in lanes]
    return element("tbody", head, *rows, class_="shops", data_find=sheet.names.brand(brand))


def _shop(sheet: Sheet, axis: Axis, lane: Lane) -> Html:
    shop, slots = lane.shop, sheet.problem.slots
    blocks = [_block(sheet, axis, lane, block) for block in lane.blocks]
    blocks += [
        element("i", class_="changed" if c.switch else "relief", style=axis.place(c.first, c.last))
        for c in sheet.changes
        if c.shop == shop.id
    ]
    minutes = sum(slots[t].minutes for b in lane.stays for t in range(b.first, b.last + 1))
    name = joined(element("span", sheet.names.shop(shop.id)), " ", element("small", shop.platform))
    crew = {sheet.names.persona(b.persona) for b in lane.stays}
    found = " ".join([sheet.names.shop(shop.id), shop.id, shop.platform, *sorted(crew)])
    return _row(
        element("div", name, class_="name", title=f"{sheet.names.shop(shop.id)} · {shop.platform}"),
        joined(*blocks),
        hours(minutes),
        class_="shop",
        data_find=found,
    )


def _block(sheet: Sheet, axis: Axis, lane: Lane, block: Block) -> Html:
    place = axis.place(block.first, block.last)
    brief = " brief" if axis.at(block.last + 1) - axis.at(block.first) < BRIEF else ""
    match block:
        case Stay():
            return element(
                "span",
                sheet.names.persona(block.persona),
                class_=f"stay p{sheet.place(block.persona)}{brief}",
                style=place,
                title=hover.stay(sheet, lane, block),
            )
        case Gap():
            return element(
                "span",
                "" if brief else block.why,
                class_="gap",
                style=place,
                title=hover.gap(sheet, lane, block),
            )
        case OwnHours():
            return element(
                "span",
                sheet.names.streamer or "in person",
                class_=f"own{brief}",
                style=place,
                title=hover.own_hours(sheet, lane, block),
            )


def _operators(sheet: Sheet, axis: Axis) -> Html:
    head = element(
        "tr", element("th", element("b", "Operators"), colspan=3, scope="rowgroup"), class_="brand"
    )
    return element(
        "tbody", head, *(_operator(sheet, axis, row) for row in sheet.loads), class_="crew"
    )


def _operator(sheet: Sheet, axis: Axis, row: Load) -> Html:
    cells = [
        element(
            "span",
            f"{rooms}",
            class_="load",
            style=f"{axis.place(first, last)};--share:{_share(rooms, row.most)}%",
            title=hover.load(sheet, row, first, last),
        )
        for rooms, first, last in _levels(row)
    ]
    minutes = sum(
        slot.minutes * rooms
        for slot, rooms in zip(sheet.problem.slots, row.rooms, strict=True)
        if rooms
    )
    name = joined(
        element("span", sheet.names.operator(row.operator)), " ", element("small", f"≤ {row.most}")
    )
    return _row(element("div", name, class_="name"), joined(*cells), hours(minutes))


def _share(rooms: int, most: int) -> int:
    return min(100, 100 * rooms // most) if most else 100


def _levels(row: Load) -> Iterator[tuple[int, int, int]]:
    """Stretches in which an operator on shift has equally many rooms."""
    for rooms, group in groupby(range(len(row.rooms)), key=lambda slot: row.rooms[slot]):
        slots = list(group)
        if rooms is not None:
            yield rooms, slots[0], slots[-1]


def _fleet(sheet: Sheet, axis: Axis) -> Html:
    fleet = sheet.fleet
    top = max(1, *fleet.capacity, *map(sum, zip(fleet.doubles, fleet.human, strict=True)))
    both = tuple(map(sum, zip(fleet.doubles, fleet.human, strict=True)))
    curve = Html(
        f'<svg viewBox="0 0 100 {top * 1.06:g}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="own" d="{_steps(axis, both, top, closed=True)}"/>'
        f'<path class="doubles" d="{_steps(axis, fleet.doubles, top, closed=True)}"/>'
        f'<path class="capacity" d="{_steps(axis, fleet.capacity, top, closed=False)}"/></svg>'
    )
    spots = [
        element("span", class_="spot", style=axis.place(t, t), title=hover.fleet(sheet, t))
        for t in range(len(both))
    ]
    name = joined(
        element("b", "Fleet"),
        element("small", f"at most {max(both)} streams at once"),
    )
    minutes = sum(s.minutes * n for s, n in zip(sheet.problem.slots, fleet.doubles, strict=True))
    return _row(element("div", name, class_="name tall"), joined(curve, *spots), hours(minutes))


def _steps(axis: Axis, counts: tuple[int, ...], top: int, *, closed: bool) -> str:
    """A curve that stands still within each slot."""
    height = top * 1.06
    points = [
        f"{axis.at(slot):.4g},{height - count:g} {axis.at(slot + 1):.4g},{height - count:g}"
        for slot, count in enumerate(counts)
    ]
    return (
        f"M0,{height:g} L" + " ".join(points) + f" 100,{height:g}Z"
        if closed
        else "M" + " ".join(points)
    )
