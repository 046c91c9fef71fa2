"""How busy this machine is: the share of its cores that did something lately.

Taken from the system's own counters between two readings, at least `WINDOW_SECONDS` apart, so that
one second's work doesn't count for much. Of the machine, not of this process: what else runs there
takes the same cores. In a container that may use only some of them, it is still the machine's.
"""

from dataclasses import dataclass

import psutil

from orchestrator.clock import Clock

WINDOW_SECONDS = 3.0


@dataclass(frozen=True)
class Reading:
    """What all cores have done by some moment, in seconds of one core."""

    at: float
    total: float
    idle: float


def share(first: Reading, last: Reading) -> float:
    """Share of the cores in use between two readings, 0 to 1. Pure."""
    total = last.total - first.total
    if total <= 0:
        return 0.0
    return min(1.0, max(0.0, 1.0 - (last.idle - first.idle) / total))


class Busyness:
    """The machine's load, looked at now and then. For one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reading = self._read()
        self._share = 0.0

    def look(self) -> float:
        """The share in use over the last seconds; costs nothing until it is time for another."""
        if self._clock.monotonic() - self._reading.at >= WINDOW_SECONDS:
            before, self._reading = self._reading, self._read()
            self._share = share(before, self._reading)
        return self._share

    def _read(self) -> Reading:
        times = psutil.cpu_times()
        # On Linux guest time is part of user time, and waiting for a disk is no work.
        guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
        idle = times.idle + getattr(times, "iowait", 0.0)
        return Reading(self._clock.monotonic(), sum(times) - guest, idle)
