"""What people write into values, and what mustn't come of it: each once took a release down."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import kubernetes
from tests.support.chart import CHART, FILES, by_name, helm, rendered, workloads
from tests.support.helm import VERSIONS, Refused, objects

LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
CPU = "sha256:" + "0" * 64
CUDA = "sha256:" + "1" * 64


class Strict(yaml.SafeLoader):
    """YAML in which nothing stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        assert not twice, f"{twice} twice, line {node.start_mark.line}"
        return dict(super().construct_mapping(node, deep))


@pytest.mark.parametrize("version", VERSIONS)
def test_labels_that_are_given_never_hide_what_pods_are_found_by(version: str) -> None:
    taken = {"app.kubernetes.io/name": "shop", "app.kubernetes.io/part-of": "shop", "team": "a"}
    own = {"team": "b", "doppelcast/worker": "no", "app.kubernetes.io/component": "mine"}
    values = {
        "commonLabels": taken,
        "coordinator": {"podLabels": own},
        "workerDefaults": {"podLabels": own},
        "metrics": {"podMonitor": {"enabled": True, "labels": own}},
    }
    text = helm(version).text(CHART, values)
    assert all(yaml.load_all(text, Strict))
    things = objects(text)
    for workload in workloads(things):
        if workload.kind in ("Deployment", "StatefulSet"):
            wanted = workload.thing["spec"]["selector"]["matchLabels"]
            assert wanted.items() <= workload.labels.items()
            assert workload.labels["app.kubernetes.io/part-of"] == "shop"
    pods = by_name(things)
    assert pods["stream"].labels["team"] == "b"
    assert pods["stream"].labels["doppelcast/worker"] == "true"
    assert pods["recorder"].labels["team"] == "a"


def test_a_digest_is_one_images() -> None:
    def image(**own: str) -> str:
        values = {
            "image": {"digest": CPU},
            "workerPools": {"gpu": {"kind": "render", "image": own}},
        }
        return str(by_name(rendered(more=values))["gpu"].container["image"])

    assert image() == image(pullPolicy="Always") == f"doppelcast/doppelcast@{CPU}"
    assert image(registry="near") == f"near/doppelcast/doppelcast@{CPU}"
    assert image(repository="cuda") == "cuda:0.1.0"
    assert image(tag="cuda") == "doppelcast/doppelcast:cuda"
    assert image(repository="cuda", digest=CUDA) == f"cuda@{CUDA}"


@pytest.mark.parametrize("version", VERSIONS)
def test_large_numbers_stay_numbers(version: str) -> None:
    much = 3_000_000
    auto = {"cooldownPeriod": much, "pollingInterval": much, "listLength": much}
    values = {
        "flower": {"maxTasks": much},
        "migrate": {"activeDeadlineSeconds": much, "waitSeconds": much, "backoffLimit": much},
        "settings": {"clipStoreBytes": 42949672960, "clipStoreSpareBytes": "268435456"},
        "coordinator": {"terminationGracePeriodSeconds": much},
        "workerDefaults": {"minReadySeconds": much, "autoscaling": auto},
        "externalRedis": {"database": much},
    }
    things = rendered("production", values, version)
    assert not [c for thing in things for c in kubernetes.complaints(thing, "1.33")]
    assert "e+" not in yaml.safe_dump_all(things)
    assert by_name(things)["stream"].env["DOPPELCAST_CLIP_STORE_BYTES"] == "42949672960"


def test_secrets_of_stream_keys_may_have_any_name() -> None:
    names = ["plain", "with.dots", "with-dots", "a" * 70, "a" * 71]
    keys = {"streamKeys": {"secrets": names}}
    for workload in by_name(rendered("tiny", keys)).values():
        volumes = {
            v["name"]: v.get("secret", {}).get("secretName") for v in workload.pod["volumes"]
        }
        assert all(LABEL.fullmatch(volume) for volume in volumes)
        if workload.component == "stream-worker":
            mounts = {
                m["mountPath"]: volumes.get(m["name"]) for m in workload.container["volumeMounts"]
            }
            assert all(mounts[f"/etc/doppelcast/keys/{name}"] == name for name in names)


