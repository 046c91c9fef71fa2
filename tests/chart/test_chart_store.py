"""A PostgreSQL whose certificate is checked, asked for real by what the chart makes of the values.

libpq trusts nobody by itself, and says so only when a pod has started: so it is tried here.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support import system_part
from tests.support.chart import by_name, rendered
from tests.support.kubelet import Kubelet
from tests.support.postgres import postgres
from tests.support.processes import eventually

HOST = "postgres.example.internal:5432/doppelcast"
LAST_WORD = "certificate verify failed"


@dataclass
class Server:
    """One that speaks TLS, with a certificate that only its own authority vouches for."""

    address: str
    """Without the user."""
    authority: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    system_part.require(None if shutil.which("openssl") else "no openssl: apt-get install openssl")
    folder = tmp_path_factory.mktemp("authority")
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    argv += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    argv += ["-keyout", str(folder / "server.key"), "-out", str(folder / "server.crt")]
    subprocess.run(argv, check=True, capture_output=True)
    with postgres() as running:
        with psycopg.connect(f"{running.url}/postgres", autocommit=True) as admin:
            [[data]] = admin.execute("SHOW data_directory").fetchall()
            for name in ("server.key", "server.crt"):
                _handed_over(folder / name, Path(data))
            admin.execute("ALTER SYSTEM SET ssl = 'on'")
            admin.execute("SELECT pg_reload_conf()")
            admin.execute("CREATE ROLE doppelcast LOGIN SUPERUSER")
        address = running.url.rpartition("@")[2].replace("127.0.0.1", "localhost") + "/postgres"
        assert eventually(lambda: _speaks_tls(address), 30)
        yield Server(address, (folder / "server.crt").read_text())


def _handed_over(path: Path, data: Path) -> None:
    there = data / path.name
    there.write_bytes(path.read_bytes())
    there.chmod(0o600)
    owner = data.stat()
    os.chown(there, owner.st_uid, owner.st_gid)


def _speaks_tls(address: str) -> bool:
    try:
        psycopg.connect(f"postgresql://doppelcast@{address}?sslmode=require").close()
    except psycopg.OperationalError:
        return False
    return True


def _ended(folder: Path, server: Server, values: dict[str, Any], secret: dict[str, str]) -> str:
    """What a release's migration says; nothing if all went well."""
    secrets = {
        "doppelcast-redis": {"password": "x", "url": "rediss://fleet:x@redis.example.internal/0"},
        "doppelcast-store": secret,
        "redis-authority": {"ca.crt": ""},
        "store-authority": {"ca.crt": server.authority},
    }
    node = Kubelet(folder, secrets, {HOST: server.address})
    try:
        more = {"externalDatabase": values, "migrate": {"waitSeconds": 0}}
        pod = node.start(by_name(rendered("production", more))["migrate"], "migrate")
        return "" if pod.group.process.wait(120) == 0 else pod.said()
    finally:
        node.close()


def test_a_store_is_trusted_by_the_authority_that_was_named(tmp_path: Path, server: Server) -> None:
    named = {"caSecret": "store-authority"}
    assert _ended(tmp_path, server, named, {"password": "trusted"}) == ""


def test_the_same_holds_for_an_address_that_is_whole_in_a_secret(
    tmp_path: Path, server: Server
) -> None:
    whole = {"url": f"postgresql://doppelcast:x@{HOST}?sslmode=verify-full"}
    assert _ended(tmp_path, server, {"host": "", "caSecret": "store-authority"}, whole) == ""


def test_without_one_the_public_authorities_are_asked_and_dont_know_it(
    tmp_path: Path, server: Server
) -> None:
    assert LAST_WORD in _ended(tmp_path, server, {}, {"password": "trusted"})
