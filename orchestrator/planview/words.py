"""Hours, money and stretches of the day, as people write them.

A time in the hour that daylight saving repeats carries its zone's abbreviation; one of the next
calendar day carries `+1`. Ends are reckoned along the real timeline, so days of 23 and 25 hours
come out right.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from orchestrator.planner.problem import Problem, Slot
from orchestrator.planner.score import GRAINS


def end_of(slot: Slot) -> datetime:
    """When a slot ends, in its own zone."""
    end = slot.begin.astimezone(UTC) + timedelta(minutes=slot.minutes)
    return end.astimezone(slot.begin.tzinfo)


def clock(at: datetime, first: datetime) -> str:
    """A time of the day that began at `first`: `14:30`, `00:30+1`, `02:30 CET`."""
    days = (at.date() - first.date()).days
    if days == 1 and (at.hour, at.minute) == (0, 0):
        return "24:00"
    repeated = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
    zone = f" {at.tzname()}" if repeated else ""
    return f"{at:%H:%M}{zone}" + (f"{days:+d}" if days else "")


def span(problem: Problem, first: int, last: int) -> str:
    """From the begin of one slot to the end of another: `14:30–16:00`."""
    day = problem.slots[0].begin
    begin, end = problem.slots[first].begin, end_of(problem.slots[last])
    return f"{clock(begin, day)}–{clock(end, day)}"


def hour_marks(problem: Problem, step: int = 1) -> Iterator[tuple[int, str]]:
    """The slots in which a new hour begins, of every `step` hours, and what to write there."""
    before = None
    for slot in problem.slots:
        hour = slot.begin.hour, slot.begin.utcoffset()
        if hour != before and slot.begin.hour % step == 0:
            yield slot.number, f"{slot.begin:%H:%M}".removesuffix(":00")
        before = hour


def hours(minutes: int) -> str:
    """`7.5 h`, `40 min`."""
    if minutes % 6:
        return f"{minutes} min" if minutes < 60 else f"{minutes / 60:,.2f} h"
    return (
        f"{round(minutes / 60, 1):,} h".replace(".0 h", " h")
        if minutes >= 60 or not minutes
        else f"{minutes} min"
    )


def money(cents: float) -> str:
    """Yuan, rounded to what a reader can use: `¥1,234`, `−¥12.50`."""
    sign, size = ("−" if cents < 0 else ""), abs(cents) / 100
    return f"{sign}¥{size:,.0f}" if size >= 100 or size == int(size) else f"{sign}¥{size:,.2f}"


def grains(value: float) -> str:
    """The planner's unit, as money."""
    return money(value / GRAINS)


def worth_in_words(value: int, bound: float, lacking: int) -> str:
    """A plan's value beside what no plan can exceed."""
    mine = f"This plan is worth {grains(value)}"
    if bound == float("inf"):
        return f"{mine}. How much better another one could be wasn't proven."
    left = max(0.0, bound - value)
    among = f" of those that lack no more than {hours(lacking)} of contracts" if lacking else ""
    if left < 1 or bound <= 0:
        return f"{mine}, and no other plan{among} is worth more: that is proven."
    share = 100 * left / bound
    percent = f"{share:.2g}" if share < 1 else f"{share:.1f}"
    return (
        f"{mine}. It is proven that no plan{among} is worth more than {grains(bound)}: "
        f"at most {grains(left)} ({percent} %) is left on the table."
    )


def stretches(slots: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers as first and last of those that follow one another."""
    ordered = sorted(slots)
    if not ordered:
        return
    first = ordered[0]
    for one, other in pairwise(ordered):
        if other != one + 1:
            yield first, one
            first = other
    yield first, ordered[-1]


def spans(problem: Problem, slots: Iterable[int]) -> str:
    """Stretches of a day in a row: `08:00–09:30, 14:00–15:00`."""
    return ", ".join(span(problem, *stretch) for stretch in stretches(slots))


def listed(items: Sequence[str], most: int = 4) -> str:
    """`a, b and c`; of many, the first and how many more."""
    if len(items) > most:
        return f"{', '.join(items[: most - 1])} and {len(items) - most + 1} more"
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))
