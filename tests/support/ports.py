"""Ports of this machine for the servers of tests: none is given twice, whoever runs tests beside.

    port = free_port()

Nothing listens at such a port until the test's own server does. One of those that the kernel gives
to whoever asks for any could meanwhile be a client's, or another test's; these lie below them, and
each is claimed: by a name that this machine has once, and that is gone with the process.
"""

import secrets
import socket
from collections import deque

FIRST, PORTS = 20000, 10000
CLAIMS = 64
"""So many a process keeps: whoever asked before those has been listening for long."""
_claims: deque[socket.socket] = deque()


def free_port() -> int:
    """One that is nobody's, and will be nobody else's."""
    while True:
        port = FIRST + secrets.randbelow(PORTS)
        claim = _bound(socket.AF_UNIX, f"\0doppelcast-test-port-{port}")
        if claim is None:
            continue
        _claims.append(claim)
        while len(_claims) > CLAIMS:
            _claims.popleft().close()
        tried = _bound(socket.AF_INET, ("", port))
        if tried is not None:
            tried.close()
            return port


def _bound(family: socket.AddressFamily, address: str | tuple[str, int]) -> socket.socket | None:
    """A socket of that address; None where it is somebody's."""
    made = socket.socket(family)
    try:
        made.bind(address)
    except OSError:
        made.close()
        return None
    return made
