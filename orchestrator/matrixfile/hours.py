"""Opening hours, shifts, the streamer's own hours: real times, in a real zone, not twice."""

import re
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo, available_timezones

from orchestrator.domain.spelling import SPAN, Stretch, stretches
from orchestrator.errors import Problem
from orchestrator.matrixfile.nearest import nearest
from orchestrator.matrixfile.tree import Tree

WELL_FORMED = re.compile(SPAN)
"""What doesn't match is named by the models already."""


def hours(root: Tree) -> Iterator[Problem]:
    """No span is empty, none overlaps another of its list, the zone exists."""
    yield from _apart(root.each("streamer", "human_hours"))
    yield from _apart(root.each("plan", "prime_time"))
    yield from _apart(_hours_of(root.each("plan", "fleet_at")))
    for operator in root.each("operators"):
        yield from _apart(operator.each("shifts"))
    for shop in root.each("shops"):
        yield from _apart(shop.each("hours"))
        yield from _apart(_hours_of(shop.each("worth_at")))
    zone = root.at("streamer", "time_zone")
    if zone is not None and isinstance(zone.value, str) and not _exists(zone.value):
        meant = nearest(zone.value, available_timezones())
        hint = f"Did you mean {meant}? " if meant else ""
        yield zone.problem("there is no such time zone.", f"{hint}Example: Asia/Shanghai.")


def _hours_of(blocks: Sequence[Tree]) -> list[Tree]:
    return [place for block in blocks if (place := block.at("hours")) is not None]


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _apart(spans: Sequence[Tree]) -> Iterator[Problem]:
    seen: list[tuple[Tree, tuple[Stretch, ...]]] = []
    for span in spans:
        if not isinstance(span.value, str):
            continue
        mine = stretches(span.value)
        if mine is None:
            if WELL_FORMED.match(span.value):
                remedy = "Write from-to as 20:00-22:00; the whole day is 00:00-24:00."
                yield span.problem("this is no stretch of the day.", remedy)
            continue
        for other, theirs in seen:
            if _meet(mine, theirs):
                yield span.problem(
                    f"overlaps {other.value} on line {other.line}.", "Join them, or move one."
                )
                break
        seen.append((span, mine))


def _meet(ours: Sequence[Stretch], theirs: Sequence[Stretch]) -> bool:
    return any(a < d and c < b for a, b in ours for c, d in theirs)
