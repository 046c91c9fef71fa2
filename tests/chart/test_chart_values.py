"""The chart's values: each is described, checked and of use."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import reduce
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml

from tests.support.chart import CHART, DEFAULTS, FILES, helm, merged
from tests.support.helm import ROOT, VERSIONS

SCHEMA = yaml.safe_load((CHART / "values.schema.json").read_text(encoding="utf-8"))
SOURCE = (CHART / "values.yaml").read_text(encoding="utf-8")

ASKS = {"trigger": "prometheus", "serverAddress": "http://prometheus"}
PROVIDER = {"name": "FLOWER_AUTH_PROVIDER", "value": "flower.views.auth.GithubLoginHandler"}
RENDERS: dict[str, Any] = {
    "workerDefaults": {
        "kind": "render",
        "autoscaling": {"enabled": True, "serverAddress": "http://p"},
    },
    "workerPools": {"stream": {"autoscaling": {"enabled": False}}},
}
EVERYTHING: dict[str, Any] = {
    "console": {"enabled": True},
    "matrix": {"existingConfigMap": "matrix"},
    "streamKeys": {"secrets": ["keys"]},
    "coordinator": {"replicas": 3},
    "recorder": {"replicas": 3},
    "metrics": {
        part: {"enabled": True}
        for part in ("podMonitor", "serviceMonitor", "prometheusRule", "dashboards")
    },
    "flower": {
        role: {"ingress": {"enabled": True, "host": f"{role}.example", "tlsSecret": "tls"}}
        for role in ("admin", "viewer")
    },
    "externalRedis": {"host": "redis.example", "tls": {"caSecret": "authority"}},
    "externalDatabase": {"host": "postgres.example"},
    "workerDefaults": {"gpu": {"enabled": True}},
    "workerPools": {"plain": {}},
}
"""Nearly all that can be switched on; a pool that leaves everything to the defaults is there."""

BESIDE: dict[str, dict[str, Any]] = {
    "image.tag": {"image": {"digest": ""}},
    "global.imageRegistry": {},
    "media.existingClaim": {},
    "externalRedis.urlKey": {"externalRedis": {"host": ""}},
    "externalRedis.tls.enabled": {"externalRedis": {"allowPlain": True}},
    "externalDatabase.urlKey": {"externalDatabase": {"host": ""}},
    "valkey": {"valkey": {"enabled": True, "auth": {"password": "given"}}},
    "valkey.image.tag": {"valkey": {"enabled": True, "auth": {"password": "given"}}},
    "valkey.auth.existingSecret": {"valkey": {"enabled": True}},
    "postgresql": {"postgresql": {"enabled": True, "auth": {"password": "given"}}},
    "postgresql.image.tag": {"postgresql": {"enabled": True, "auth": {"password": "given"}}},
    "postgresql.auth.existingSecret": {"postgresql": {"enabled": True}},
    "networkPolicy.keda": {"valkey": {"enabled": True, "auth": {"password": "given"}}},
    "workerDefaults.autoscaling": {"workerDefaults": {"autoscaling": {"enabled": True, **ASKS}}},
    "workerDefaults.autoscaling.enabled": {"workerDefaults": {"autoscaling": ASKS}},
    "workerDefaults.autoscaling.scaleDownSeconds": RENDERS,
    "workerDefaults.autoscaling.listLength": RENDERS,
    "workerDefaults.autoscaling.trigger": RENDERS,
}
"""What else values below that path need in order to matter, the longest path counts; those of one
path are changed together, so that what hides another has a path of its own."""

ALONE: dict[str, Any] = {
    "workerDefaults.kind": "render",
    "workerDefaults.autoscaling.trigger": "prometheus",
    "settings.leaseSeconds": 9,
    "settings.renewSeconds": 1.5,
    "valkey.auth.password": "another",
    "postgresql.auth.password": "another",
}
"""Values that decide something, or are shown in another form: changed one by one, as switches."""

SHAPES: dict[str, Callable[[str], Any]] = {
    "resources": lambda mark: {"requests": {"cpu": mark}},
    "workerDefaults.image": lambda mark: {"repository": mark},
    "imagePullSecrets": lambda mark: [mark],
    "streamKeys.secrets": lambda mark: [mark],
    "accessModes": lambda mark: [mark],
    "ports": lambda mark: [mark],
    "extraObjects": lambda mark: [{"kind": "More", "apiVersion": "v1", "metadata": {"name": mark}}],
}


def _table() -> ModuleType:
    spec = spec_from_file_location("values_table", ROOT / "helm" / "values_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["values_table"] = module
    spec.loader.exec_module(module)
    return module


TABLE = _table()
LEAVES: dict[str, Any] = {
    row.path: reduce(lambda values, key: values[key], row.path.split("."), DEFAULTS)
    for row in TABLE.rows(SOURCE)
    if not row.path.startswith("workerPools.")
}
SWITCHES = tuple(path for path, value in LEAVES.items() if isinstance(value, bool))


def _set(path: str, value: Any) -> dict[str, Any]:
    out: Any = value
    for key in reversed(path.split(".")):
        out = {key: out}
    return dict(out)


def _marked(path: str, number: int) -> tuple[Any, str]:
    """Another value, and what of it has to be found in what is made."""
    value, mark = LEAVES[path], f"v{number}x"
    for end, shape in SHAPES.items():
        if path == end or path.endswith(f".{end}"):
            return shape(mark), mark
    if isinstance(value, int | float) or str(value).isdigit():
        return 20000 + number, str(20000 + number)
    if isinstance(value, dict):
        return {**value, "more": mark}, mark
    return ([{"name": mark}], mark) if isinstance(value, list) else (mark, mark)


def _group(path: str) -> str:
    fitting = [end for end in BESIDE if path == end or path.startswith(f"{end}.")]
    return max(fitting, key=len, default="")


def _made(values: dict[str, Any]) -> str:
    # Marks are no ports and no quantities.
    return helm().text(CHART, values, "--skip-schema-validation")


def _is_of_no_use(path: str) -> str | None:
    """Why changing that value alone changes nothing; None if it does."""
    base = merged(EVERYTHING, BESIDE.get(_group(path), {}))
    now = reduce(lambda values, key: values[key], path.split("."), merged(DEFAULTS, base))
    changed = merged(base, _set(path, ALONE.get(path, not now)))
    return f"{path}: nothing changes" if _made(base) == _made(changed) else None


def _are_of_no_use(group: str) -> list[str]:
    """Those of a group that aren't found in what is made."""
    values, marks = merged(EVERYTHING, BESIDE.get(group, {})), dict[str, str]()
    for number, path in enumerate(LEAVES):
        if _group(path) == group and path not in (*ALONE, *SWITCHES):
            value, marks[path] = _marked(path, number)
            values = merged(values, _set(path, value))
    made = _made(values)
    return [path for path, mark in marks.items() if mark not in made]


