"""A signal comes at any moment, be it while the main thread holds its event's lock, and is heard.

It holds that for a few microseconds at each wait; here for longer, on purpose.
"""

import signal
from collections.abc import Iterator

import pytest

from orchestrator.cli.interrupt import until_asked_to_stop
from orchestrator.telemetry.signals import ended_by_signals

SIGNALS = (signal.SIGTERM, signal.SIGINT)
LOCK = "_cond"
"""Of an event, where the standard library keeps it."""

pytestmark = pytest.mark.timeout(20)


@pytest.fixture(autouse=True)
def handlers_are_put_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_process_hears_its_end_even_in_the_middle_of_a_wait(number: signal.Signals) -> None:
    ending = ended_by_signals()
    with getattr(ending, LOCK):
        signal.raise_signal(number)
    assert ending.wait(10)


def test_a_command_hears_both_words_even_in_the_middle_of_a_wait() -> None:
    with until_asked_to_stop() as asked:
        with getattr(asked, LOCK):
            signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert asked.wait(10)
