"""The probes on the metrics port, for the kubelet and for admins: plain HTTP, GET and HEAD.

    /healthz   200, or 503 when a loop hangs      {"ok", "loops": {name: {"age", "limit", "ok"}}}
    /readyz    200, or 503 with the reasons       {"ready", "reasons": [...]}, and facts

Served on a thread of its own that asks nobody: an answer comes however long Redis, the broker and
the store are away. Nothing secret is shown, and nothing can be changed from here.

A client that sends nothing, or reads nothing, holds one of `MOST_CLIENTS` places, and gives it up
when others come; so there is always an answer for the next one. A child that the process forks
lets go of the port, and so doesn't hold it after its parent's end.
"""

import json
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from typing_extensions import override

from orchestrator.errors import ConfigurationError
from orchestrator.settings import Settings
from orchestrator.telemetry.health import Health

log = logging.getLogger(__name__)

CLIENT_SECONDS = 2.0
"""How long a client may take for each step."""
MOST_CLIENTS = 16


@dataclass(frozen=True)
class Answer:
    """What a page says."""

    status: HTTPStatus
    kind: str
    body: bytes


Page = Callable[[], Answer]


class Probes:
    """The server, from its making until it is closed."""

    def __init__(self, host: str, port: int, pages: Mapping[str, Page]) -> None:
        self._server = _Server(host, port, pages)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True
        )
        self._thread.name = "probes"
        os.register_at_fork(after_in_child=self._server.let_go)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens; of use when any port was asked for."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop to listen."""
        self._server.shutdown()
        self._thread.join(2.0)
        self._server.server_close()


def open_probes(
    settings: Settings, health: Health, pages: Mapping[str, Page] | None = None
) -> Probes | None:
    """The probes of this process, and pages beside them; None if no port is set."""
    if settings.metrics_port is None:
        return None
    shown = {
        "/healthz": lambda: _alive(health),
        "/readyz": lambda: _ready(health),
        **(pages or {}),
    }
    probes = Probes(settings.metrics_host, settings.metrics_port, shown)
    facts = {"action": "probes", "host": settings.metrics_host, "port": probes.port}
    log.info("health can be asked for", extra=facts)
    return probes


def _alive(health: Health) -> Answer:
    loops = health.loops()
    ok = all(turn.ok for turn in loops.values())
    shown = {
        name: {"age": round(turn.age, 3), "limit": turn.limit, "ok": turn.ok}
        for name, turn in loops.items()
    }
    return _document(ok, {"ok": ok, "loops": shown})


def _ready(health: Health) -> Answer:
    reasons = list(health.why_not_ready())
    return _document(not reasons, {"ready": not reasons, "reasons": reasons, **health.facts()})


def _document(well: bool, document: Mapping[str, object]) -> Answer:
    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    body = json.dumps(document, ensure_ascii=False).encode() + b"\n"
    return Answer(status, "application/json", body)


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, host: str, port: int, pages: Mapping[str, Page]) -> None:
        self.pages = pages
        self._clients: list[socket.socket] = []
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), _Client)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ConfigurationError(
                f"Health can't be served on {host}, port {port}: {why}. Set "
                "DOPPELCAST_METRICS_PORT to a port that is free there, "
                "another one for each process of a machine."
            ) from error

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        self._clients.append(request)
        if len(self._clients) > MOST_CLIENTS:
            _hang_up(self._clients.pop(0))
        super().process_request(request, client_address)

    @override
    def shutdown_request(self, request: Any) -> None:
        with suppress(ValueError):
            self._clients.remove(request)
        super().shutdown_request(request)

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("a client of the probes went away", extra={"action": "probes"})

    def let_go(self) -> None:
        """Forked: neither the port nor its clients are this process's."""
        for held in (self.socket, *self._clients):
            with suppress(OSError):
                # `close` would wait for the files that a client's thread has made of its socket.
                os.close(held.detach())


def _hang_up(client: socket.socket) -> None:
    # Only shut down: its own thread closes it, and no number is closed that was given away anew.
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


class _Client(BaseHTTPRequestHandler):
    timeout = CLIENT_SECONDS
    server: _Server

    def do_GET(self) -> None:
        """Show a page."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Say how a page would be answered."""
        self._answer(with_body=False)

    @override
    def version_string(self) -> str:
        return "doppelcast"

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a probe comes every few seconds."""

    def _answer(self, *, with_body: bool) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        answer = _NOWHERE if page is None else page()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)


_NOWHERE = Answer(HTTPStatus.NOT_FOUND, "text/plain", b"There is no such page.\n")
