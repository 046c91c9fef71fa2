"""`rtmps`: the key travels only to whom the machine's authorities vouch for."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from orchestrator.clock import SystemClock
from orchestrator.domain.endpoint import Endpoint, target_digest
from orchestrator.errors import EndpointUnreachable
from tests.support.ffmpeg import installed_ffmpegs
from tests.support.grid_clips import write_grid_clip
from tests.support.processes import eventually
from tests.support.rtmp import Ingest, ingest
from tests.support.system_part import require
from workers.media.flv import Clip, read_clip, restamped, stream_header
from workers.stream.publisher import Publisher

CLOCK = SystemClock()
KEY = "test-key"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    path = tmp_path_factory.mktemp("clips") / "clip.flv"
    write_grid_clip(path, 6)
    return read_clip(path)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file with a key and a certificate for `localhost` that nobody vouches for."""
    require(None if shutil.which("openssl") else "no openssl: apt-get install openssl")
    folder = tmp_path_factory.mktemp("tls")
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    argv += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    argv += ["-keyout", str(folder / "key"), "-out", str(folder / "crt")]
    subprocess.run(argv, check=True, capture_output=True)
    whole = folder / "both.pem"
    whole.write_bytes((folder / "key").read_bytes() + (folder / "crt").read_bytes())
    return whole


@contextmanager
def behind_tls(server: Ingest, certificate: Path) -> Iterator[str]:
    """Terminates TLS in front of a server, one connection after another."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    inner = urlsplit(server.url)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as outer:
        outer.settimeout(0.1)

        def serve() -> None:
            while not over.is_set():
                with suppress(OSError):
                    carry(context.wrap_socket(outer.accept()[0], server_side=True))

        def carry(shell: ssl.SSLSocket) -> None:
            core = socket.create_connection(("127.0.0.1", inner.port or 0))
            answers = threading.Thread(target=pump, args=(core, shell))
            answers.start()
            pump(shell, core)
            answers.join()
            shell.close()
            core.close()

        def pump(source: socket.socket, sink: socket.socket) -> None:
            with suppress(OSError):
                while data := source.recv(65536):
                    sink.sendall(data)
            with suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"rtmps://localhost:{outer.getsockname()[1]}{inner.path}"
        finally:
            over.set()
            thread.join()


@contextmanager
def connected(url: str, clip: Clip, program: str) -> Iterator[Publisher]:
    endpoint = Endpoint(url, "env:KEY", target_digest("sandbox", url, KEY))
    to = Publisher(endpoint, SecretStr(KEY), program, CLOCK)
    to.connect(stream_header(clip))
    try:
        to.send(restamped(clip, 0, 0, clip.tags), CLOCK.monotonic())
        yield to
    finally:
        to.close("the test is over")


def publishes(to: Publisher) -> bool:
    to.send(b"", CLOCK.monotonic())
    return to.facts.connected_since is not None


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_an_endpoint_that_is_vouched_for_takes_the_stream(
    clip: Clip, certificate: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        ingest(key=KEY) as server,
        behind_tls(server, certificate) as url,
        connected(url, clip, program) as to,
    ):
        assert eventually(lambda: publishes(to), 30)
        assert server.waits_for_media()
        assert eventually(lambda: publishes(to) and bool(to.facts.acked_bytes), 30)


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_an_endpoint_that_nobody_vouches_for_never_hears_the_key(
    clip: Clip, certificate: Path, program: str
) -> None:
    with ingest(key=KEY) as server, behind_tls(server, certificate) as url:
        with (
            pytest.raises(EndpointUnreachable, match="certificate"),
            connected(url, clip, program) as to,
        ):
            eventually(lambda: publishes(to), 30)
        assert server.verdict().sessions == 0
