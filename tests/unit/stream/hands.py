"""Clocks that are moved by hand."""

import threading

from orchestrator.clock import SystemClock


class HandClock:
    """Time passes only when somebody waits, or says so."""

    def __init__(self, start: float = 1000.0) -> None:
        self.now = start

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now + 1e9

    def wait(self, seconds: float, until: threading.Event | None = None) -> bool:
        self.now += max(0.0, seconds)
        return until.is_set() if until else False

    def advance(self, seconds: float) -> None:
        self.now += seconds


class SkippingClock(SystemClock):
    """Time goes on as it does, and further when told."""

    skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped
