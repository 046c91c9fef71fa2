"""Debian's nginx with its RTMP module, on free loopback ports: the judge that isn't ours.

    with nginx_rtmp(tmp_path) as server:
        run([... server.target("key")])
        server.recordings("key")       # what arrived, as FLV files
        server.publishers()            # who publishes now, by /stat

Publishing twice with one key is answered "Already publishing", as nginx-rtmp does.
"""

import os
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.support import system_part
from tests.support.ports import free_port
from tests.support.processes import Group, eventually

APP = "live"
MODULES = (
    Path("/usr/lib/nginx/modules/ngx_rtmp_module.so"),
    Path("/usr/lib64/nginx/modules/ngx_rtmp_module.so"),
)
REMEDY = "nginx with its RTMP module isn't here: apt-get install nginx libnginx-mod-rtmp"

CONFIG = """
{user}
load_module {module};
daemon off;
master_process off;
worker_processes 1;
pid {root}/nginx.pid;
error_log {root}/error.log notice;
events {{ worker_connections 2048; }}
rtmp {{
    access_log off;
    server {{
        listen 127.0.0.1:{rtmp};
        chunk_size 4096;
        application {app} {{
            live on;
            wait_key off;
            meta copy;
            {record}
            {on_publish}
        }}
    }}
}}
http {{
    access_log off;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    server {{
        listen 127.0.0.1:{http};
        location /stat {{ rtmp_stat all; }}
    }}
}}
"""


@dataclass(frozen=True)
class Ingest:
    """nginx-rtmp at some address, and the folder in which it keeps its recordings."""

    root: Path
    host: str
    rtmp_port: int
    http_port: int

    @property
    def url(self) -> str:
        """The address without a key."""
        return f"rtmp://{self.host}:{self.rtmp_port}/{APP}"

    def target(self, key: str) -> str:
        """Address and key in one, as ffmpeg wants it."""
        return f"{self.url}/{key}"

    def recordings(self, key: str) -> list[Path]:
        """One FLV per connection with that key, oldest first."""
        found = (self.root / "record").glob(f"{key}-*.flv")
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def stat(self) -> ElementTree.Element:
        """The module's own page of who is there."""
        address = f"http://{self.host}:{self.http_port}/stat"
        with urllib.request.urlopen(address, timeout=5) as page:
            return ElementTree.fromstring(page.read())

    def publishers(self) -> list[str]:
        """The keys that somebody publishes with now."""
        streams = self.stat().iterfind(f"./server/application[name='{APP}']/live/stream")
        return [
            str(stream.findtext("name"))
            for stream in streams
            if stream.find("publishing") is not None
        ]

    def waits_for(self, key: str, seconds: float = 30.0) -> bool:
        """Whether somebody publishes with that key within that time."""
        return eventually(lambda: key in self.publishers(), seconds)


@dataclass(frozen=True)
class NginxRtmp(Ingest):
    """A server of this machine's."""

    group: Group


def missing() -> str | None:
    """What isn't installed, in words; None when all is."""
    if shutil.which("nginx", path=_path()) is None or _module() is None:
        return REMEDY
    return None


def require() -> None:
    """Skip the test without nginx-rtmp; in CI, fail it."""
    system_part.require(missing())


@contextmanager
def nginx_rtmp(
    root: Path, *, record: bool = True, on_publish: str | None = None
) -> Iterator[NginxRtmp]:
    """A server for the length of a block. `on_publish`: a URL that is asked for leave."""
    require()
    module = _module()
    nginx = shutil.which("nginx", path=_path())
    assert module is not None
    assert nginx is not None
    recordings = root / "record"
    recordings.mkdir(parents=True, exist_ok=True)
    rtmp, http = free_port(), free_port()
    config = root / "nginx.conf"
    keep = f"record all; record_path {recordings}; record_unique on; record_suffix .flv;"
    config.write_text(
        CONFIG.format(
            user="user root;" if os.geteuid() == 0 else "",
            module=module,
            root=root,
            rtmp=rtmp,
            http=http,
            app=APP,
            record=keep if record else "record off;",
            on_publish=f"on_publish {on_publish};" if on_publish else "",
        )
    )
    group = Group([nginx, "-c", str(config), "-p", str(root)], stderr=root / "stderr.log")
    server = NginxRtmp(root, "127.0.0.1", rtmp, http, group)
    try:
        assert eventually(lambda: _answers(rtmp) and _answers(http), 30), _complaint(server)
        yield server
    finally:
        group.kill()


def _complaint(server: NginxRtmp) -> str:
    log = server.root / "error.log"
    return server.group.stderr() + (log.read_text() if log.exists() else "")


def _path() -> str:
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def _module() -> Path | None:
    return next((path for path in MODULES if path.exists()), None)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False
