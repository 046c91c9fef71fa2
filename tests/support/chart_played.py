"""A whole release of the chart in containers, with a platform and a Prometheus beside it.

    with a_release(engine, image, folder) as release:
        release.install()
        release.run_hooks()
        release.pods["stream-0"].delete()
        release.ingest.publishers()        # what the platform says
        release.prometheus.query("up")     # what the PodMonitor's scrapes say

The values are the trial's, with two stream pods of four slots. The platform is nginx-rtmp: it
records what it gets, and refuses a key for as long as `release.refuse` says so.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import yaml

from tests.support.chart import Workload, of_kind, rendered, workloads
from tests.support.containers import Engine
from tests.support.helm import NAMESPACE, Objects
from tests.support.kubelet_podman import Node, Pod
from tests.support.nginx_rtmp import APP, Ingest
from tests.support.processes import eventually
from tests.support.prometheus import Prometheus
from tests.support.shops import ShortMatrix, short_matrix

ROOMS = 3
SLOTS = 4
"""One stream pod can carry all rooms."""
OTHERS = ("valkey", "postgres", "prometheus", "ingest")
KEYS, MATRIX = "trial-keys", "trial-matrix"
ADMIN = "lin:for-admins"
KEYS_FOLDER = "/etc/doppelcast/keys"
RTMP_PORT, HTTP_PORT, PROMETHEUS_PORT = 1935, 8080, 9090


@dataclass
class Release:
    """What is installed, and what is around it."""

    name: str
    things: Objects
    node: Node
    matrix: ShortMatrix
    ingest: Ingest
    prometheus: Prometheus
    pods: dict[str, Pod] = field(default_factory=dict)
    """Those that stay, by their names without the release's."""

    @property
    def workloads(self) -> dict[str, Workload]:
        """What runs pods, by its name without the release's."""
        return {self._short(w.thing): w for w in workloads(self.things)}

    def install(self) -> None:
        """Start everything that stays, as Helm does before it runs any hook."""
        for name, workload in self.workloads.items():
            if _hook(workload):
                continue
            if workload.kind == "Deployment":
                self.pods[name] = self.start(name)
            else:
                for number in range(workload.thing["spec"]["replicas"]):
                    self.pods[f"{name}-{number}"] = self.start(name, f"-{number}")

    def run_hooks(self) -> None:
        """What comes after the installation, in its order."""
        hooks = {n: w for n, w in self.workloads.items() if "post-install" in _hook(w)}
        for name in sorted(hooks, key=lambda name: _weight(hooks[name])):
            self.start(name).runs_to_its_end()

    def start(self, workload: str, number: str = "") -> Pod:
        """A pod of that workload."""
        return self.node.start(self.workloads[workload], f"{self.name}-{workload}{number}")

    def on_air(self) -> set[str]:
        """The rooms' keys that the platform gets media for."""
        return set(self.matrix.keys) & set(self.ingest.publishers())

    def seconds_off_air(self, since: float) -> dict[str, float]:
        """By key, for how long nobody published after somebody was gone, as the platform saw it.

        `since`: a time of the wall. Rooms that nobody left since then aren't in it.
        """
        gone: dict[str, float] = {}
        worst: dict[str, float] = {}
        for line in (self.ingest.root / "record" / "edges.log").read_text().splitlines():
            at, status, page, key = line.split()
            if page == "/done" and float(at) >= since:
                gone.setdefault(key, float(at))
            elif page == "/may" and status == "200" and key in gone:
                worst[key] = max(worst.get(key, 0.0), float(at) - gone.pop(key))
        return worst | dict.fromkeys(gone, inf)

    def refuse(self, key: str) -> None:
        """The platform wants that key no more, and hangs up."""
        (self.ingest.root / "record" / "refused" / key).touch()
        drop = f"http://{self.ingest.host}:{HTTP_PORT}/control/drop/publisher?app={APP}&name={key}"
        with urlopen(drop, timeout=30) as answer:
            assert answer.status == 200

    def allow(self, key: str) -> None:
        """The platform takes that key again."""
        (self.ingest.root / "record" / "refused" / key).unlink()

    def _short(self, thing: Mapping[str, Any]) -> str:
        return str(thing["metadata"]["name"]).removeprefix(f"{self.name}-")


def _annotation(workload: Workload, name: str) -> str:
    return str(workload.thing["metadata"].get("annotations", {}).get(name, ""))


def _hook(workload: Workload) -> str:
    return _annotation(workload, "helm.sh/hook")


def _weight(workload: Workload) -> int:
    return int(_annotation(workload, "helm.sh/hook-weight"))


