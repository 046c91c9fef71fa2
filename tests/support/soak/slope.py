"""How fast something grows, by a line that a few odd values don't bend (Theil and Sen). Pure."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.96


@dataclass(frozen=True)
class Slope:
    """A growth, in units an hour, with the span in which it lies at 95 %."""

    per_hour: float
    least: float
    most: float

    @property
    def resolves(self) -> float:
        """The smallest growth that can be told from none."""
        return (self.most - self.least) / 2

    def per(self, count: int) -> "Slope":
        """Each one's share."""
        return Slope(self.per_hour / count, self.least / count, self.most / count)


def slope(seconds: Sequence[float], values: Sequence[float]) -> Slope:
    """The median of the slopes between all pairs; its span from Kendall's statistic.

    The span takes values for independent. Memory isn't quite: it grows by steps and stays there,
    so a short run's span is too narrow rather than too wide.
    """
    points = list(zip(seconds, values, strict=True))
    slopes = sorted(
        (after[1] - before[1]) / (after[0] - before[0]) * 3600
        for at, before in enumerate(points)
        for after in points[at + 1 :]
        if after[0] > before[0]
    )
    if not slopes:
        raise ValueError("a slope needs two moments")
    count = len(points)
    spread = Z95 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(0, math.floor((len(slopes) - spread) / 2))
    high = min(len(slopes) - 1, math.ceil((len(slopes) + spread) / 2))
    return Slope(statistics.median(slopes), slopes[low], slopes[high])
