"""The time that is left until an edge, and which clips fill it on the grid. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from orchestrator.domain.media import UNIT_MS

GRID_SLACK_SECONDS = 0.02
"""Two clocks are read for one moment. What ends a hair before an edge needs a splinter after it."""


def grid_units(seconds: float) -> int:
    """Up to the first place on the clip grid that is surely not before that."""
    return max(1, ceil((seconds + GRID_SLACK_SECONDS) * 1000 / UNIT_MS))


def sums(lengths: Iterable[int], most: int) -> frozenset[int]:
    """All sums of these lengths up to that; none of them is a sum, too."""
    parts, found = set(lengths), {0}
    for total in range(1, most + 1):
        if any(total - part in found for part in parts):
            found.add(total)
    return frozenset(found)


@dataclass(frozen=True)
class Rest:
    """The time that is left."""

    seconds: float
    filled: frozenset[int] | None = None
    """Grid units that whole clips fill; None: the last clip is cut."""

    def takes(self, seconds: float) -> bool:
        """Whether a clip of that length may be shown now, and the time after it be filled."""
        if self.filled is None:
            return seconds <= self.seconds
        return grid_units(self.seconds) - round(seconds * 1000 / UNIT_MS) in self.filled


def rest(seconds: float, silent: Iterable[float]) -> Rest:
    """The time that is left, to be filled with whole clips of these lengths."""
    units = [round(length * 1000 / UNIT_MS) for length in silent]
    return Rest(seconds, sums(units, grid_units(seconds)))
