"""What the chart's pods are like: rights, patience, secrets, autoscaling."""

import json
from typing import Any

import pytest

from orchestrator.cli.main import app
from orchestrator.settings import SECRETS, Settings
from tests.support.chart import (
    DEFAULTS,
    FILES,
    RELEASE,
    Workload,
    by_name,
    of_kind,
    rendered,
    workloads,
)

CASES = ("", *FILES)
MARKER = "Never-shown_anywhere-but-in-a-Secret"
COMMANDS = {command.name for command in app.registered_commands}
STORE_USERS = {"coordinator", "recorder", "migrate", "matrix", "console", "test"}
OURS = "doppelcast/doppelcast"


@pytest.mark.parametrize("case", CASES)
def test_every_container_is_restricted_and_asks_for_what_it_needs(case: str) -> None:
    for workload in workloads(rendered(case)):
        pod, container = workload.pod, workload.container
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert {"cpu", "memory"} <= set(container["resources"]["requests"]), workload.name
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        claimed = {
            c["metadata"]["name"] for c in workload.thing["spec"].get("volumeClaimTemplates", ())
        }
        assert mounted == {volume["name"] for volume in pod["volumes"]} | claimed
        for volume in pod["volumes"]:
            assert set(volume) - {"name"} <= {
                "emptyDir",
                "secret",
                "configMap",
                "projected",
                "persistentVolumeClaim",
            }


@pytest.mark.parametrize("case", CASES)
def test_service_variables_never_pass_for_settings(case: str) -> None:
    # A service named doppelcast-metrics would be DOPPELCAST_METRICS_PORT=tcp://… in every pod.
    for workload in workloads(rendered(case)):
        assert workload.pod["enableServiceLinks"] is False


@pytest.mark.parametrize("case", CASES)
def test_what_keeps_running_is_asked_how_it_is(case: str) -> None:
    for workload in workloads(rendered(case)):
        if workload.kind not in ("Deployment", "StatefulSet") or workload.name == "console":
            continue
        probes = {
            probe: workload.container[f"{probe}Probe"]
            for probe in ("startup", "liveness", "readiness")
        }
        if "metrics" in {port["name"] for port in workload.container["ports"]}:
            paths = {probe: found["httpGet"]["path"] for probe, found in probes.items()}
            assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
            assert workload.env["DOPPELCAST_METRICS_PORT"] == str(
                workload.container["ports"][0]["containerPort"]
            )
            assert workload.env["DOPPELCAST_METRICS_HOST"] == "0.0.0.0"
        # A restart takes streams off air; nobody may be restarted for a slow minute.
        patience = probes["liveness"]["periodSeconds"] * probes["liveness"]["failureThreshold"]
        assert patience >= 120


@pytest.mark.parametrize("case", CASES)
def test_a_worker_is_killed_long_after_it_was_to_be_empty(case: str) -> None:
    for workload in workloads(rendered(case)):
        if workload.component == "stream-worker":
            *leave, drain = workload.container["lifecycle"]["preStop"]["exec"]["command"]
            assert leave == ["doppelcast", "leave", "--timeout"]
            grace = float(workload.env["DOPPELCAST_GRACE_SECONDS"])
            assert workload.pod["terminationGracePeriodSeconds"] >= float(drain) + grace + 15
        elif workload.component == "render-worker":
            assert "lifecycle" not in workload.container
            assert workload.pod["terminationGracePeriodSeconds"] >= 60


def test_a_longer_drain_makes_a_longer_patience() -> None:
    more = {"workerPools": {"stream": {"drain": {"timeoutSeconds": 3000}, "graceSeconds": 100}}}
    assert _stream(more=more).pod["terminationGracePeriodSeconds"] == 3115
    without = _stream(more={"workerDefaults": {"drain": {"enabled": False}}})
    assert "lifecycle" not in without.container
    assert without.pod["terminationGracePeriodSeconds"] == 60


@pytest.mark.parametrize("case", CASES)
def test_processes_are_told_settings_that_exist_and_run_commands_that_exist(case: str) -> None:
    fields = {f"DOPPELCAST_{name.upper()}" for name in Settings.model_fields}
    for workload in workloads(rendered(case)):
        if OURS not in workload.container["image"]:
            continue
        assert {name for name in workload.told if name.startswith("DOPPELCAST_")} <= fields
        if args := workload.container.get("args"):
            assert args[0] in COMMANDS
        assert {"DOPPELCAST_REDIS_URL", "DOPPELCAST_REDIS_PREFIX"} <= workload.told


def test_every_setting_is_the_charts_or_left_alone_on_purpose() -> None:
    told = {name for case in CASES for w in workloads(rendered(case)) for name in w.told}
    fields = {f"DOPPELCAST_{name.upper()}" for name in Settings.model_fields}
    assert fields - told == {"DOPPELCAST_FFMPEG", "DOPPELCAST_FONT"}, "the image brings those"


