"""Hours of a day as people agree on them: a bit for each minute that the wall shows. Pure.

For checks of a file: on a day without a change of clocks, whatever date it is.
"""

from collections.abc import Iterable

from orchestrator.domain.spelling import MINUTES_A_DAY, stretches

Minutes = int
"""A set of minutes: bit n is the minute that begins n minutes after midnight."""
ALL_DAY: Minutes = (1 << MINUTES_A_DAY) - 1


def minutes_of(spans: Iterable[str]) -> Minutes:
    """The minutes that spans cover together."""
    found = 0
    for first, last in (stretch for span in spans for stretch in stretches(span) or ()):
        found |= ((1 << (last - first)) - 1) << first
    return found


def said(minutes: Minutes) -> str:
    """The set as spans, one that runs past midnight as one: `22:00-02:00, 12:00-13:00`."""
    if minutes == ALL_DAY:
        return "00:00-24:00"
    edges = [m for m in range(MINUTES_A_DAY) if _has(minutes, m) != _has(minutes, m - 1)]
    begins = [m for m in edges if _has(minutes, m)]
    ends = [m for m in edges if not _has(minutes, m)]
    if begins and ends[0] < begins[0]:
        ends = [*ends[1:], ends[0]]
    return ", ".join(
        f"{_clock(a)}-{_clock(b or MINUTES_A_DAY)}" for a, b in zip(begins, ends, strict=True)
    )


def hours(minutes: float) -> str:
    """A length of time in hours: `7.5`."""
    return f"{round(minutes / 60, 2):g}"


def _has(minutes: Minutes, minute: int) -> bool:
    return bool(minutes >> (minute % MINUTES_A_DAY) & 1)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
