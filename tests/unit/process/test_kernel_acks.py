"""What the kernel says of connections, asked about our own; skipped where it says nothing."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.support.processes import eventually
from workers.process import kernel_acks
from workers.process.kernel_acks import Acks, TcpSocket, acks_of, tcp_sockets_of


@pytest.fixture(params=["127.0.0.1", "::1"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    try:
        server = socket.create_server((request.param, 0), family=family)
    except OSError:
        pytest.skip(f"no {request.param} here")
    with server, socket.create_connection(server.getsockname()[:2]) as near:
        far, _ = server.accept()
        with far:
            yield near, far


def of(near: socket.socket) -> TcpSocket:
    """Our end, told apart by its port, which stands first in the kernel's name for it."""
    port = near.getsockname()[1].to_bytes(2, "big")
    found = [one for one in tcp_sockets_of(os.getpid()) if one.name[:2] == port]
    if not found:
        pytest.skip("this kernel doesn't tell")
    return found[0]


def asked(one: TcpSocket) -> Acks:
    acks = acks_of(one)
    assert acks is not None
    return acks


def test_what_was_sent_is_acknowledged(pair: tuple[socket.socket, socket.socket]) -> None:
    near, _ = pair
    one = of(near)
    before = asked(one)
    near.sendall(b"x" * 5000)
    assert eventually(lambda: asked(one).acked == before.acked + 5000, 30)
    assert asked(one).waiting == 0


def test_what_isn_t_read_waits_in_the_end(pair: tuple[socket.socket, socket.socket]) -> None:
    near, _ = pair
    one = of(near)
    near.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            near.send(b"x" * 65536)
    assert eventually(lambda: asked(one).room == 0 or not asked(one).in_flight, 30)
    assert asked(one).waiting > 0


def test_a_side_that_has_closed_is_told_of_still(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    one = of(near)
    far.shutdown(socket.SHUT_WR)
    near.sendall(b"x")
    assert eventually(lambda: asked(one).waiting == 0, 30)


def test_a_connection_that_is_gone_has_no_answer(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    one = of(near)
    far.close()
    near.close()
    assert acks_of(one) is None


def test_a_process_that_is_gone_has_no_connections() -> None:
    assert tcp_sockets_of(2**22 + 1) == []


def test_a_kernel_that_knows_no_such_question_leaves_no_error(
    monkeypatch: pytest.MonkeyPatch, pair: tuple[socket.socket, socket.socket]
) -> None:
    one = of(pair[0])
    monkeypatch.setattr(kernel_acks, "_SOCK_DIAG", 31)
    assert tcp_sockets_of(os.getpid()) == []
    assert acks_of(one) is None
    monkeypatch.setattr(kernel_acks, "_DIAG", None)
    assert tcp_sockets_of(os.getpid()) == []
    assert acks_of(one) is None
