"""Plays the chart's pods as real containers, by `podman kube play`, on a network of their own.

    node = Node(engine, folder, objects, {"keys": {"a-shop": b"..."}})
    pod = node.start(workload, "fleet-doppelcast-stream-0")
    pod.becomes_ready()
    pod.delete()                # as Kubernetes does it: the hook, TERM, and KILL when time is over

podman is given what the chart renders: images, commands, rights, limits, mounts. A Deployment is
played as one; podman knows no StatefulSet and no Job, so their templates are played as pods, under
the name that Kubernetes gives them. What a kubelet and a cluster do and podman 4.3 doesn't is done
here: probes and hooks are asked for as they stand there, $(NAME) and a pod's own address are filled
in, and a Service is another name of its pods. Secrets, ConfigMaps and empty folders are folders of
the host, with the mode and the group that a pod wants; claims are podman's volumes. Out of scope:
network policies, scheduling, restarts by a probe that fails, storage classes, size limits of
folders. No port is published, and nothing leaves this machine.
"""

import base64
import ipaddress
import json
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import yaml

from tests.support.chart import Workload, of_kind
from tests.support.containers import Ended, Engine
from tests.support.helm import Objects
from tests.support.processes import eventually

START_SECONDS = 300.0
ANSWER_SECONDS = 20.0
FIRST_HOST = 10
"""The addresses before that are podman's to give."""
KILLED = "137"
ASKED_OTHERWISE = ("ports", "startupProbe", "livenessProbe", "readinessProbe", "lifecycle")
"""What is done from outside. podman would publish every port to the world."""

Files = Mapping[str, Mapping[str, bytes]]


