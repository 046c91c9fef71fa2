"""TERM and Ctrl-C as an event, for processes that end between two steps."""

import signal
import threading
from types import FrameType


def ended_by_signals() -> threading.Event:
    """An event that TERM and Ctrl-C set. Main thread only."""
    ending = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return ending
