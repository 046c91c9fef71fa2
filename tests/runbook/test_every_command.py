"""Every command of the runbook is run by a test, or checked against what it names."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.runbook import test_at_a_desk, test_on_a_fleet
from tests.support import runbook
from tests.support.chart import CHART, rendered
from tests.support.helm import VERSIONS, Helm
from tests.support.redis_tls import ACL

ROOT = runbook.ROOT
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
COMPOSE_VERBS = frozenset({"build", "up", "run", "start", "stop", "restart", "exec", "logs"})
KUBECTL_VERBS = frozenset({"create", "rollout", "scale", "exec", "apply"})
HELM_VERBS = frozenset({"install", "upgrade", "test"})
RUN_HERE = test_on_a_fleet.RUN_HERE | test_at_a_desk.RUN_HERE
LOOKED_AT = frozenset({"compose", "kubectl", "helm", "alias"})
"""Programs whose commands are checked below, whether they are run or not."""
COMMANDS = runbook.commands()


def of(program: str) -> list[Any]:
    found = [c for c in COMMANDS if c.program == program]
    return [pytest.param(c, id=c.text[:60]) for c in found]


def test_no_command_is_unknown_to_the_tests() -> None:
    unknown = [c.text for c in COMMANDS if c.program not in LOOKED_AT and c.section not in RUN_HERE]
    assert unknown == []
    assert {c.section for c in COMMANDS} >= RUN_HERE


@pytest.mark.parametrize("command", of("compose"))
def test_compose_commands_name_what_the_file_has(command: runbook.Command) -> None:
    words = list(command.words[1:])
    if words[0] == "--profile":
        assert any(words[1] in s.get("profiles", ()) for s in COMPOSE["services"].values())
        words = words[2:]
    assert words[0] in COMPOSE_VERBS
    named = [w for w in words[1:] if not w.startswith("-") and not w.isdigit()]
    if words[0] in ("exec", "run"):
        named = named[:1]
    assert set(named) <= COMPOSE["services"].keys()


def test_the_aliases_mean_the_compose_file_and_the_charts_console() -> None:
    meant = dict(c.words[1].split("=", 1) for c in COMMANDS if c.program == "alias")
    assert meant["compose"] == "docker compose -f deploy/compose.yaml"
    texts = [c.text for c in COMMANDS if c.program == "alias"]
    assert any(t.endswith("'compose run --rm apply'") for t in texts)
    assert COMPOSE["services"]["apply"]["image"].startswith("${DOPPELCAST_IMAGE")
    [console] = [t for t in texts if "kubectl" in t]
    assert set(re.findall(r"\w+/([\w-]+)", console)) <= _names()


@pytest.mark.parametrize("command", of("kubectl"))
def test_kubectl_commands_name_what_the_chart_makes(command: runbook.Command) -> None:
    words = [w for w in command.words if w not in ("-n", "live")]
    assert words[1] in KUBECTL_VERBS
    things = [w for w in words[2:] if re.fullmatch(r"(deployment|statefulset|deploy)/[\w-]+", w)]
    for thing in things:
        kind, _, name = thing.partition("/")
        assert (kind.replace("deploy", "deployment", kind == "deploy"), name) in _things()
    if words[1] == "create" and words[2] == "secret":
        assert words[4] in _secrets()
    else:
        assert things or words[1] == "create"


@pytest.mark.parametrize("command", of("helm"))
@pytest.mark.parametrize("version", VERSIONS)
def test_helm_takes_the_values_that_are_given(command: runbook.Command, version: str) -> None:
    assert command.words[1:3] == ("-n", "live")
    verb, release, *rest = command.words[3:]
    assert (verb in HELM_VERBS, release) == (True, "fleet")
    if verb == "test":
        assert any("helm.sh/hook" in str(t["metadata"].get("annotations")) for t in _render())
        return
    assert rest[0] == "helm/doppelcast"
    options = [option for option in rest[1:] if option != "--reuse-values"]
    assert Helm.of(version).template(CHART, None, *options)


def test_the_line_for_redis_is_the_one_that_is_tested() -> None:
    assert f"ACL SETUSER fleet on >PASSWORD {ACL}\n" in runbook.text()
    assert f" {ACL}\n" in (ROOT / "deploy/compose/prepare.sh").read_text()


def test_the_fleets_size_follows_from_what_was_measured() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    measured = re.search(r"100 streams \| ([\d.]+) cores, (\d+) MiB", readme)
    assert measured is not None
    cores, gib = 0.6 * float(measured[1]), 0.6 * int(measured[2]) / 1024
    rows = re.findall(
        r"\| (\d+) \| (\d+) \| ([\d.]+) cores, ([\d.]+) GiB \| (\d+) Mb/s", runbook.text()
    )
    assert len(rows) >= 5
    for rooms, workers, its_cores, its_gib, line in rows:
        assert int(workers) == -(-int(rooms) // 60) + 1
        assert (its_cores, its_gib) == (f"{cores:.2f}", f"{gib:.1f}")
        assert int(line) == 60 * 2.5


def test_every_link_leads_somewhere() -> None:
    text = runbook.text()
    titles = re.findall(r"(?m)^#{2,3} (.+)$", text)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors
    for path in re.findall(r"\]\(([^#)]+)\)", text):
        assert (Path(runbook.PATH).parent / path).is_file(), path


def _render() -> list[dict[str, Any]]:
    more = {"console": {"enabled": True}}
    return [*rendered("", more), *rendered("production", more)]


def _things() -> set[tuple[str, str]]:
    return {(t["kind"].lower(), t["metadata"]["name"]) for t in _render()}


def _names() -> set[str]:
    return {name for _, name in _things()}


def _secrets() -> set[str]:
    text = yaml.safe_dump_all(_render())
    return set(re.findall(r"secretName: ([\w-]+)", text)) | set(
        re.findall(r"secretKeyRef:\s+key: [\w-]+\s+name: ([\w-]+)", text)
    )
