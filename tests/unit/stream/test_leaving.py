"""A worker process that was told to end: it asks its streams at the right moment, and waits."""

import threading
from pathlib import Path

import pytest
from typing_extensions import override

from orchestrator.clock import SystemClock
from orchestrator.domain.node import Farewell
from orchestrator.domain.stream import Phase, StreamStatus, Want
from orchestrator.ids import FencingToken, NodeId, StreamId
from tests.support.processes import eventually
from tests.support.stream_worker import some_settings
from workers.stream.leaving import COLD, Leaving
from workers.stream.station import Identity
from workers.stream.telemetry import Telemetry

PATIENCE = 30.0
WHO = Identity(NodeId("node-1"), "b")


class Blackboard:
    """Says what the test wants it to."""

    answer: Farewell | None = None

    def farewell(self, _node: NodeId) -> Farewell | None:
        return self.answer


class Wall:
    """Shows nothing."""

    def start(self) -> None: ...

    def close(self) -> None: ...

    def show(self, run: object) -> None: ...


class Run:
    """Ends as soon as it is asked to."""

    stream = StreamId("suyun-douyin")
    token = FencingToken(1)
    task_id = "t"
    begun_at = 0.0
    phase = Phase.ON_AIR

    def __init__(self, telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        self.reasons: list[str] = []

    def status(self) -> StreamStatus:
        return StreamStatus(self.stream, self.token, self.phase, "d", 0.0)

    def heed(self, want: Want) -> None:
        raise NotImplementedError

    def end(self, reason: str) -> None:
        self.reasons.append(reason)
        self.telemetry.remove(self)


@pytest.fixture
def telemetry(tmp_path: Path) -> Telemetry:
    config = some_settings(tmp_path, "redis://127.0.0.1:1/0", "t:")
    return Telemetry(WHO, config, None, Wall(), SystemClock())  # type: ignore[arg-type]


def leaving(telemetry: Telemetry, board: Blackboard, grace: float = 45.0) -> Leaving:
    return Leaving(WHO, telemetry, board, grace, SystemClock())  # type: ignore[arg-type]


def test_with_nothing_aboard_it_ends_at_once_and_says_that_it_does(telemetry: Telemetry) -> None:
    leave = leaving(telemetry, Blackboard())
    leave.told("Warm")
    leave.wait()
    assert telemetry.draining


def test_streams_go_on_after_the_first_word(telemetry: Telemetry) -> None:
    board, run = Blackboard(), Run(telemetry)
    board.answer = Farewell(NodeId("node-1"), "b", left=1)
    telemetry.add(run)
    leave = leaving(telemetry, board)
    leave.told("Warm")
    waits = threading.Thread(target=leave.wait)
    waits.start()
    waits.join(0.6)
    assert waits.is_alive()
    assert run.reasons == []
    telemetry.remove(run)
    waits.join(PATIENCE)
    assert not waits.is_alive()


@pytest.mark.parametrize("words", [("Warm", "Warm"), (COLD,), ("Warm", COLD)])
def test_the_second_word_waits_for_nobody(telemetry: Telemetry, words: tuple[str, ...]) -> None:
    board = Blackboard()
    board.answer = Farewell(NodeId("node-1"), "b", left=1)
    telemetry.add(Run(telemetry))
    leave = leaving(telemetry, board)
    for word in words:
        leave.told(word)
    waits = threading.Thread(target=leave.wait)
    waits.start()
    waits.join(PATIENCE)
    assert not waits.is_alive()


class Hasty(SystemClock):
    """Seconds are short."""

    def wait(self, seconds: float, until: threading.Event | None = None) -> bool:
        return super().wait(seconds / 50, until)


def test_a_broker_that_holds_the_end_up_is_not_waited_for(telemetry: Telemetry) -> None:
    gone = threading.Event()
    leave = Leaving(WHO, telemetry, Blackboard(), 45.0, Hasty())  # type: ignore[arg-type]
    leave.give_up = gone.set
    leave.told("Warm")
    leave.wait()
    assert gone.wait(PATIENCE)


class Patient(SystemClock):
    """What is waited for is waited for; says how that went."""

    def __init__(self) -> None:
        self.came = threading.Event()

    @override
    def wait(self, seconds: float, until: threading.Event | None = None) -> bool:
        assert until is not None
        if super().wait(PATIENCE, until):
            self.came.set()
        return self.came.is_set()


def test_an_end_that_nothing_holds_up_is_left_alone(telemetry: Telemetry) -> None:
    clock, gone = Patient(), threading.Event()
    leave = Leaving(WHO, telemetry, Blackboard(), 45.0, clock)  # type: ignore[arg-type]
    leave.give_up = gone.set
    before = set(threading.enumerate())
    leave.told("Warm")
    leave.wait()
    leave.close()
    assert clock.came.wait(PATIENCE)
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
    assert not gone.is_set()


def test_a_shutdown_that_nobody_asked_for_is_a_leave_as_well(telemetry: Telemetry) -> None:
    run = Run(telemetry)
    telemetry.add(run)
    leaving(telemetry, Blackboard(), grace=0.3).wait()
    assert eventually(lambda: bool(run.reasons), 30)
    assert "grace" in run.reasons[0]
