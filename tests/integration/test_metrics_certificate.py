"""Until when certificates are good, as real servers with TLS show them."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

from orchestrator.errors import WireUnreachable
from orchestrator.wire.certificate import good_until, redis_good_until, store_good_until
from tests.support.postgres import postgres
from tests.support.processes import eventually
from tests.support.redis_tls import RedisTls
from tests.support.stream_worker import a_stream, desk, some_settings, stream_worker
from tests.support.system_part import require
from tests.support.valkey import free_port

DAY = 86400.0


def days_left(ends_at: float | None) -> float:
    assert ends_at is not None
    return (ends_at - time.time()) / DAY


def a_certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """For `localhost`, and its key; nobody vouches for it."""
    require(None if shutil.which("openssl") else "no openssl: apt-get install openssl")
    certificate, key = folder / "server.crt", folder / "server.key"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    made += ["-keyout", str(key), "-out", str(certificate)]
    dated = ["x509", "-in", str(certificate), "-signkey", str(key), "-days", str(days)]
    for argv in (made, [*dated, "-out", str(certificate)]):
        subprocess.run(["openssl", *argv], check=True, capture_output=True)
    return certificate, key


def test_redis_with_tls_shows_until_when_its_certificate_is_good(tmp_path: Path) -> None:
    server = RedisTls(tmp_path)
    server.start()
    try:
        assert 1.9 < days_left(redis_good_until(server.url)) < 2.1
    finally:
        server.close()
    with pytest.raises(WireUnreachable):
        redis_good_until(server.url)


def test_postgresql_shows_it_once_it_speaks_tls() -> None:
    with postgres() as server:
        url = f"{server.url}/postgres?sslmode=require"
        assert store_good_until(url) is None
        with psycopg.connect(f"{server.url}/postgres", autocommit=True) as admin:
            row = admin.execute("SHOW data_directory").fetchone()
            assert row is not None
            for path in a_certificate(Path(row[0]), 40):
                shutil.chown(path, Path(row[0]).owner())
            admin.execute("ALTER SYSTEM SET ssl = on")
            admin.execute("SELECT pg_reload_conf()")
        assert eventually(lambda: store_good_until(url) is not None, 30)
        assert 39.9 < days_left(store_good_until(url)) < 40.1
        with psycopg.connect(url) as client:
            assert client.pgconn.ssl_in_use


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////data/store.db",
        "postgresql://u:p@db.example/d?sslmode=disable",
        "postgresql://u:p@one.example:5432,two.example:5432/d",
        "postgresql:///d?host=/run/postgresql",
    ],
)
def test_a_store_without_tls_or_of_several_servers_has_none(url: str) -> None:
    assert store_good_until(url) is None


def test_redis_without_tls_has_none() -> None:
    assert redis_good_until("redis://127.0.0.1:6379/0") is None


@contextmanager
def greeted(folder: Path, days: int) -> Iterator[int]:
    """A server that begins TLS with everybody, and says no more; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*a_certificate(folder, days))
    with socket.create_server(("127.0.0.1", 0)) as ingest:

        def greet() -> None:
            with suppress(OSError):  # it is closed
                while True:
                    line, _ = ingest.accept()
                    with suppress(OSError), context.wrap_socket(line, server_side=True) as secured:
                        secured.recv(1)

        threading.Thread(target=greet, daemon=True).start()
        yield ingest.getsockname()[1]
        ingest.shutdown(socket.SHUT_RDWR)


def test_a_certificate_that_has_ended_is_told_as_long_as_it_is_there(tmp_path: Path) -> None:
    with greeted(tmp_path, -1) as port:
        assert -1.1 < days_left(good_until("127.0.0.1", port)) < -0.9
    with pytest.raises(WireUnreachable):
        good_until("127.0.0.1", port)


def test_a_worker_shows_it_of_the_platform_that_a_stream_goes_to_by_rtmps(
    tmp_path: Path, redis_url: str, redis_prefix: str
) -> None:
    config = some_settings(tmp_path / "home", redis_url, redis_prefix)
    port, log = free_port(), tmp_path / "worker.log"
    env = {"DOPPELCAST_METRICS_PORT": str(port)}

    def shown() -> list[str]:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return [line for line in lines if line.startswith("doppelcast_certificate_expiry")]

    with (
        greeted(tmp_path, 40) as shop,
        desk(config) as hands,
        stream_worker(config, ("key",), log, env=env),
    ):
        assert shown() == []
        spec = a_stream("one", f"rtmps://localhost:{shop}/live", "key")
        hands.place(spec)
        assert eventually(lambda: bool(shown()), 20), log.read_text()
        (line,) = shown()
        assert f'{{server="{spec.platform}"}}' in line
        assert 39.9 < days_left(float(line.rpartition(" ")[2])) < 40.1
        hands.want(spec, 1, wanted=False)
        assert eventually(lambda: not shown(), 20), log.read_text()
