"""One host: what compose.yaml describes, brought up in real containers.

Grafana is left out of the run: no package registry that can be reached here has it. Valkey,
PostgreSQL, Prometheus and Alertmanager are Debian's. podman doesn't know conditions of
`depends_on`, so the order is given here as compose gives it.
"""

import base64
import json
import secrets
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
import yaml

from tests.support.containers import ROOT, Engine, done
from tests.support.ports import free_port
from tests.support.processes import eventually

COMPOSE = ROOT / "deploy" / "compose.yaml"
OTHERS = ("valkey", "postgres", "prometheus", "alertmanager")
LEFT_OUT = {"grafana"}
FLEET = ("coordinator-1", "coordinator-2", "recorder", "stream-1", "stream-2", "render")
PAGES = ("flower", "flower-viewer", "prometheus", "alertmanager")
STREAMS = 6
RENDER_SECONDS = 1200.0
"""Every clip is rendered first, on as many cores as there are."""
START_SECONDS = 300.0
BIN = Path(sys.executable).parent


class Host:
    """One host with the compose file's services."""

    def __init__(self, engine: Engine, folder: Path, image: str) -> None:
        self.engine = engine
        self.folder = folder
        self.ports = {page: free_port() for page in PAGES}
        # Nobody else's: what a run that was killed has left behind isn't taken for ours.
        self._name = f"dc-{secrets.token_hex(4)}"
        done(["sh", str(ROOT / "deploy/compose/prepare.sh"), str(folder)], {}, True, START_SECONDS)
        images = {f"{name.upper()}_IMAGE": engine.other(name) for name in OTHERS}
        settings = {
            "DOPPELCAST_IMAGE": image,
            "STATE_DIR": str(folder),
            "SLOTS": "8",
            "FLOWER_ADMIN_PORT": f"127.0.0.1:{self.ports['flower']}",
            "FLOWER_VIEWER_PORT": f"127.0.0.1:{self.ports['flower-viewer']}",
            "PROMETHEUS_PORT": f"127.0.0.1:{self.ports['prometheus']}",
            "ALERTMANAGER_PORT": f"127.0.0.1:{self.ports['alertmanager']}",
            **images,
        }
        lines = [f"{name}={value}" for name, value in settings.items()]
        (folder / ".env").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._file = folder / "compose.yaml"
        self._file.write_text(yaml.safe_dump(played(), sort_keys=False), encoding="utf-8")

    def compose(self, *arguments: str, seconds: float = 600.0) -> str:
        """One command of podman-compose."""
        argv = [str(BIN / "podman-compose"), "--podman-args", "--storage-driver overlay"]
        argv += ["-p", self._name, "--env-file", str(self.folder / ".env")]
        argv += ["--profile", "sandbox", "--profile", "tools", "-f", str(self._file)]
        return done([*argv, *arguments], self.engine.environment, True, seconds).said

    def healthy(self, service: str) -> bool:
        """Whether a service's own check says so."""
        asked = ("healthcheck", "run", self._container(service))
        return self.engine.podman(*asked, check=False).code == 0

    def logs(self, service: str) -> str:
        """What a service has said."""
        return self.engine.logs(self._container(service))

    def inspected(self, service: str) -> str:
        """All that the engine knows of a service's container."""
        return self.engine.podman("inspect", self._container(service)).said

    def ask(self, page: str, path: str, login: str = "") -> Any:
        """What a page answers, or its status."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports[page]}{path}")
        if login:
            secret = (self.folder / "secrets" / login).read_bytes()
            request.add_header("Authorization", f"Basic {base64.b64encode(secret).decode()}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                body = answer.read()
        except HTTPError as error:
            return error.code
        except (URLError, OSError):
            return None
        try:
            return json.loads(body)
        except ValueError:
            return body.decode(errors="replace")

    def down(self) -> None:
        """Everything is gone, the volumes too that have no name and that compose leaves behind."""
        mine = ("--filter", f"label=io.podman.compose.project={self._name}")
        self.engine.podman("stop", "-t", "5", *self._all(*mine), check=False)
        self.engine.podman("rm", "-f", "-v", *self._all(*mine), check=False)
        self.compose("down", "-v")

    def _container(self, service: str) -> str:
        return f"{self._name}_{service}_1"

    def _all(self, *which: str) -> list[str]:
        return self.engine.podman("ps", "-a", "-q", *which).said.split()


def played() -> dict[str, Any]:
    """The compose file with paths that hold anywhere, and without the order that podman ignores."""
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    for service in document["services"].values():
        service.pop("depends_on", None)
        service.pop("build", None)
        service["volumes"] = [_anywhere(volume) for volume in service.get("volumes", [])]
    return {name: part for name, part in document.items() if not name.startswith("x-")}


def _anywhere(volume: str) -> str:
    source, colon, rest = volume.partition(":")
    if source.startswith("."):
        source = str((COMPOSE.parent / source).resolve())
    return f"{source}{colon}{rest}"


@pytest.fixture(scope="module")
def host(engine: Engine, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(engine, tmp_path_factory.mktemp("compose"), image)
    try:
        host.compose("up", "-d", "valkey", "postgres")
        for server in ("valkey", "postgres"):
            assert eventually(lambda name=server: host.healthy(name), START_SECONDS, 1.0), server
        host.compose("up", "-d", "migrate")
        migrated = eventually(lambda: "newest schema" in host.logs("migrate"), START_SECONDS, 1.0)
        assert migrated, host.logs("migrate")
        host.compose("up", "-d", *FLEET, *PAGES, "sandbox")
        host.compose("run", "--rm", "apply")
        yield host
    finally:
        host.down()


def test_nothing_but_grafana_is_left_out() -> None:
    services = set(played()["services"])
    started = {*OTHERS, *FLEET, *PAGES, "migrate", "apply", "sandbox"}
    assert services - started == LEFT_OUT


def test_six_streams_go_on_air_from_containers(host: Host) -> None:
    def clean() -> bool:
        table = host.logs("sandbox").rpartition("Endpoint")[2]
        return table.count("on air") == STREAMS and table.count("clean") == STREAMS

    assert eventually(clean, RENDER_SECONDS, 5.0), host.logs("sandbox")[-2000:]


def test_every_process_is_healthy_and_scraped(host: Host) -> None:
    for service in (*FLEET, *PAGES):
        assert eventually(lambda name=service: host.healthy(name), START_SECONDS, 1.0), service

    def scraped() -> bool:
        answer = host.ask("prometheus", "/api/v1/targets?state=active")
        targets = answer["data"]["activeTargets"] if isinstance(answer, dict) else []
        return len(targets) == len(FLEET) and all(t["health"] == "up" for t in targets)

    assert eventually(scraped, START_SECONDS, 2.0), host.ask("prometheus", "/api/v1/targets")


def test_dashboards_ask_who_is_there_and_the_viewer_changes_nothing(host: Host) -> None:
    assert eventually(lambda: host.ask("flower", "/") == 401, START_SECONDS, 1.0)
    strangers = ("flower-viewer", "/", "flower_admin")
    assert eventually(lambda: host.ask(*strangers) == 401, START_SECONDS, 1.0)

    def sees_all() -> bool:
        workers = host.ask("flower", "/api/workers?refresh=1", "flower_admin")
        rows = host.ask("flower-viewer", "/api/tasks?taskname=stream.run", "flower_viewer")
        if not isinstance(workers, dict) or not isinstance(rows, dict):
            return False
        names = {name.split("@")[0] for name in workers}
        return names >= {"stream-1", "stream-2"} and len(rows) >= STREAMS

    assert eventually(sees_all, START_SECONDS, 2.0)
    assert host.ask("alertmanager", "/-/healthy") == "OK"


def test_secrets_are_in_files_alone(host: Host) -> None:
    hidden = [path.read_text() for path in (host.folder / "secrets" / "keys").iterdir()]
    hidden += [(host.folder / "secrets" / "postgres_password").read_text()]
    for service in FLEET:
        said = host.logs(service) + host.inspected(service)
        assert not any(secret in said for secret in hidden), service
