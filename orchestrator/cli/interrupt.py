"""Ctrl-C and TERM, for commands that run until they are asked to stop.

The first one asks: streams leave the air, then the processes end. The second one ends everything
at once; from then on further ones change nothing, so that the ending itself isn't cut short.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from orchestrator.telemetry.signals import out_of_handler


@contextmanager
def until_asked_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C and TERM set; a second one raises KeyboardInterrupt."""
    asked = threading.Event()
    words = 0

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal words
        words += 1
        if words == 1:
            out_of_handler(asked.set)
            return
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, ask)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