def test_a_worker_has_its_pods_name_and_address_and_no_way_to_the_store() -> None:
    for case in CASES:
        for workload in workloads(rendered(case)):
            if OURS in workload.container["image"]:
                has_store = "DOPPELCAST_STORE_URL" in workload.told
                assert has_store == (workload.component in STORE_USERS), (case, workload.name)
    stream = _stream()
    assert stream.kind == "StatefulSet"
    assert stream.env["DOPPELCAST_NODE"] == {"fieldRef": {"fieldPath": "metadata.name"}}
    assert stream.env["DOPPELCAST_ADVERTISE_HOST"] == {"fieldRef": {"fieldPath": "status.podIP"}}
    assert stream.template["metadata"]["annotations"]["karpenter.sh/do-not-disrupt"] == "true"


@pytest.mark.parametrize("case", CASES)
def test_nobody_counts_the_pods_that_keda_counts(case: str) -> None:
    things = rendered(case)
    scaled = {thing["spec"]["scaleTargetRef"]["name"] for thing in of_kind(things, "ScaledObject")}
    for workload in workloads(things):
        if workload.kind in ("Deployment", "StatefulSet"):
            there = "replicas" in workload.thing["spec"]
            assert there == (workload.thing["metadata"]["name"] not in scaled), workload.name
    assert bool(scaled) == (case == "production")


