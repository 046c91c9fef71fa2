"""The probes over real sockets: their pages, clients that behave badly, a port that is taken."""

import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import pytest

from orchestrator.clock import SystemClock
from orchestrator.errors import ConfigurationError
from orchestrator.settings import Settings
from orchestrator.telemetry.health import Health
from orchestrator.telemetry.probes import MOST_CLIENTS, Answer, Probes, open_probes
from tests.support.processes import eventually
from tests.support.valkey import free_port, listens

SOME_PAGE = Answer(HTTPStatus.OK, "text/plain", b"hello\n")


@pytest.fixture
def health() -> Health:
    return Health(SystemClock())


@pytest.fixture
def probes(health: Health) -> Iterator[Probes]:
    settings = Settings.model_validate({"metrics_port": 0})
    probes = open_probes(settings, health, {"/some": lambda: SOME_PAGE})
    assert probes is not None
    yield probes
    probes.close()


def ask(probes: Probes, path: str, method: str = "GET") -> tuple[int, bytes, Mapping[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", probes.port, timeout=30)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


def asked(probes: Probes, path: str) -> tuple[int, dict[str, Any]]:
    status, body, _ = ask(probes, path)
    return status, json.loads(body)


def test_health_shows_each_loop_and_fails_when_one_hangs(probes: Probes, health: Health) -> None:
    assert asked(probes, "/healthz") == (200, {"ok": True, "loops": {}})
    tick = health.loop("leases", 0.2)
    assert eventually(lambda: asked(probes, "/healthz")[0] == 503, 30)
    _, document = asked(probes, "/healthz")
    assert document["loops"]["leases"]["age"] > document["loops"]["leases"]["limit"] == 0.2
    assert not document["ok"]
    health.loop("leases", 60)
    tick()
    assert asked(probes, "/healthz")[0] == 200


def test_a_loop_in_a_deadlock_hangs(probes: Probes, health: Health) -> None:
    tick = health.loop("passes", 0.3)
    lock, ending = threading.Lock(), threading.Event()

    def turn() -> None:
        while not ending.is_set():
            with lock:
                tick()
            ending.wait(0.02)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        assert eventually(lambda: asked(probes, "/healthz")[0] == 200, 30)
        with lock:
            assert eventually(lambda: asked(probes, "/healthz")[0] == 503, 30)
        assert eventually(lambda: asked(probes, "/healthz")[0] == 200, 30)
    finally:
        ending.set()
        thread.join()


def test_readiness_gives_all_reasons_and_facts(probes: Probes, health: Health) -> None:
    health.tell("role", lambda: "stands by")
    assert asked(probes, "/readyz") == (200, {"ready": True, "reasons": [], "role": "stands by"})
    health.check("broker", lambda: "not connected")
    status, document = asked(probes, "/readyz")
    assert (status, document["reasons"]) == (503, ["broker: not connected"])


def test_head_says_the_same_without_a_body_and_other_pages_are_not_there(probes: Probes) -> None:
    status, body, headers = ask(probes, "/healthz", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 0
    assert ask(probes, "/")[0] == 404
    assert ask(probes, "/healthz/../etc")[0] == 404
    assert ask(probes, "/healthz?full=1")[0] == 200
    assert ask(probes, "/some")[:2] == (200, b"hello\n")


def test_clients_that_are_slow_or_half_open_keep_nobody_waiting(probes: Probes) -> None:
    lazy = [socket.create_connection(("127.0.0.1", probes.port)) for _ in range(3 * MOST_CLIENTS)]
    for number, client in enumerate(lazy):
        if number % 2:
            client.sendall(b"GET /healthz HT")
    try:
        began = time.monotonic()
        for _ in range(5):
            assert ask(probes, "/healthz")[0] == 200
        assert time.monotonic() - began < 2
    finally:
        for client in lazy:
            client.close()


def test_nonsense_is_answered_or_hung_up_on(probes: Probes) -> None:
    for nonsense in (b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"X" * 70_000 + b"\r\n\r\n"):
        with (
            socket.create_connection(("127.0.0.1", probes.port), timeout=30) as client,
            suppress(ConnectionResetError, BrokenPipeError),
        ):
            client.sendall(nonsense)
            client.recv(100)
    assert ask(probes, "/healthz")[0] == 200


def test_a_port_that_is_taken_is_named(health: Health) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match="DOPPELCAST_METRICS_PORT") as told:
            open_probes(Settings.model_validate({"metrics_port": port}), health)
    assert str(port) in str(told.value)


def test_an_address_that_is_not_here_is_named(health: Health) -> None:
    config = Settings.model_validate({"metrics_port": 0, "metrics_host": "192.0.2.1"})
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.1"):
        open_probes(config, health)


def test_without_a_port_there_are_no_probes(health: Health) -> None:
    assert open_probes(Settings(), health) is None


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_hold_the_port(health: Health) -> None:
    probes = Probes("127.0.0.1", free_port(), {})
    held, release = os.pipe()
    born, awake = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(release)
        os.write(awake, b".")
        os.read(held, 1)
        os._exit(0)
    try:
        os.read(born, 1)
        port = probes.port
        assert listens(port)
        probes.close()
        assert not listens(port)
    finally:
        for end in (release, held, born, awake):
            os.close(end)
        os.waitpid(child, 0)
