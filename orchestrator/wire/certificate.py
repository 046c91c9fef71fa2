"""Until when the certificate is good that Redis shows to those who come with TLS.

Asked with a connection of its own, now and then. Nothing is sent on it: the certificate comes with
the greeting. A server that isn't vouched for tells nothing here; nobody can use it either.
"""

import socket
import ssl
from urllib.parse import parse_qs, urlsplit

from orchestrator.errors import WireUnreachable
from orchestrator.wire.redis_client import ANSWER_SECONDS

PORT = 6379


def good_until(url: str) -> float | None:
    """Wall-clock seconds at which it ends; None where there is no TLS to one server."""
    parts = urlsplit(url)
    if parts.scheme != "rediss" or not parts.hostname:
        return None
    try:
        context = _context(parse_qs(parts.query))
        at = (parts.hostname, parts.port or PORT)
        with (
            socket.create_connection(at, ANSWER_SECONDS) as line,
            context.wrap_socket(line, server_hostname=parts.hostname) as secured,
        ):
            found = secured.getpeercert() or {}
    except OSError as error:
        raise WireUnreachable(f"Redis shows no certificate: {type(error).__name__}.") from error
    ends = found.get("notAfter")
    return float(ssl.cert_time_to_seconds(ends)) if isinstance(ends, str) else None


def _context(options: dict[str, list[str]]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=options.get("ssl_ca_certs", [None])[0])
    context.check_hostname = False  # the client that is used looks at the name; here only dates are
    if "ssl_certfile" in options:
        key = options.get("ssl_keyfile", [None])[0]
        context.load_cert_chain(options["ssl_certfile"][0], key)
    return context
