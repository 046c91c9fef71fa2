"""The chart as tests see it: its values files, and what they make.

rendered("production")                 the objects of ci/production-values.yaml
rendered("production", {"a": 1})       ... with more values on top
workloads(objects)                     those that run pods, with their pods
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.support.helm import ROOT, VERSIONS, Helm, Objects

CHART = ROOT / "helm" / "doppelcast"
DEFAULTS: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
FILES = {
    path.name.removesuffix("-values.yaml"): path for path in sorted(CHART.glob("ci/*-values.yaml"))
}
NEWEST = VERSIONS[0]
RELEASE = "fleet-doppelcast-"

Values = Mapping[str, Any]


def helm(version: str = NEWEST) -> Helm:
    """That Helm; the newest unless another is asked for."""
    return Helm.of(version)


def rendered(case: str = "", more: Values | None = None, version: str = NEWEST) -> Objects:
    """What a values file makes (the defaults without a name), with more values on top."""
    return deepcopy(_rendered(case, json.dumps(more or {}), version))


@cache
def _rendered(case: str, more: str, version: str) -> Objects:
    given = yaml.safe_load(FILES[case].read_text(encoding="utf-8")) if case else {}
    return helm(version).template(CHART, merged(given, json.loads(more)))


def merged(below: Values, above: Values) -> dict[str, Any]:
    """Maps merge, everything else is replaced: as Helm does with several values files."""
    out = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(out.get(key), Mapping)
        out[key] = merged(out[key], value) if both else value
    return out


@dataclass(frozen=True)
class Workload:
    """Something that runs pods."""

    thing: dict[str, Any]
    template: dict[str, Any]
    """Metadata and spec of its pods."""

    @property
    def name(self) -> str:
        return str(self.thing["metadata"]["name"]).removeprefix(RELEASE)

    @property
    def kind(self) -> str:
        return str(self.thing["kind"])

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.template["metadata"]["labels"])

    @property
    def component(self) -> str:
        return self.labels["app.kubernetes.io/component"]

    @property
    def pod(self) -> dict[str, Any]:
        return dict(self.template["spec"])

    @property
    def container(self) -> dict[str, Any]:
        (container,) = self.pod["containers"]
        return dict(container)

    @property
    def env(self) -> dict[str, Any]:
        """Its variables: a value, or where it comes from."""
        return {
            variable["name"]: variable.get("value", variable.get("valueFrom"))
            for variable in self.container.get("env", ())
        }

    @property
    def files(self) -> dict[str, tuple[str, str]]:
        """Settings that are files, named as variables are; each with its secret and key."""
        return {
            item["path"].upper(): (source["secret"]["name"], item["key"])
            for volume in self.pod["volumes"]
            for source in volume.get("projected", {}).get("sources", ())
            for item in source["secret"]["items"]
        }

    @property
    def told(self) -> frozenset[str]:
        """All variables that it is told, in either way."""
        return frozenset({*self.env, *self.files})


def workloads(things: Iterable[dict[str, Any]]) -> Iterator[Workload]:
    """Those that run pods."""
    for thing in things:
        if thing["kind"] == "Pod":
            yield Workload(thing, thing)
        elif "template" in thing.get("spec", {}):
            yield Workload(thing, thing["spec"]["template"])


def by_name(things: Iterable[dict[str, Any]]) -> dict[str, Workload]:
    """The same, by their names without the release's."""
    return {workload.name: workload for workload in workloads(things)}


def of_kind(things: Iterable[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The objects of a kind."""
    return [thing for thing in things if thing["kind"] == kind]
