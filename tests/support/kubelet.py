"""Plays the chart's pods as processes of this machine, with what the chart gives them and no more.

    node = Kubelet(folder, secrets, hosts)
    pod = node.start(workload, "fleet-doppelcast-stream-0")
    pod.becomes_ready()
    pod.delete()                # as Kubernetes does it: the hook, TERM, and KILL when time is over

A process has its container's command and environment. Paths that the container mounts are folders
of the pod, a claim's folder outlives it, and ports are free ones of this machine. Out of scope:
other rights than the test's own, read-only roots, memory limits: those are the cluster's.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.support.chart import Workload
from tests.support.ports import free_port
from tests.support.processes import Group, eventually

BIN = Path(sys.executable).parent
START_SECONDS = 120.0
ADDRESS = "127.0.0.1"
SECRETS = "/run/secrets"


@dataclass
class Pod:
    """One pod, from its start to its deletion."""

    name: str
    workload: Workload
    group: Group
    env: Mapping[str, str]
    ports: Mapping[str, int]
    log: Path

    def ask(self, path: str, port: str = "", headers: Mapping[str, str] | None = None) -> int:
        """The status of a page; 0 while nobody answers."""
        number = self.ports[port] if port else next(iter(self.ports.values()))
        connection = HTTPConnection(ADDRESS, number, timeout=20)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()

    def passes(self, probe: str) -> bool:
        """Whether a probe of its is content now."""
        page = self.workload.container[f"{probe}Probe"]["httpGet"]
        return self.ask(page["path"], page["port"]) == 200

    def becomes_ready(self, seconds: float = START_SECONDS) -> None:
        """Started, alive and ready, by its own probes."""
        for probe in ("startup", "liveness", "readiness"):
            content = eventually(lambda name=probe: self.passes(name), seconds)  # type: ignore[misc]
            assert content, f"{self.name} is not {probe}: {self.said()}"

    def runs_to_its_end(self, seconds: float = START_SECONDS) -> None:
        """A job's pod."""
        assert self.group.process.wait(seconds) == 0, self.said()

    def execute(self, *argv: str, seconds: float = 120.0) -> "subprocess.CompletedProcess[str]":
        """A command in the container, as hooks and `kubectl exec` give it."""
        return subprocess.run(
            argv, check=False, env=dict(self.env), capture_output=True, text=True, timeout=seconds
        )

    def delete(self) -> float:
        """End it as Kubernetes would; says how long that took. A KILL is an error."""
        began = time.monotonic()
        hook = self.workload.container.get("lifecycle", {}).get("preStop")
        if hook is not None:
            left = self.execute(*hook["exec"]["command"])
            assert left.returncode == 0, left.stdout + left.stderr
        self.group.process.terminate()
        patience = self.workload.pod["terminationGracePeriodSeconds"]
        self.group.process.wait(patience - (time.monotonic() - began))
        return time.monotonic() - began

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]


@dataclass
class Kubelet:
    """A node of the cluster that isn't there."""

    folder: Path
    secrets: Mapping[str, Mapping[str, str]]
    hosts: dict[str, str]
    """What stands for names of the cluster, by what is to be replaced."""
    claims: Mapping[str, Path] = field(default_factory=dict)
    pods: list[Pod] = field(default_factory=list)

    def start(self, workload: Workload, name: str) -> Pod:
        """Start a workload's pod under that name."""
        paths = dict(self._mounted(workload, name))
        numbers = {
            str(port["containerPort"]): (port["name"], free_port())
            for port in workload.container.get("ports", ())
        }

        def here(text: str) -> str:
            if text in numbers:
                return str(numbers[text][1])
            for path in sorted(paths, key=len, reverse=True):
                if text == path or text.startswith(f"{path}/"):
                    return str(paths[path]) + text.removeprefix(path)
            return self._known(text)

        env = {"PATH": f"{BIN}:{os.environ['PATH']}"}
        for variable in workload.container["env"]:
            env[variable["name"]] = here(self._value(variable, env, name))
        if SECRETS in paths:
            env["DOPPELCAST_SECRETS_DIR"] = str(paths[SECRETS])
        command = workload.container.get("command") or ["doppelcast"]
        argv = [here(word) for word in (*command, *workload.container.get("args", ()))]
        log = self.folder / f"{name}-{len(self.pods)}.log"
        group = Group(
            ["env", "-i", *(f"{k}={v}" for k, v in env.items()), *argv],
            stderr=log,
            cwd=self.folder,
            all_output=True,
        )
        pod = Pod(name, workload, group, env, dict(numbers.values()), log)
        self.pods.append(pod)
        return pod

    def close(self) -> None:
        """End everything, whatever state it is in."""
        for pod in self.pods:
            pod.group.kill()

    def _mounted(self, workload: Workload, name: str) -> Iterator[tuple[str, Path]]:
        volumes = {volume["name"]: volume for volume in workload.pod["volumes"]}
        for mount in workload.container["volumeMounts"]:
            volume = volumes.get(mount["name"], {})
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim is not None:
                folder = self.claims[claim]
            elif volume:
                folder = self.folder / "pods" / f"{name}-{len(self.pods)}" / mount["name"]
            else:
                folder = self.folder / "claims" / f"{mount['name']}-{name}"
            folder.mkdir(parents=True, exist_ok=True)
            self._fill(volume, folder)
            yield mount["mountPath"], folder

    def _fill(self, volume: Mapping[str, Any], folder: Path) -> None:
        for source in volume.get("projected", {}).get("sources", ()):
            for item in source["secret"]["items"]:
                secret = self.secrets[source["secret"]["name"]][item["key"]]
                (folder / item["path"]).write_text(self._known(secret), encoding="utf-8")
        if "secret" in volume:
            for key, secret in self.secrets[volume["secret"]["secretName"]].items():
                (folder / key).write_text(secret, encoding="utf-8")

    def _value(self, variable: Mapping[str, Any], env: Mapping[str, str], name: str) -> str:
        source = variable.get("valueFrom")
        if source is None:
            return re.sub(r"\$\((\w+)\)", lambda found: env[found[1]], variable["value"])
        if "secretKeyRef" in source:
            reference = source["secretKeyRef"]
            return self.secrets[reference["name"]][reference["key"]]
        return {"metadata.name": name, "status.podIP": ADDRESS}[source["fieldRef"]["fieldPath"]]

    def _known(self, text: str) -> str:
        for name, stands_for in self.hosts.items():
            text = text.replace(name, stands_for)
        return text
