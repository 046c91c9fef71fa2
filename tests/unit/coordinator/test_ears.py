"""Nodes that beat late, or not at all, are asked directly; no pass waits for the answer."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from typing_extensions import override

from orchestrator.clock import SystemClock
from orchestrator.coordinator import ears
from orchestrator.coordinator.ears import Ears, Listened, asked
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.ids import NodeId
from orchestrator.wire.messages import BEAT
from tests.support.processes import eventually

N1 = NodeId("n1")
AT = "http://10.0.0.5:9101/beat"
SAID = NodeBeat(N1, "boot", WorkerKind.STREAM, 10, at=1.0, ear=AT)
LEASE = 4.0


class StoodClock(SystemClock):
    """Shows the time that the test sets."""

    now = 100.0

    @override
    def monotonic(self) -> float:
        return self.now


class Pinboard:
    """Knows where nodes can be asked; counts how often that was looked up."""

    def __init__(self) -> None:
        self.known: dict[NodeId, str] = {}
        self.looks = 0

    def ears(self, nodes: Sequence[NodeId]) -> dict[NodeId, str]:
        self.looks += bool(nodes)
        return {node: self.known[node] for node in nodes if node in self.known}


class AtOnce(Executor):
    """Does at once what it is given."""

    @override
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        fn(*args, **kwargs)
        return Future()


class Fleet:
    """What is answered where, and who was asked."""

    def __init__(self) -> None:
        self.clock = StoodClock()
        self.board = Pinboard()
        self.answers: dict[str, NodeBeat] = {AT: SAID}
        self.asked: list[str] = []
        self.ears = Ears(self.board, LEASE, self.clock, self._ask, AtOnce())

    def _ask(self, ear: str) -> NodeBeat:
        self.asked.append(ear)
        if ear not in self.answers:
            raise ConnectionRefusedError
        return self.answers[ear]

    def listen(self, *beats: NodeBeat, later: float = 0.0) -> Listened:
        """A pass, that much later; every question is answered within it."""
        self.clock.now += later
        return self.ears.listen(beats, [N1])


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    made = Fleet()
    yield made
    made.ears.close()


def test_a_node_that_beats_is_not_asked(fleet: Fleet) -> None:
    for at in range(5):
        assert fleet.listen(replace(SAID, at=float(at)), later=1.0).heard == ()
    assert fleet.asked == []


def test_a_late_node_is_asked_before_its_beat_is_gone(fleet: Fleet) -> None:
    fleet.listen(SAID)
    assert fleet.listen(SAID, later=1.0).late == frozenset()
    assert fleet.listen(SAID, later=0.7) == Listened(late=frozenset({N1}))
    assert fleet.asked == [AT]
    (heard,) = fleet.listen(later=1.5).heard
    assert heard.beat == replace(SAID, cut_off=True)
    assert heard.asked_at == 103.2


def test_a_silent_node_is_asked_again_and_again_but_not_in_every_pass(fleet: Fleet) -> None:
    fleet.listen(SAID)
    for _ in range(10):
        fleet.listen(later=0.1)
    assert 3 <= len(fleet.asked) <= 4


def test_what_was_said_counts_as_long_as_the_node_may_write(fleet: Fleet) -> None:
    fleet.listen(SAID)
    fleet.listen(later=1.0)
    fleet.answers.clear()
    for _ in range(4):
        assert len(fleet.listen(later=1.1).heard) == 1
    assert fleet.listen(later=0.2).heard == ()


def test_a_dead_node_has_said_nothing(fleet: Fleet) -> None:
    fleet.answers.clear()
    fleet.listen(SAID)
    for _ in range(5):
        assert fleet.listen(later=0.5).heard == ()


def test_a_node_that_beats_again_is_believed_there(fleet: Fleet) -> None:
    fleet.listen(SAID)
    fleet.listen(later=1.0)
    assert fleet.listen(replace(SAID, at=2.0), later=0.1) == Listened()


def test_an_address_that_another_node_has_now_says_nothing(fleet: Fleet) -> None:
    fleet.answers[AT] = replace(SAID, node=NodeId("n9"))
    fleet.listen(SAID)
    fleet.listen(later=1.0)
    assert fleet.listen(later=0.1).heard == ()


def test_a_new_leader_looks_up_where_to_ask(fleet: Fleet) -> None:
    fleet.board.known = {N1: AT}
    (heard,) = fleet.listen().heard
    assert heard.beat.node == N1
    fleet.listen(later=0.1)
    assert fleet.board.looks == 1


def test_a_node_without_an_ear_is_not_asked(fleet: Fleet) -> None:
    fleet.listen(replace(SAID, ear=""))
    assert fleet.listen(later=1.0).heard == ()
    assert fleet.asked == []


def test_who_did_not_listen_for_long_says_so(fleet: Fleet) -> None:
    assert fleet.listen(SAID).deaf
    assert not fleet.listen(SAID, later=1.9).deaf
    assert fleet.listen(SAID, later=2.1).deaf


def test_no_pass_waits_for_one_that_does_not_answer() -> None:
    held = threading.Event()

    def wait(_ear: str) -> NodeBeat:
        held.wait(10)
        raise TimeoutError

    clock = StoodClock()
    slow = Ears(Pinboard(), LEASE, clock, wait)
    slow.listen([SAID], [N1])
    for _ in range(20):
        clock.now += 0.5
        assert slow.listen([], [N1]).heard == ()
    held.set()
    slow.close()


class _Says(BaseHTTPRequestHandler):
    body = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def saying(body: bytes) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), type("Says", (_Says,), {"body": body}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/beat"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who answers is waited for, however busy the machine is."""
    monkeypatch.setattr(ears, "ANSWER_SECONDS", 30.0)


@pytest.mark.usefixtures("patient")
def test_a_heartbeat_is_read_as_it_was_said() -> None:
    with saying(BEAT.dump_json(SAID)) as ear:
        assert asked(ear) == SAID


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"node": 7}'])
def test_what_is_no_heartbeat_is_none(body: bytes) -> None:
    with saying(body) as ear, pytest.raises(ValueError, match="validation"):
        asked(ear)


def test_who_accepts_and_says_nothing_is_given_up(wait: Callable[[], float]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as frozen:
        port = frozen.getsockname()[1]
        with pytest.raises(OSError, match="timed out"):
            asked(f"http://127.0.0.1:{port}/beat")
    assert wait() < 3.0


@pytest.fixture
def wait() -> Callable[[], float]:
    clock = SystemClock()
    begun = clock.monotonic()
    return lambda: clock.monotonic() - begun


def test_an_address_of_another_kind_is_not_asked() -> None:
    for ear in ("", "file:///etc/passwd", "https://n1/beat", "http:///beat"):
        with pytest.raises(ValueError, match="not an address"):
            asked(ear)


def test_answers_come_from_the_threads_that_ask() -> None:
    with saying(BEAT.dump_json(SAID)) as ear:
        real = Ears(Pinboard(), LEASE, SystemClock())
        real.listen([replace(SAID, ear=ear)], [N1])
        assert eventually(lambda: bool(real.listen([], [N1]).heard), 30)
        real.close()
