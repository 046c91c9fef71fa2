"""Debian's Redis as production has it: TLS alone, and a user for the fleet that may do little.

server = RedisTls(tmp_path)
server.start()
server.url             # rediss://fleet:…@127.0.0.1:…, with the certificate of who signed it
server.refusals()      # what the user was refused, by the server's own log
"""

import secrets
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from tests.support import system_part
from tests.support.valkey import PATIENCE, ValkeyProcess

REMEDY = "Redis with TLS, or openssl, isn't here: apt-get install redis-server openssl"
ACL = (
    "~* &* -@all +@connection +@read +@write +@transaction +@pubsub +@scripting "
    "+time -@dangerous +info"
)
"""What a fleet needs, and no more; the runbook gives the same line."""


def missing() -> str | None:
    """What isn't installed, in words; None when all is."""
    return None if shutil.which("redis-server") and shutil.which("openssl") else REMEDY


class RedisTls(ValkeyProcess):
    """Like the plain server, but that the network hears nothing, and the fleet may do little."""

    def __init__(self, folder: Path) -> None:
        system_part.require(missing())
        super().__init__()
        self._tls = folder
        self._admin, fleet = secrets.token_hex(12), secrets.token_hex(12)
        _certificates(folder)
        self._acl = folder / "users.acl"
        lines = ["user default off", f"user admin on >{self._admin} ~* &* +@all"]
        lines.append(f"user fleet on >{fleet} {ACL}")
        self._acl.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._at = f"127.0.0.1:{self.port}/0?ssl_ca_certs={folder / 'ca.crt'}"
        self.url = f"rediss://fleet:{fleet}@{self._at}"

    def start(self) -> None:
        options = ["--tls-port", str(self.port), "--port", "0", "--tls-auth-clients", "no"]
        options += ["--tls-cert-file", str(self._tls / "server.crt"), "--save", ""]
        options += ["--tls-key-file", str(self._tls / "server.key"), "--aclfile", str(self._acl)]
        options += ["--dir", str(self._tls), "--maxmemory-policy", "noeviction"]
        self._process = subprocess.Popen(
            ["redis-server", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < deadline, "redis-server does not start"
            time.sleep(0.05)

    def admin(self) -> Redis:
        """Somebody who may do everything."""
        client: Redis = Redis.from_url(
            f"rediss://admin:{self._admin}@{self._at}", decode_responses=True
        )
        return client

    def refusals(self) -> list[dict[str, Any]]:
        """What users were refused."""
        with self.admin() as admin:
            found: list[dict[str, Any]] = admin.acl_log()
        return found

    def _answers(self) -> bool:
        try:
            with self.admin() as admin:
                return bool(admin.ping())
        except (RedisError, OSError):
            return False


def _certificates(folder: Path) -> None:
    """An authority, and a server that it vouches for."""
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes"]
    authority = ["-x509", "-days", "2", "-subj", "/CN=authority"]
    authority += ["-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.crt")]
    server = ["-subj", "/CN=localhost", "-addext", names]
    server += ["-keyout", str(folder / "server.key"), "-out", str(folder / "server.csr")]
    sign = ["openssl", "x509", "-req", "-in", str(folder / "server.csr"), "-days", "2"]
    sign += ["-CA", str(folder / "ca.crt"), "-CAkey", str(folder / "ca.key"), "-CAcreateserial"]
    sign += ["-copy_extensions", "copy", "-out", str(folder / "server.crt")]
    for argv in ([*new, *authority], [*new, *server], sign):
        subprocess.run(argv, check=True, capture_output=True)
