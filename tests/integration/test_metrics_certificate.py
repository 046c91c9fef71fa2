"""Until when Redis' certificate is good, as a real server with TLS shows it."""

import time
from pathlib import Path

import pytest

from orchestrator.errors import WireUnreachable
from orchestrator.wire.certificate import good_until
from tests.support.redis_tls import RedisTls


def test_a_server_with_tls_shows_until_when_its_certificate_is_good(tmp_path: Path) -> None:
    server = RedisTls(tmp_path)
    server.start()
    try:
        ends_at = good_until(server.url)
        assert ends_at is not None
        assert 0 < ends_at - time.time() < 366 * 86400
        with pytest.raises(WireUnreachable):
            good_until(server.url.partition("?")[0])
    finally:
        server.close()
    with pytest.raises(WireUnreachable):
        good_until(server.url)


def test_without_tls_there_is_none() -> None:
    assert good_until("redis://127.0.0.1:6379/0") is None