@contextmanager
def a_release(engine: Engine, image: str, folder: Path) -> Iterator[Release]:
    """Rendered, with its surroundings up; nothing of it is installed yet."""
    images = {name: engine.other(name) for name in OTHERS}
    name = f"dc-{secrets.token_hex(3)}"
    things = rendered("tiny", _values(name, image, images))
    matrix = short_matrix(folder / "matrix", f"rtmp://ingest:{RTMP_PORT}/{APP}", shops=ROOMS)
    given = {
        KEYS: {variable: key.encode() for variable, key in matrix.environment.items()},
        MATRIX: _config_map(matrix),
        f"{name}-logins": {"admin": ADMIN.encode(), "cookie-secret": b"a" * 32},
    }
    node = Node(engine, folder, things, given)
    beside = [f"{node.network}-ingest", f"{node.network}-prometheus"]
    try:
        ingest = _ingest(node, beside[0], images["ingest"], folder)
        prometheus = Prometheus(f"http://{node.address('prometheus')}:{PROMETHEUS_PORT}")
        release = Release(name, things, node, matrix, ingest, prometheus)
        _prometheus(release, beside[1], images["prometheus"], folder / "watch")
        yield release
    finally:
        engine.podman("rm", "-f", "-v", "-t", "0", *beside, check=False)
        node.close()


def _values(name: str, image: str, images: Mapping[str, str]) -> dict[str, Any]:
    return {
        "fullnameOverride": name,
        "image": _image(image),
        "valkey": {"image": _image(images["valkey"]), "persistence": {"enabled": True}},
        "postgresql": {"image": _image(images["postgres"])},
        "streamKeys": {"secrets": [KEYS], "mountPath": KEYS_FOLDER},
        "matrix": {"existingConfigMap": MATRIX},
        "workerPools": {"stream": {"replicas": 2, "slots": SLOTS}},
        "flower": {"existingSecret": f"{name}-logins"},
        "metrics": {
            "podMonitor": {"enabled": True, "interval": "1s", "scrapeTimeout": "1s"},
            "prometheusRule": {"enabled": True},
        },
    }


def _image(name: str) -> dict[str, str]:
    repository, _, tag = name.rpartition(":")
    return {"repository": repository, "tag": tag}


def _config_map(matrix: ShortMatrix) -> dict[str, bytes]:
    """As `kubectl create configmap --from-file` makes it: all files side by side."""
    text = matrix.path.read_text(encoding="utf-8")
    text = text.replace("env:", f"file:{KEYS_FOLDER}/{KEYS}/").replace("pictures/", "")
    pictures = (matrix.path.parent / "pictures").glob("*.png")
    return {"matrix.yaml": text.encode(), **{path.name: path.read_bytes() for path in pictures}}


def _ingest(node: Node, name: str, image: str, folder: Path) -> Ingest:
    kept = folder / "record"
    (kept / "refused").mkdir(parents=True)
    address = node.address("ingest")
    where = ("--network", f"{node.network}:alias=ingest", "--ip", address)
    node.engine.podman("run", "-d", "--name", name, *where, "-v", f"{kept}:/record", image)
    return Ingest(folder, address, RTMP_PORT, HTTP_PORT)


def _prometheus(release: Release, name: str, image: str, folder: Path) -> None:
    folder.mkdir()
    node = release.node
    [rules] = of_kind(release.things, "PrometheusRule")
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules["spec"]), encoding="utf-8")
    (folder / "prometheus.yml").write_text(yaml.safe_dump(_scraped(release)), encoding="utf-8")
    folder.chmod(0o755)
    where = ("--network", node.network, "--ip", node.address("prometheus"))
    config = ("--user", "65534:65534", "-v", f"{folder}:/etc/prometheus:ro")
    flags = ("--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus")
    node.engine.podman("run", "-d", "--name", name, *where, *config, image, *flags)
    assert eventually(lambda: _answers(f"{release.prometheus.url}/-/ready"), 120, 0.2)


def _scraped(release: Release) -> dict[str, Any]:
    """What an operator makes of the rendered PodMonitor, the addresses found already."""
    [monitor] = of_kind(release.things, "PodMonitor")
    [page] = monitor["spec"]["podMetricsEndpoints"]
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    targets = [
        {
            "targets": [f"{release.node.address(pod)}:{port['containerPort']}"],
            "labels": {"namespace": NAMESPACE, "pod": pod},
        }
        for workload in release.workloads.values()
        for port in workload.container.get("ports", ())
        if port["name"] == page["port"] and wanted <= workload.labels.items()
        for pod in _pods(workload)
    ]
    job = {"job_name": "doppelcast", "metrics_path": page["path"], "static_configs": targets}
    job |= {"scrape_interval": page["interval"], "scrape_timeout": page["scrapeTimeout"]}
    return {
        "global": {"evaluation_interval": page["interval"]},
        "rule_files": ["/etc/prometheus/rules.yaml"],
        "scrape_configs": [job],
    }


def _pods(workload: Workload) -> list[str]:
    name, spec = workload.thing["metadata"]["name"], workload.thing["spec"]
    if workload.kind == "Deployment":
        return [name]
    return [f"{name}-{number}" for number in range(spec["replicas"])]


def _answers(page: str) -> bool:
    try:
        with urlopen(page, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