def test_a_variable_that_is_given_stands_once_and_counts() -> None:
    def env(value: str) -> list[dict[str, str]]:
        return [{"name": "DOPPELCAST_LOG_LEVEL", "value": value}, {"name": "MORE", "value": value}]

    values = {
        "extraEnv": env("all"),
        "coordinator": {"extraEnv": env("own")},
        "workerDefaults": {"extraEnv": env("own")},
        "flower": {"extraEnv": env("own")},
    }
    for name, workload in by_name(rendered("production", values)).items():
        names = [variable["name"] for variable in workload.container["env"]]
        assert len(set(names)) == len(names), name
        meant = "all" if name in ("recorder", "migrate", "matrix", "test") else "own"
        assert workload.env["DOPPELCAST_LOG_LEVEL"] == workload.env["MORE"] == meant
        assert names.index("REDIS_PASSWORD") < names.index("DOPPELCAST_REDIS_URL")


@pytest.mark.parametrize("release", ["r" * 53, "true", "null", "fleet"])
def test_names_hold_whatever_the_release_is_called(release: str) -> None:
    values = {"workerPools": {"a" * 15: {}, "true": {}}}
    text = helm().text(CHART, values, release=release)
    for thing in objects(text):
        name = thing["metadata"]["name"]
        assert LABEL.fullmatch(name), name
        # Its pods carry the name and ten letters more as a label, and its own name in a list of
        # volumes; a cluster makes no pod whose label is too long.
        assert thing["kind"] != "StatefulSet" or len(name) <= 52
        labels = [thing["metadata"]["labels"], *(w.labels for w in workloads([thing]))]
        for label in (value for found in labels for value in found.values()):
            assert isinstance(label, str)
            assert len(label) <= 63


def test_a_release_whose_name_begins_with_a_digit_says_what_helps() -> None:
    for name in ("2024", "fleet.east"):
        with pytest.raises(Refused, match="set fullnameOverride"):
            helm().text(CHART, {}, release=name)
        assert helm().text(CHART, {"fullnameOverride": "east"}, release=name)


def test_flower_is_healthy_under_any_path() -> None:
    for prefix, path in (("", ""), ("/", ""), ("/watch/", "/watch"), ("watch/it", "/watch/it")):
        things = rendered(more={"flower": {"admin": {"urlPrefix": prefix}}})
        pods = by_name(things)
        probe = pods["flower-admin"].container["livenessProbe"]["httpGet"]["path"]
        assert probe == f"{path}/healthcheck"
        asked = pods["test"].container["command"]
        assert f"http://fleet-doppelcast-flower-admin:5555{path}/healthcheck" in asked
        assert pods["flower-admin"].env.get("FLOWER_URL_PREFIX", "") == path.removeprefix("/")


def test_whoever_comes_by_a_provider_isnt_asked_for_another_login() -> None:
    provider = {"name": "FLOWER_AUTH_PROVIDER", "value": "flower.views.auth.GithubLoginHandler"}
    roles = {role: {"basicAuthKey": ""} for role in ("admin", "viewer")}
    pods = by_name(rendered(more={"flower": {**roles, "extraEnv": [provider]}}))
    for role in roles:
        env = pods[f"flower-{role}"].env
        assert "FLOWER_BASIC_AUTH" not in env
        assert env["FLOWER_COOKIE_SECRET"]["secretKeyRef"]["key"] == "cookie-secret"
        assert env["FLOWER_AUTH_PROVIDER"] == provider["value"]


def test_a_matrix_comes_into_the_console_as_the_notes_say(tmp_path: Path) -> None:
    """Their `kubectl exec … --` is left out, their folder is another."""
    notes = helm().notes(CHART, FILES["tiny"])
    [line] = [line.strip() for line in notes.splitlines() if line.strip().startswith("tar ")]
    send, take = line.split(" | kubectl -n live exec -i deploy/fleet-doppelcast-console -- ")
    given, there = tmp_path / "given", tmp_path / "there"
    (given / "pictures").mkdir(parents=True)
    (given / "matrix.yaml").write_text("shops: []")
    (given / "pictures" / "one.png").write_bytes(b"png")
    here = {"MATRIX_FOLDER": shlex.quote(str(given)), "/tmp/matrix": shlex.quote(str(there))}
    typed = " | ".join((send, take))
    for name, path in here.items():
        typed = typed.replace(name, path)
    subprocess.run(["sh", "-c", typed], check=True, timeout=30)
    assert (there / "matrix.yaml").read_text() == "shops: []"
    assert (there / "pictures" / "one.png").is_file()
    assert "apply /tmp/matrix/matrix.yaml" in notes
