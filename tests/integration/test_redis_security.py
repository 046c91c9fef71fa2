"""A Redis as production has it: TLS, a user that may do little, memory that throws nothing out."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError

from orchestrator.errors import ConfigurationError, WireUnreachable
from orchestrator.wire.broker import broker
from orchestrator.wire.redis_client import check_keeps_everything, connect, run_id
from tests.support.redis_tls import RedisTls
from tests.support.rig import rig
from tests.support.valkey import ValkeyProcess


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisTls]:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisTls(folder)
    yield server
    server.close()


@pytest.mark.timeout(180)
def test_a_fleet_lives_with_tls_and_a_user_that_may_do_little(
    tmp_path: Path, server: RedisTls
) -> None:
    with rig(tmp_path / "rig", streams=2, slots=3, valkey=server) as fleet:
        fleet.environment["DOPPELCAST_PRODUCTION"] = "true"
        fleet.start_recorder()
        fleet.start_coordinator("c1")
        first = fleet.start_node("node-1")
        fleet.apply()
        fleet.await_on_air()
        fleet.start_node("node-2")
        drained = fleet.cli("drain", "node-1", "--wait")
        assert drained.returncode == 0, drained.stdout + drained.stderr
        fleet.await_on_air()
        assert fleet.carried("node-2")
        assert server.refusals() == []
        secret = server.url.split(":")[2].split("@")[0]
        for log in (first.log, *fleet.folder.glob("*.log")):
            assert secret not in log.read_text(errors="replace")


def test_a_server_that_nobody_vouches_for_is_believed_by_nobody(server: RedisTls) -> None:
    server.start()
    unknown = server.url.partition("?")[0]
    with pytest.raises(WireUnreachable):
        run_id(connect(unknown))
    with broker(unknown, "dc:").connection() as connection, pytest.raises(OperationalError):
        connection.default_channel.client.ping()


def test_a_server_that_throws_keys_out_is_refused(own_valkey: ValkeyProcess) -> None:
    check_keeps_everything(own_valkey.url)
    connect(own_valkey.url).config_set("maxmemory-policy", "allkeys-lru")
    with pytest.raises(ConfigurationError, match="noeviction"):
        check_keeps_everything(own_valkey.url)
    own_valkey.kill()
    check_keeps_everything(own_valkey.url)


@pytest.mark.parametrize("command", [["coordinator"], ["recorder"], ["worker", "--kind", "stream"]])
def test_no_process_begins_on_such_a_server(
    command: list[str], own_valkey: ValkeyProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(own_valkey.url).config_set("maxmemory-policy", "volatile-lru")
    monkeypatch.setenv("DOPPELCAST_REDIS_URL", own_valkey.url)
    monkeypatch.setenv("DOPPELCAST_HOME", str(tmp_path))
    argv = [sys.executable, "-m", "orchestrator.cli", *command]
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1, ended.stderr
    assert "volatile-lru" in ended.stderr