def test_every_value_is_found_in_what_is_made() -> None:
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(_are_of_no_use, ("", *BESIDE))
    assert [path for group in found for path in group] == []


def test_every_switch_switches_something() -> None:
    with ThreadPoolExecutor(2) as pool:
        assert [why for why in pool.map(_is_of_no_use, (*SWITCHES, *ALONE)) if why] == []


def test_every_value_is_described_and_the_readme_has_them_all() -> None:
    assert TABLE.undocumented(SOURCE) == []
    readme = (CHART / "README.md").read_text(encoding="utf-8")
    assert TABLE.with_table(readme, SOURCE) == readme, "Run python helm/values_table.py"
    assert not [path for path in LEAVES if f"| `{path}` |" not in readme]


def test_the_schema_is_a_schema_and_closed_wherever_it_can_be() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.Draft7Validator(SCHEMA).validate(DEFAULTS)

    def open_ones(schema: Any, at: str) -> Iterator[str]:
        if isinstance(schema, dict):
            if "properties" in schema and schema.get("additionalProperties") is not False:
                yield at
            for key, value in schema.items():
                if key not in ("if", "then"):
                    yield from open_ones(value, f"{at}/{key}")

    assert list(open_ones(SCHEMA, "")) == ["/properties/global"], "which other charts share"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"coordinater": {}}, "coordinater"),
        ({"coordinator": {"replica": 3}}, "replica"),
        ({"workerDefaults": {"slot": 3}}, "slot"),
        ({"workerPools": {"stream": {"slot": 3}}}, "workerPools"),
        ({"workerPools": {"Stream": {"kind": "stream"}}}, "Stream"),
        ({"workerPools": {"stream": {"kind": "Stream"}}}, "workerPools"),
        ({"workerPools": {"stream": {"slots": 0}}}, "workerPools"),
        ({"image": {"digest": "sha256:abc"}}, "digest"),
        ({"metrics": {"port": 70000}}, "port"),
        ({"settings": {"logLevel": "debug"}}, "logLevel"),
        ({"valkey": {"auth": {"password": "a/b@c"}}}, "password"),
        ({"networkPolicy": {"dns": []}}, "dns"),
        ({"streamKeys": {"secrets": ["Not A Name"]}}, "secrets"),
        ({"flower": {"existingSecret": ""}}, "existingSecret"),
        ({"flower": {"admin": {"ingress": {"enabled": True}}}}, "host"),
        ({"media": {"accessModes": ["ReadOnlyMany"]}}, "accessModes"),
        ({"externalRedis": {"port": "6379"}}, "port"),
        ({"fullnameOverride": "9.lives"}, "fullnameOverride"),
        ({"coordinator": {"pdb": {"maxUnavailable": "0%"}}}, "maxUnavailable"),
        ({"settings": {"renewSeconds": 2}}, "less than half"),
        ({"workerPools": {"valkey": {}}}, "Call the pool something else"),
        ({"externalRedis": {"host": "r", "tls": {"enabled": False}}}, "allowPlain"),
        ({"flower": {"viewer": {"basicAuthKey": ""}}}, "Flower without a login"),
        ({"flower": {"extraEnv": [PROVIDER]}}, "never gets to"),
        ({"valkey": {"enabled": True}}, "valkey.auth.password"),
        ({"postgresql": {"enabled": True}}, "postgresql.auth.existingSecret"),
        ({"workerPools": {"stream": None}}, "no pool of kind stream"),
        ({"workerPools": {"stream": {"autoscaling": {"enabled": True}}}}, "Set prometheus"),
        (
            {
                "workerPools": {
                    "stream": {"autoscaling": {"enabled": True, "trigger": "prometheus"}}
                }
            },
            "needs serverAddress",
        ),
        ({"workerPools": {"render": {"autoscaling": {"enabled": True}}}}, "externalRedis.host"),
        (
            {"workerPools": {"render": {"autoscaling": {"enabled": True, "minReplicas": 11}}}},
            "more than maxReplicas",
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_cant_be_is_refused_with_its_place(
    version: str, values: dict[str, Any], said: str
) -> None:
    refusal = helm(version).refused(CHART, values)
    assert refusal is not None
    assert said in refusal


@pytest.mark.parametrize("case", FILES)
def test_the_examples_say_what_they_are_for(case: str) -> None:
    assert FILES[case].read_text(encoding="utf-8").startswith("# ")


def test_a_pool_takes_what_it_doesnt_say_from_the_defaults_and_changes_them_for_nobody() -> None:
    pools = {"workerPools": {"other": {"slots": 7, "nodeSelector": {"a": "b"}}}}
    before = deepcopy(pools)
    found = {
        t["metadata"]["name"]: t
        for t in helm().template(CHART, pools)
        if t["kind"] == "StatefulSet"
    }
    other, stream = found["fleet-doppelcast-other"], found["fleet-doppelcast-stream"]
    assert other["spec"]["template"]["spec"]["nodeSelector"] == {"a": "b"}
    assert "nodeSelector" not in stream["spec"]["template"]["spec"]
    assert other["spec"]["replicas"] == DEFAULTS["workerDefaults"]["replicas"]
    assert pools == before