@dataclass(frozen=True)
class Pod:
    """One pod with its container, from its start to its deletion."""

    engine: Engine
    name: str
    container: str
    workload: Workload
    address: str

    def get(
        self, path: str, port: str = "", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """The status and the text of a page; 0 while nobody answers."""
        connection = HTTPConnection(self.address, self._number(port), timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return 0, b""
        finally:
            connection.close()

    def passes(self, probe: str) -> bool:
        """Whether a probe of its is content now."""
        asked = self.workload.container.get(f"{probe}Probe")
        if asked is None:
            return True
        if "exec" in asked:
            return self.execute(*asked["exec"]["command"], check=False).code == 0
        if "tcpSocket" in asked:
            return self._takes_calls(self._number(asked["tcpSocket"]["port"]))
        return 200 <= self.get(asked["httpGet"]["path"], asked["httpGet"]["port"])[0] < 400

    def becomes_ready(self, seconds: float = START_SECONDS) -> None:
        """Started, alive and ready, by its own probes."""
        for probe in ("startup", "liveness", "readiness"):
            content = eventually(lambda name=probe: self.passes(name), seconds, 0.2)  # type: ignore[misc]
            assert content, f"{self.name} is not {probe}: {self.said()}"

    def runs_to_its_end(self, seconds: float = START_SECONDS) -> None:
        """A job's pod."""
        ended = eventually(lambda: self._state("Status") == "exited", seconds, 0.5)
        assert ended, f"{self.name} goes on: {self.said()}"
        assert self._state("ExitCode") == "0", self.said()

    def execute(self, *argv: str, check: bool = True, seconds: float = 300.0) -> Ended:
        """A command in the container, as hooks, probes and `kubectl exec` give it."""
        return self.engine.podman("exec", self.container, *argv, check=check, seconds=seconds)

    def delete(self) -> float:
        """End it as Kubernetes would; says how long that took. A KILL is an error."""
        began = time.monotonic()
        patience = float(self.workload.pod.get("terminationGracePeriodSeconds", 30))
        hook = self.workload.container.get("lifecycle", {}).get("preStop")
        if hook is not None:
            self.execute(*hook["exec"]["command"], seconds=patience)
        left = max(1, int(patience - (time.monotonic() - began)))
        self.engine.podman("stop", "-t", str(left), self.container, seconds=left + 60)
        took = time.monotonic() - began
        assert self._state("ExitCode") != KILLED, f"{self.name} had to be killed: {self.said()}"
        said = self.said()
        self.engine.podman("pod", "rm", "-f", self.name)
        assert "Traceback" not in said, said
        return took

    def said(self) -> str:
        """The end of its log."""
        return self.engine.logs(self.container)[-4000:]

    def _state(self, what: str) -> str:
        asked = f"{{{{.State.{what}}}}}"
        return self.engine.podman("inspect", "--format", asked, self.container).said.strip()

    def _number(self, port: str | int) -> int:
        """The port of that name; the first when none is named."""
        ports = self.workload.container["ports"]
        named = {p["name"]: int(p["containerPort"]) for p in ports}
        return named[str(port)] if port else int(ports[0]["containerPort"])

    def _takes_calls(self, port: int) -> bool:
        try:
            with socket.create_connection((self.address, port), timeout=ANSWER_SECONDS):
                return True
        except OSError:
            return False


class Node:
    """A node of the cluster that isn't there, with the objects of one release."""

    def __init__(self, engine: Engine, folder: Path, things: Objects, given: Files) -> None:
        """`given`: contents of secrets and ConfigMaps that the release expects to find."""
        self.engine = engine
        self.network = f"dc-{secrets.token_hex(4)}"
        self._folder = folder
        self._services = of_kind(things, "Service")
        self._files = {**_rendered_secrets(things), **given}
        self._started: set[str] = set()
        self._claims: set[str] = set()
        self._kept: set[str] = set()
        self._addresses: dict[str, str] = {}
        engine.podman("network", "create", "--internal", self.network)
        [made] = json.loads(engine.podman("network", "inspect", self.network).said)
        self._subnet = ipaddress.ip_network(made["subnets"][0]["subnet"])

    def start(self, workload: Workload, name: str) -> Pod:
        """Start a workload's pod under that name; to a Deployment's podman adds something."""
        address = self.address(name)
        played = self._played(workload, name, address)
        path = self._folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(played, sort_keys=False), encoding="utf-8")
        also = "".join(f",alias={service}" for service in self._serves(workload))
        where = ("--network", f"{self.network}:{also.removeprefix(',')}", "--ip", address)
        podman = f"{name}-pod-0" if played["kind"] == "Deployment" else name
        self._started.add(podman)
        self.engine.podman("kube", "play", *where, str(path))
        container = f"{podman}-{workload.container['name']}"
        return Pod(self.engine, podman, container, workload, address)

    def address(self, name: str) -> str:
        """The address of whoever has that name, before and after a restart."""
        number = FIRST_HOST + len(self._addresses)
        return self._addresses.setdefault(name, str(self._subnet[number]))

    def close(self) -> None:
        """End everything, whatever state it is in."""
        gone = ("pod", "rm", "-f", "-i", "-t", "0")
        self.engine.podman(*gone, *self._started, check=False)
        for claim in self._claims:
            self.engine.podman("volume", "rm", "-f", claim, check=False)
        for name in self._kept:
            self.engine.podman("secret", "rm", name, check=False)
        self.engine.podman("network", "rm", "-f", self.network, check=False)

    def _keep(self, name: str) -> None:
        """As podman wants the secrets that variables come from."""
        if name in self._kept:
            return
        self._kept.add(name)
        files = self._files[name]
        encoded = {key: base64.b64encode(value).decode() for key, value in files.items()}
        path = self._folder / f"{name}.json"
        path.write_text(json.dumps(encoded), encoding="utf-8")
        self.engine.podman("secret", "create", name, str(path))
        path.unlink()

    def _serves(self, workload: Workload) -> Iterator[str]:
        for service in self._services:
            if service["spec"]["selector"].items() <= workload.labels.items():
                yield service["metadata"]["name"]

    def _played(self, workload: Workload, name: str, address: str) -> dict[str, Any]:
        """What podman is given: the rendered object, or its template as a pod."""
        spec = json.loads(json.dumps(workload.pod))
        metadata = {**workload.template["metadata"], "name": name}
        templates = workload.thing.get("spec", {}).get("volumeClaimTemplates", ())
        claims = [_claimed(one["metadata"]["name"], name) for one in templates]
        group = spec["securityContext"]["fsGroup"]
        volumes = [*spec.get("volumes", ()), *claims]
        spec["volumes"] = [self._volume(volume, name, group) for volume in volumes]
        for container in spec["containers"]:
            for part in ASKED_OTHERWISE:
                container.pop(part, None)
            container["env"] = list(self._env(container.get("env", ()), address))
        if workload.kind == "Deployment":
            template = {"metadata": metadata, "spec": spec}
            return {**workload.thing, "spec": {**workload.thing["spec"], "template": template}}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}

    def _volume(self, volume: Mapping[str, Any], pod: str, group: int) -> dict[str, Any]:
        """podman would share volumes of one name, and fill an empty one from the image."""
        if "persistentVolumeClaim" in volume:
            self._claims.add(volume["persistentVolumeClaim"]["claimName"])
            return dict(volume)
        folder = self._folder / "mounted" / pod / volume["name"]
        shutil.rmtree(folder, ignore_errors=True)  # a predecessor's
        folder.mkdir(parents=True)
        shutil.chown(folder, "root", group)
        if "emptyDir" in volume:
            folder.chmod(0o2777)
        else:
            self._fill(folder, volume.get("secret", volume.get("configMap")), group)
        return {"name": volume["name"], "hostPath": {"path": str(folder), "type": "Directory"}}

    def _fill(self, folder: Path, source: Mapping[str, Any], group: int) -> None:
        for key, value in self._files[source.get("secretName", source.get("name"))].items():
            path = folder / key
            path.write_bytes(value)
            path.chmod(source.get("defaultMode", 0o644))
            shutil.chown(path, "root", group)

    def _env(self, variables: list[dict[str, Any]], address: str) -> Iterator[dict[str, Any]]:
        known: dict[str, str] = {}
        for variable in variables:
            source = variable.get("valueFrom", {})
            if "secretKeyRef" in source:
                reference = source["secretKeyRef"]
                self._keep(reference["name"])
                known[variable["name"]] = self._files[reference["name"]][reference["key"]].decode()
                yield variable
            elif source.get("fieldRef", {}).get("fieldPath") == "status.podIP":
                yield {"name": variable["name"], "value": address}
            elif source:
                yield variable
            else:
                filled = re.sub(
                    r"\$\((\w+)\)", lambda name: known.get(name[1], name[0]), variable["value"]
                )
                known[variable["name"]] = filled
                yield {"name": variable["name"], "value": filled}


def _claimed(claim: str, pod: str) -> dict[str, Any]:
    """A StatefulSet's claim, under the name that Kubernetes gives it."""
    return {"name": claim, "persistentVolumeClaim": {"claimName": f"{claim}-{pod}"}}


def _rendered_secrets(things: Objects) -> dict[str, dict[str, bytes]]:
    return {
        secret["metadata"]["name"]: {
            key: base64.b64decode(value) for key, value in secret["data"].items()
        }
        for secret in of_kind(things, "Secret")
    }