def test_a_stream_pool_grows_by_itself_and_never_shrinks() -> None:
    scaled = {
        t["metadata"]["name"]: t["spec"] for t in of_kind(rendered("production"), "ScaledObject")
    }
    stream, render = scaled["fleet-doppelcast-stream"], scaled["fleet-doppelcast-render"]
    behavior = stream["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert behavior == {"scaleDown": {"selectPolicy": "Disabled"}}
    (trigger,) = stream["triggers"]
    assert trigger["type"] == "prometheus"
    assert trigger["metadata"]["threshold"] == "30", "as many as a pod has slots"
    assert 'namespace="live"' in trigger["metadata"]["query"]
    lists = {trigger["metadata"]["listName"] for trigger in render["triggers"]}
    assert lists == {"dc:render.now", "dc:render.ahead"}
    (login,) = of_kind(rendered("production"), "TriggerAuthentication")
    assert {"parameter": "password", "name": "doppelcast-redis", "key": "password"} in login[
        "spec"
    ]["secretTargetRef"]


@pytest.mark.parametrize("case", CASES)
def test_a_budget_stands_only_where_a_pod_can_be_spared(case: str) -> None:
    things = rendered(case)
    pods = by_name(things)
    for budget in of_kind(things, "PodDisruptionBudget"):
        workload = pods[budget["metadata"]["name"].removeprefix(RELEASE)]
        assert workload.thing["spec"].get("replicas", 2) >= 2
        assert budget["spec"]["selector"]["matchLabels"].items() <= workload.labels.items()
        # One that isn't ready is in nobody's way, unless its streams may be on air all the same.
        always = budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow"
        assert always == (workload.component != "stream-worker")
    assert bool(of_kind(things, "PodDisruptionBudget")) == (case != "tiny")


@pytest.mark.parametrize("case", CASES)
def test_selectors_find_the_pods_that_are_meant_and_no_others(case: str) -> None:
    things = rendered(case)
    running = [w for w in workloads(things) if w.kind in ("Deployment", "StatefulSet")]
    for workload in running:
        wanted = workload.thing["spec"]["selector"]["matchLabels"].items()
        assert [w.name for w in running if wanted <= w.labels.items()] == [workload.name]
    for service in of_kind(things, "Service"):
        wanted = service["spec"]["selector"].items()
        found = {w.name: w for w in running if wanted <= w.labels.items()}
        (port,) = service["spec"]["ports"]
        assert found, service["metadata"]["name"]
        for workload in found.values():
            assert port["targetPort"] in {p["name"] for p in workload.container["ports"]}


def test_passwords_are_in_secrets_and_nowhere_else() -> None:
    auth = {"enabled": True, "auth": {"password": MARKER}}
    things = rendered("tiny", {"valkey": auth, "postgresql": auth})
    secrets = of_kind(things, "Secret")
    assert len(secrets) == 2
    assert not any(MARKER in json.dumps(thing) for thing in things)
    for workload in workloads(things):
        said = [*workload.container.get("args", ()), *workload.container.get("command", ())]
        assert not any("PASSWORD)" in word for word in said), "an argument is seen by everybody"
        for name, value in workload.env.items():
            if "PASSWORD" in name or name in ("FLOWER_BASIC_AUTH", "FLOWER_COOKIE_SECRET"):
                assert not isinstance(value, str) or name.endswith("_FILE"), name


def test_flower_has_a_login_and_the_viewers_touch_nothing() -> None:
    flowers = by_name(rendered())
    for role in ("admin", "viewer"):
        flower = flowers[f"flower-{role}"]
        login = flower.env["FLOWER_BASIC_AUTH"]["secretKeyRef"]
        assert login == {"name": "doppelcast-flower", "key": role}
        assert flower.env["FLOWER_COOKIE_SECRET"]["secretKeyRef"]["key"] == "cookie-secret"
        assert ("--read-only" in flower.container["args"]) == (role == "viewer")
    behind = by_name(rendered("production"))["flower-viewer"]
    assert behind.env["FLOWER_URL_PREFIX"] == "watch"
    assert behind.container["livenessProbe"]["httpGet"]["path"] == "/watch/healthcheck"


def test_the_schema_is_new_before_anything_new_starts() -> None:
    job = by_name(rendered())["migrate"]
    hook = job.thing["metadata"]["annotations"]["helm.sh/hook"]
    assert hook == "pre-install,pre-upgrade"
    assert "serviceAccountName" not in job.pod, "there is none yet"
    assert job.container["args"][0] == "migrate"
    # A trial PostgreSQL comes with the release, so at first the schema comes after it.
    trial = by_name(rendered("tiny"))["migrate"].thing["metadata"]["annotations"]["helm.sh/hook"]
    assert trial == "post-install,pre-upgrade"


def test_stream_keys_are_files_for_those_who_publish_or_check() -> None:
    for workload in by_name(rendered("production", {"console": {"enabled": True}})).values():
        paths = {mount["mountPath"] for mount in workload.container["volumeMounts"]}
        has = "/etc/doppelcast/keys/keys-suyun" in paths
        assert has == (workload.component in ("stream-worker", "matrix", "console")), workload.name


def test_clips_are_shared_by_all_workers_and_outlive_the_release() -> None:
    (claim,) = of_kind(rendered(), "PersistentVolumeClaim")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    for name in ("stream", "render"):
        worker = by_name(rendered())[name]
        volumes = {v["name"]: v for v in worker.pod["volumes"]}
        assert volumes["media"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
        mounts = {m["name"]: m["mountPath"] for m in worker.container["volumeMounts"]}
        assert mounts["media"] == worker.env["DOPPELCAST_MEDIA_DIR"]
        assert mounts["home"] == worker.env["DOPPELCAST_HOME"]


def test_a_gpu_pool_stands_beside_the_others_and_leaves_the_defaults_alone() -> None:
    pools = by_name(rendered("gpu"))
    gpu = pools["render-gpu"]
    assert gpu.container["resources"]["limits"] == {"memory": "16Gi", "nvidia.com/gpu": 1}
    assert gpu.pod["runtimeClassName"] == "nvidia"
    assert gpu.container["image"] == "doppelcast/doppelcast-cuda:0.1.0-cuda"
    for name in ("stream", "render"):
        assert pools[name].template == by_name(rendered())[name].template
    without = by_name(rendered(more={"workerPools": {"render": None}}))
    assert "render" not in without


def test_every_image_comes_from_the_sites_own_registry() -> None:
    for workload in workloads(rendered("airgapped")):
        assert workload.container["image"].startswith("registry.example.internal:5000/")
        assert workload.pod["imagePullSecrets"] == [{"name": "site-registry"}]
    pinned = by_name(rendered("production"))["stream"].container["image"]
    assert pinned.startswith("doppelcast/doppelcast@sha256:")


def test_a_new_version_of_the_chart_alone_replaces_no_pod() -> None:
    for workload in workloads(rendered()):
        if workload.kind == "Pod":
            continue
        assert not any("chart" in label or "version" in label for label in workload.labels)


def test_the_redis_address_is_put_together_where_the_chart_has_a_host() -> None:
    env = _stream("production").env
    assert env["DOPPELCAST_REDIS_URL"] == (
        "rediss://doppelcast:$(REDIS_PASSWORD)@redis.example.internal:6380/0"
        "?ssl_ca_certs=/etc/doppelcast/redis-ca/ca.crt"
    )
    assert list(env).index("REDIS_PASSWORD") < list(env).index("DOPPELCAST_REDIS_URL")
    assert not _stream("production").files


def test_an_address_that_is_whole_in_a_secret_is_a_file_and_never_in_the_environment() -> None:
    for workload in workloads(rendered("external-everything")):
        assert workload.files["DOPPELCAST_REDIS_URL"] == ("their-redis", "address")
        (mount,) = (m for m in workload.container["volumeMounts"] if m["name"] == "addresses")
        assert mount["mountPath"] == str(SECRETS)
        assert "DOPPELCAST_REDIS_URL" not in workload.env
    coordinator = by_name(rendered("external-everything"))["double-coordinator"]
    assert coordinator.files["DOPPELCAST_STORE_URL"] == ("their-store", "address")


def test_the_trial_valkey_is_reached_without_tls_and_with_a_password() -> None:
    trial = _stream("tiny").env
    assert trial["DOPPELCAST_REDIS_ALLOW_PLAIN"] == "true"
    assert "@fleet-doppelcast-valkey:6379" in trial["DOPPELCAST_REDIS_URL"]


def test_the_defaults_are_fit_for_production() -> None:
    assert DEFAULTS["settings"]["production"] is True
    assert DEFAULTS["coordinator"]["replicas"] == 2
    assert not DEFAULTS["valkey"]["enabled"]
    assert not DEFAULTS["postgresql"]["enabled"]


def _stream(case: str = "", more: dict[str, Any] | None = None) -> Workload:
    return by_name(rendered(case, more))["stream"]
