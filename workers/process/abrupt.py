"""Makes a child's connection end with the child: nothing that it left in the kernel is sent later.

When a process dies, the kernel goes on trying to deliver what it had written, for a minute and more
where the line is dark or the other side doesn't read. For a stream that is a second publisher from
beyond the grave: the line comes back, and old media arrive beside those of the successor.
`SO_LINGER` with no time makes the kernel throw the rest away and reset the connection at once,
however the child ends; a server learns of the end at once, too, and lets go of the key.

The option belongs to the child's own socket, which we reach by `pidfd_getfd` (Linux 5.6): allowed
towards one's own children, and refused by some containers' filters. Then all is as it was before.
"""

import ctypes
import os
import re
import socket
import struct
from contextlib import closing, suppress
from pathlib import Path

_PIDFD_GETFD = 438
"""The number of the system call, on every architecture that we know."""
_AT_ONCE = struct.pack("ii", 1, 0)
_IN_ITS_TIME = struct.pack("ii", 0, 0)
_SOCKET_LINK = re.compile(r"socket:\[\d+\]")
_TCP = (socket.AF_INET, socket.AF_INET6)


def end_abruptly(pid: int, wanted: bool) -> bool:
    """Let a child's TCP connections end at once, or in good order again; whether that worked."""
    try:
        process = os.pidfd_open(pid)
    except (AttributeError, OSError):
        return False
    try:
        done = [_set(process, number, wanted) for number in _sockets(pid)]
    finally:
        os.close(process)
    return any(done)


def _sockets(pid: int) -> list[int]:
    """The numbers that a process has for its sockets."""
    found: list[int] = []
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if _SOCKET_LINK.fullmatch(str(entry.readlink())):
                    found.append(int(entry.name))
    return found


def _set(process: int, number: int, wanted: bool) -> bool:
    ours = ctypes.CDLL(None, use_errno=True).syscall(_PIDFD_GETFD, process, number, 0)
    if ours < 0:
        return False
    with suppress(OSError), closing(socket.socket(fileno=ours)) as connection:
        if connection.family in _TCP and connection.type == socket.SOCK_STREAM:
            linger = _AT_ONCE if wanted else _IN_ITS_TIME
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return True
    return False
