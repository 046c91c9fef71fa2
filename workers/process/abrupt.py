"""Makes a child's connection end with the child: nothing that it left in the kernel is sent later.

When a process dies, the kernel goes on trying to deliver what it had written, for a minute and more
where the line is dark or the other side doesn't read. For a stream that is a second publisher from
beyond the grave: the line comes back, and old media arrive beside those of the successor.
`SO_LINGER` with no time makes the kernel throw the rest away and reset the connection at once,
however the child ends; a server learns of the end at once, too, and lets go of the key.

A goodbye is meant to arrive. `taken_or_reset` holds the child's sockets while it says one, so that
they outlive it for the moment in which the other side takes it; what isn't taken then, never is.

The option belongs to the child's own socket, which we reach by `pidfd_getfd` (Linux 5.6): allowed
towards one's own children, and refused by some containers' filters. Then all is as it was before.
"""

import ctypes
import fcntl
import os
import re
import socket
import struct
import termios
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from orchestrator.clock import Clock

_PIDFD_GETFD = 438
"""The number of the system call, on every architecture that we know."""
_AT_ONCE = struct.pack("ii", 1, 0)
_IN_ITS_TIME = struct.pack("ii", 0, 0)
_SOCKET_LINK = re.compile(r"socket:\[\d+\]")
_TCP = (socket.AF_INET, socket.AF_INET6)
_UNTAKEN = struct.Struct("i")
LAST_SECONDS = 0.3
"""For the other side to acknowledge what a child has said last."""
LOOK_SECONDS = 0.005


def end_abruptly(pid: int) -> bool:
    """Let a child's TCP connections end at once from now on; whether that worked."""
    connections = _connections(pid)
    for connection in connections:
        with closing(connection):
            _linger(connection, at_once=True)
    return bool(connections)


@contextmanager
def taken_or_reset(pid: int, clock: Clock) -> Iterator[None]:
    """A child ends in this block, saying goodbye: the other side takes that at once, or never."""
    with ExitStack() as held:
        connections = [held.enter_context(closing(each)) for each in _connections(pid)]
        for connection in connections:
            _linger(connection, at_once=False)
        yield
        late = clock.monotonic() + LAST_SECONDS
        while any(map(_untaken, connections)) and clock.monotonic() < late:
            clock.wait(LOOK_SECONDS)
        for connection in connections:
            _linger(connection, at_once=_untaken(connection) > 0)


def _connections(pid: int) -> list[socket.socket]:
    """A child's TCP connections, ours as well from now on."""
    try:
        process = os.pidfd_open(pid)
    except (AttributeError, OSError):
        return []
    try:
        found = [_taken_over(process, number) for number in _sockets(pid)]
    finally:
        os.close(process)
    return [connection for connection in found if connection is not None]


def _sockets(pid: int) -> list[int]:
    """The numbers that a process has for its sockets."""
    found: list[int] = []
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if _SOCKET_LINK.fullmatch(str(entry.readlink())):
                    found.append(int(entry.name))
    return found


def _taken_over(process: int, number: int) -> socket.socket | None:
    ours = ctypes.CDLL(None, use_errno=True).syscall(_PIDFD_GETFD, process, number, 0)
    if ours < 0:
        return None
    try:
        connection = socket.socket(fileno=ours)
    except OSError:
        os.close(ours)
        return None
    if connection.family in _TCP and connection.type == socket.SOCK_STREAM:
        return connection
    connection.close()
    return None


def _linger(connection: socket.socket, *, at_once: bool) -> None:
    with suppress(OSError):
        linger = _AT_ONCE if at_once else _IN_ITS_TIME
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _untaken(connection: socket.socket) -> int:
    """Bytes that the other side hasn't acknowledged."""
    try:
        said = fcntl.ioctl(connection, termios.TIOCOUTQ, _UNTAKEN.pack(0))
    except OSError:
        return 0
    return int(_UNTAKEN.unpack(said)[0])
