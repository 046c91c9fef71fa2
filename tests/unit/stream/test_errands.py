"""Whoever plays sends others to the disk, waits a moment at most, and never piles errands up."""

import threading
from collections.abc import Iterator

import pytest

from orchestrator.clock import SystemClock
from tests.unit.stream.hands import SkippingClock
from workers.stream.errands import HANGS_SECONDS, Errands, Sender

BUSY = 30.0
"""Patience where an errand is to be done, however busy the machine is."""


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What errands wait at; open at the end, so that no thread stays behind."""
    event = threading.Event()
    yield event
    event.set()


def test_what_is_done_soon_is_given() -> None:
    sender = Sender(Errands(), SystemClock(), BUSY)
    assert [sender.soon(lambda n=n: n * 2) for n in range(5)] == [0, 2, 4, 6, 8]
    assert sender.hangs() == 0


def test_what_goes_wrong_is_raised() -> None:
    def fails() -> None:
        raise ValueError("no such thing")

    with pytest.raises(ValueError, match="no such thing"):
        Sender(Errands(), SystemClock(), BUSY).soon(fails)


def test_what_takes_too_long_is_not_waited_for_and_nothing_is_sent_after_it(
    gate: threading.Event,
) -> None:
    clock, sent = SkippingClock(), []
    sender = Sender(Errands(), clock, 0.05)
    assert sender.soon(gate.wait) is None
    assert sender.soon(lambda: sent.append("second")) is None
    clock.skipped += HANGS_SECONDS
    assert sender.hangs() >= HANGS_SECONDS
    begun = SystemClock().monotonic()
    for _ in range(1000):
        sender.soon(lambda: sent.append("more"))
    assert SystemClock().monotonic() - begun < 20, "an errand that hangs was waited for"
    assert sent == []


def test_after_an_errand_that_hung_the_next_is_done() -> None:
    gate = threading.Event()
    errands, clock = Errands(), SystemClock()
    slow = Sender(errands, clock, 0.01)
    assert slow.soon(gate.wait) is None
    gate.set()
    patience = clock.monotonic() + BUSY
    while slow.hangs() and clock.monotonic() < patience:
        clock.wait(0.01)
    done = threading.Event()
    slow.soon(done.set)
    assert done.wait(BUSY)


def test_one_that_hangs_holds_nobody_else_up(gate: threading.Event) -> None:
    errands = Errands()
    assert Sender(errands, SystemClock(), 0.01).soon(gate.wait) is None
    assert Sender(errands, SystemClock(), BUSY).soon(lambda: "done") == "done"
