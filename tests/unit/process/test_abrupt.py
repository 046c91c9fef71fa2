"""What a killed child had still to send never arrives, unless it was to end in good order."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from orchestrator.clock import SystemClock
from tests.support.processes import Group, eventually, started
from workers.process.abrupt import end_abruptly, taken_or_reset
from workers.process.kernel_acks import acks_of, tcp_sockets_of

PROGRAM = """
import socket, sys, time
line = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
line.sendall(b"x" * 50_000_000)
"""


@contextmanager
def clogged() -> Iterator[tuple[Group, socket.socket]]:
    """A child whose connection is full, and our end of it, which reads nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        argv = [sys.executable, "-c", PROGRAM, str(server.getsockname()[1])]
        with started(argv) as child:
            line, _ = server.accept()
            with line:
                line.settimeout(20)
                assert eventually(lambda: full(child.pid), 20)
                yield child, line


def full(pid: int) -> bool:
    """Whether the kernel keeps something that the other side has no room for."""
    sockets = tcp_sockets_of(pid)
    if not sockets:
        pytest.skip("this kernel doesn't tell")
    acks = acks_of(sockets[0])
    return acks is not None and acks.room == 0 and acks.waiting > 0


def rest(line: socket.socket) -> tuple[int, bool]:
    """How much comes, and whether it ends in good order."""
    total = 0
    try:
        while data := line.recv(1 << 20):
            total += len(data)
    except ConnectionResetError:
        return total, False
    return total, True


def read(line: socket.socket) -> int:
    """How much there is to read, now that it is read."""
    total = 0
    line.settimeout(0.3)
    with suppress(TimeoutError):
        while data := line.recv(1 << 20):
            total += len(data)
    return total


def test_the_rest_of_a_killed_child_is_thrown_away() -> None:
    with clogged() as (child, line):
        if not end_abruptly(child.pid):
            pytest.skip("this machine doesn't let us")
        acks = acks_of(tcp_sockets_of(child.pid)[0])
        assert acks is not None
        child.kill()
        total, in_good_order = rest(line)
        assert not in_good_order
        assert total <= acks.acked + 1


def test_without_it_the_rest_arrives_after_the_death() -> None:
    with clogged() as (child, line):
        acks = acks_of(tcp_sockets_of(child.pid)[0])
        assert acks is not None
        child.kill()
        total, in_good_order = rest(line)
        assert in_good_order
        assert total > acks.acked


def test_what_is_taken_while_a_goodbye_is_said_arrives_and_ends_in_good_order() -> None:
    with clogged() as (child, line):
        if not end_abruptly(child.pid):
            pytest.skip("this machine doesn't let us")
        with taken_or_reset(child.pid, SystemClock()):
            child.kill()
            assert read(line) > 0
        assert rest(line) == (0, True)


def test_what_is_not_taken_while_a_goodbye_is_said_never_is() -> None:
    with clogged() as (child, line):
        if not end_abruptly(child.pid):
            pytest.skip("this machine doesn't let us")
        with taken_or_reset(child.pid, SystemClock()):
            child.kill()
        assert not rest(line)[1]


def test_a_process_that_is_gone_or_has_no_connection_is_let_be() -> None:
    assert not end_abruptly(2**22 + 1)
    with started(["sleep", "30"]) as child:
        assert not end_abruptly(child.pid)


def test_a_machine_without_the_call_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    assert not end_abruptly(os.getpid())
