"""TERM and Ctrl-C as an event, for processes that end between two steps.

A signal's handler interrupts the main thread wherever that is, be it in the very moment in which it
holds the lock of the event that it waits for. A handler that set the event itself would wait for
that lock for ever, and the process would never end. So a thread does what a handler has to do.
"""

import _thread
import signal
import threading
from collections.abc import Callable
from types import FrameType


def out_of_handler(act: Callable[..., object], *arguments: object) -> None:
    """Do that on a thread of its own; takes no lock that anybody may hold.

    `threading.Thread` isn't for handlers: its start takes a lock of the whole process.
    """
    _thread.start_new_thread(act, arguments)


def ended_by_signals() -> threading.Event:
    """An event that TERM and Ctrl-C set. Main thread only."""
    ending = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        out_of_handler(ending.set)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return ending
