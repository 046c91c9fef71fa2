"""Until when the certificates are good that servers show: Redis, the store, the platforms' ingests.

Asked with a connection of its own, now and then. Nothing is sent on it but what PostgreSQL wants to
hear before it begins TLS; the certificate comes with the greeting. Whether a certificate is trusted
is judged by the clients that are used. Here only its date is looked at, of one that has ended, too:
so it is told as long as it is there.
"""

import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from orchestrator.errors import WireUnreachable
from orchestrator.wire.redis_client import ANSWER_SECONDS

REDIS_PORT = 6379
POSTGRES_PORT = 5432
RTMPS_PORT = 443
WANTS_TLS = struct.pack("!ii", 8, 80877103)
"""What a client of PostgreSQL says first if it wants TLS; `S` means yes."""

UTC_TIME, GENERALIZED_TIME, VERSION = 0x17, 0x18, 0xA0
VALIDITY = 3
"""Its place in a certificate, after serial number, algorithm and issuer."""


def redis_good_until(url: str) -> float | None:
    """Wall-clock seconds at which Redis' ends; None where there is no TLS to one server."""
    parts = urlsplit(url)
    if parts.scheme != "rediss" or not parts.hostname:
        return None
    options = _first(url)
    own = options.get("ssl_certfile"), options.get("ssl_keyfile")
    return good_until(parts.hostname, parts.port or REDIS_PORT, own=own)


def store_good_until(url: str) -> float | None:
    """When PostgreSQL's ends; None where there is none, or no TLS, or several servers."""
    parts = urlsplit(url)
    if not parts.scheme.startswith("postgresql") or not parts.hostname or "," in parts.netloc:
        return None
    options = _first(url)
    if options.get("sslmode", "prefer") in ("disable", "allow"):
        return None
    own = options.get("sslcert"), options.get("sslkey")
    return good_until(parts.hostname, parts.port or POSTGRES_PORT, own=own, agrees=_postgres_agrees)


def good_until(
    host: str,
    port: int,
    *,
    own: tuple[str | None, str | None] = (None, None),
    agrees: Callable[[socket.socket], bool] = lambda _: True,
) -> float | None:
    """When that server's ends. `own`: who asks, and its key. `agrees`: whether it speaks TLS."""
    try:
        context = _context(own)
        with socket.create_connection((host, port), ANSWER_SECONDS) as line:
            if not agrees(line):
                return None
            with context.wrap_socket(line, server_hostname=host) as secured:
                return ends_at(secured.getpeercert(binary_form=True) or b"")
    except OSError as error:
        raise WireUnreachable(f"{host} shows no certificate: {type(error).__name__}.") from error


def ends_at(certificate: bytes) -> float | None:
    """When a certificate ends, as it is sent (DER); None if that can't be read."""
    try:
        (whole,) = _parts(certificate)
        (signed, *_) = _parts(whole[1])
        fields = [part for part in _parts(signed[1]) if part[0] != VERSION]
        _, (kind, last) = _parts(fields[VALIDITY][1])
        return _moment(kind, last.decode("ascii"))
    except (ValueError, IndexError, KeyError):
        return None


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The values that follow each other, each with its kind."""
    while data:
        kind, size, at = data[0], data[1], 2
        if size & 0x80:
            at += size & 0x7F
            size = int.from_bytes(data[2:at], "big")
        if len(data) < at + size:
            raise ValueError("cut off")
        yield kind, data[at : at + size]
        data = data[at + size :]


def _moment(kind: int, text: str) -> float:
    form = {UTC_TIME: "%y%m%d%H%M%SZ", GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}[kind]
    return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()


def _postgres_agrees(line: socket.socket) -> bool:
    line.sendall(WANTS_TLS)
    return line.recv(1) == b"S"


def _context(own: tuple[str | None, str | None]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if own[0] is not None:
        context.load_cert_chain(own[0], own[1])
    return context


def _first(url: str) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
