"""What a block says when it is pointed at: who, when, why; one fact a line, the remedy last."""

from orchestrator.planner.plan import Duty
from orchestrator.planview.changes import Changed
from orchestrator.planview.sheet import Gap, Lane, Load, OwnHours, Sheet, Stay
from orchestrator.planview.words import grains, hours, listed, money, span

REMEDY = "→ "
SHOWN_BETTER = 3


def stay(sheet: Sheet, lane: Lane, block: Stay) -> str:
    """Why this double is here."""
    names, why = sheet.names, block.choice
    among = "" if why.among == 1 else f", {_place(why.rank)} of {why.among} who could be here"
    lines = [
        f"{names.persona(block.persona)} in {names.shop(lane.shop.id)}",
        _when(sheet, block.first, block.last),
        f"Fit {why.fit} %{among}",
        *(
            f"{names.persona(b.persona)} fits {b.fit} %, but: {b.rule}"
            for b in why.better[:SHOWN_BETTER]
        ),
        f"Sells {grains(why.sells)} ({_rate(lane, block)} an hour at a fit of 100 %)"
        + (f", costs {grains(why.costs)} on air" if why.costs else ""),
        "Watched by " + _watch(sheet, block),
    ]
    lines += [change(sheet, c) for c in _changes(sheet, lane, block.first, block.last)]
    return "\n".join(lines)


def gap(sheet: Sheet, lane: Lane, block: Gap) -> str:
    """Why nobody is here, and what would help."""
    keeps = [f"{why} ({count})" for why, count in block.doubles if why != block.why]
    lines = [
        f"Nobody in {sheet.names.shop(lane.shop.id)}",
        _when(sheet, block.first, block.last),
        f"Why: {block.why}",
    ]
    if keeps:
        lines.append(f"Other doubles: {listed(keeps)}")
    lines += [change(sheet, c) for c in _changes(sheet, lane, block.first, block.last)]
    return "\n".join([*lines, REMEDY + sheet.names.told(block.remedy)])


def own_hours(sheet: Sheet, lane: Lane, block: OwnHours) -> str:
    """The streamer's own hours."""
    who = sheet.names.streamer or "The streamer"
    when = _when(sheet, block.first, block.last)
    return f"{who} in person, in {sheet.names.shop(lane.shop.id)}\n{when}"


def change(sheet: Sheet, changed: Changed) -> str:
    """What was there before, and why it isn't any more."""
    when = span(sheet.problem, changed.first, changed.last)
    return f"Changed {when}: was {was(sheet, changed)}. {sheet.names.told(changed.why)}"


def was(sheet: Sheet, changed: Changed) -> str:
    """Who was there before; the operator where only that changed."""
    return _who(sheet, changed.before, changed)


def becomes(sheet: Sheet, changed: Changed) -> str:
    """Who is there now."""
    return _who(sheet, changed.after, changed)


def _who(sheet: Sheet, duty: Duty | None, changed: Changed) -> str:
    if duty is None:
        return "empty"
    if changed.switch:
        return sheet.names.persona(duty.persona)
    return f"watched by {sheet.names.operator(duty.operator)}"


def load(sheet: Sheet, row: Load, first: int, last: int) -> str:
    """Which rooms an operator has in a stretch with equally many."""
    rooms = sheet.watched.get((row.operator, first), ())
    named = listed([sheet.names.shop(room) for room in rooms], 12) or "none"
    return (
        f"{sheet.names.operator(row.operator)}\n{_when(sheet, first, last)}\n"
        f"{row.rooms[first]} of at most {row.most} rooms\n{named}"
    )


def fleet(sheet: Sheet, slot: int) -> str:
    """Streams in a slot."""
    here = sheet.fleet
    human = here.human[slot]
    return (
        f"{_when(sheet, slot, slot)}\n{here.doubles[slot]} doubles"
        + (f" and {human} rooms of the streamer's own" if human else "")
        + f" on air\nThe fleet carries {here.capacity[slot]}"
    )


def _when(sheet: Sheet, first: int, last: int) -> str:
    minutes = sum(slot.minutes for slot in sheet.problem.slots[first : last + 1])
    return f"{span(sheet.problem, first, last)} ({hours(minutes)})"


def _place(rank: int) -> str:
    if rank == 1:
        return "best"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{'th' if rank % 100 in (11, 12, 13) else ending} best"


def _rate(lane: Lane, block: Stay) -> str:
    rates = lane.shop.worth[block.first : block.last + 1]
    low, high = money(min(rates)), money(max(rates))
    return low if low == high else f"{low} to {high}"


def _watch(sheet: Sheet, block: Stay) -> str:
    if len(block.watch) == 1:
        return sheet.names.operator(block.watch[0][0])
    return ", ".join(
        f"{sheet.names.operator(who)} {span(sheet.problem, first, last)}"
        for who, first, last in block.watch
    )


def _changes(sheet: Sheet, lane: Lane, first: int, last: int) -> list[Changed]:
    return [
        c for c in sheet.changes if c.shop == lane.shop.id and c.first <= last and c.last >= first
    ]
