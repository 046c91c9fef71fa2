"""The only reader of time. Everything else is handed a `Clock`, or a `now` that came from one.

`monotonic` orders and measures; `wall` is for people, files and the broadcast day. Nothing that
keeps a stream on air may hang on `wall`: it jumps.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is, and how to wait for it."""

    def monotonic(self) -> float:
        """Seconds since some fixed past; never goes back."""
        ...

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC; may jump."""
        ...

    def wait(self, seconds: float, until: threading.Event | None = None) -> bool:
        """Wait that long, or until the event is set; say whether it was."""
        ...


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()

    def wait(self, seconds: float, until: threading.Event | None = None) -> bool:
        if until is None:
            time.sleep(max(0.0, seconds))
            return False
        return until.wait(max(0.0, seconds))


def utc(wall: float) -> datetime:
    """A wall-clock reading as an aware datetime."""
    return datetime.fromtimestamp(wall, tz=UTC)
