"""How long to wait before trying again: growing, bounded, and never in step with the others."""

from dataclasses import dataclass
from random import Random

_MOST_DOUBLINGS = 32


@dataclass(frozen=True)
class Backoff:
    """Delays that start small and double. Jitter spreads those who failed at the same moment."""

    first: float = 0.3
    longest: float = 5.0
    jitter: float = 0.25
    """Share of a delay by which it may be shorter or longer."""

    def delay(self, failures: int, chance: Random) -> float:
        """Seconds to wait after that many failures in a row; the first retry comes at `first`."""
        if failures <= 0:
            return 0.0
        if failures == 1:
            return self.first
        grown = min(self.longest, self.first * 2.0 ** min(failures - 1, _MOST_DOUBLINGS))
        return grown * (1 + chance.uniform(-self.jitter, self.jitter))
