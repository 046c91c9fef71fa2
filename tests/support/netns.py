"""A network namespace with its own address: a node that can be cut off from Redis alone.

    with namespace() as island:
        ...                     # Redis at island.redis, the endpoint at island.endpoint
        fleet.start_node("node-1", before=island.inside)
        island.cut()            # what goes to Redis is lost in silence, the endpoint is there
        island.mend()

One virtual cable; this side of it has an address for Redis and one for the endpoint. The cut is a
wrong hardware address for Redis, so that packets vanish as in a broken network: nobody says no.
The addresses are those set aside for such tests (RFC 2544) and leave the machine nowhere.
"""

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from random import Random

from tests.support import system_part

NOBODY = "02:00:00:00:00:99"
REMEDY = "network namespaces can't be made here: be root, and apt-get install iproute2"


@dataclass(frozen=True)
class Island:
    """A namespace, and its two neighbours on this machine."""

    name: str
    cable: str
    """The namespace's end of it."""
    redis: str
    endpoint: str

    @property
    def inside(self) -> tuple[str, ...]:
        """Put before a command, it runs there."""
        return ("ip", "netns", "exec", self.name)

    def cut(self) -> None:
        """Redis is out of reach from now on."""
        self._neighbour("replace", "lladdr", NOBODY, "nud", "permanent")

    def mend(self) -> None:
        """It is there again."""
        self._neighbour("del")

    def _neighbour(self, what: str, *how: str) -> None:
        _ip("-n", self.name, "neigh", what, self.redis, "dev", self.cable, *how)


def missing() -> str | None:
    """Why there can be none, in words."""
    if shutil.which("ip") is None:
        return REMEDY
    name = f"dc-probe-{uuid.uuid4().hex[:6]}"
    if _ip("netns", "add", name, check=False):
        return REMEDY
    _ip("netns", "del", name)
    return None


def require() -> None:
    """Skip the test without namespaces; in CI, fail it."""
    system_part.require(missing())


@contextmanager
def namespace() -> Iterator[Island]:
    """One for the length of a block; who still runs in it then is ended by whoever started it."""
    tag = uuid.uuid4().hex[:6]
    # One of the 8192 nets of sixteen addresses: somebody else's island has another one.
    net = int(IPv4Address("198.18.0.0")) + 16 * Random(tag).randrange(8192)
    redis, endpoint, node = (str(IPv4Address(net + place)) for place in (1, 2, 10))
    here, there = f"dc{tag}h", f"dc{tag}n"
    island = Island(f"dc-{tag}", there, redis, endpoint)
    _ip("netns", "add", island.name)
    try:
        _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", island.name)
        # Who calls the node from this side comes from the first one: never from Redis' address.
        for address in (island.endpoint, island.redis):
            _ip("address", "add", f"{address}/28", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", island.name, "address", "add", f"{node}/28", "dev", there)
        _ip("-n", island.name, "link", "set", there, "up")
        _ip("-n", island.name, "link", "set", "lo", "up")
        yield island
    finally:
        _ip("link", "del", here, check=False)
        _ip("netns", "del", island.name, check=False)


def _ip(*arguments: str, check: bool = True) -> int:
    found = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert not check or found.returncode == 0, f"ip {' '.join(arguments)}: {found.stderr}"
    return found.returncode
