"""Under which address others reach this machine: the one that it has towards Redis.

Asking the kernel for its way there sends nothing. Out of scope: addresses that others see through a
translating router; whoever has one sets DOPPELCAST_ADVERTISE_HOST.
"""

import socket
from urllib.parse import urlsplit

from orchestrator.wire.redis_client import sentinel_address

REDIS_PORT = 6379


def address_towards(redis_url: str) -> str:
    """This machine's address on its way to Redis; empty if there is no way now."""
    host, port = _redis_at(redis_url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except OSError:
        return ""
    for family, kind, protocol, _, address in found:
        try:
            with socket.socket(family, kind, protocol) as way:
                way.connect(address)
                return str(way.getsockname()[0])
        except OSError:
            continue
    return ""


def url_of(host: str, port: int, path: str) -> str:
    """An address to ask at by HTTP."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}{path}"


def _redis_at(redis_url: str) -> tuple[str, int]:
    parts = urlsplit(redis_url)
    if parts.scheme == "sentinel":
        return sentinel_address(redis_url).hosts[0]
    return parts.hostname or "127.0.0.1", parts.port or REDIS_PORT
