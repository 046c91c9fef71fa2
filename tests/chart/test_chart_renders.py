"""The chart under both Helms, and what Kubernetes and two operators say of what it makes."""

from itertools import product

import pytest
import yaml

from tests.support import kubernetes
from tests.support.chart import CHART, FILES, helm, rendered
from tests.support.helm import ROOT, VERSIONS, objects

CASES = ("", *FILES)
GOLDEN = ROOT / "tests" / "chart" / "golden" / "default.yaml"
NEW_GOLDEN = "helm template fleet helm/doppelcast -n live > tests/chart/golden/default.yaml"


@pytest.mark.parametrize("version", VERSIONS)
def test_helm_finds_nothing_to_warn_of(version: str) -> None:
    helm(version).lint(CHART)
    for file in FILES.values():
        helm(version).lint(CHART, file)


@pytest.mark.parametrize("case", CASES)
def test_both_helms_make_the_same(case: str) -> None:
    first, *others = (rendered(case, version=version) for version in VERSIONS)
    assert first
    assert all(sorted(map(yaml.safe_dump, first)) == sorted(map(yaml.safe_dump, o)) for o in others)


@pytest.mark.parametrize(("case", "version"), tuple(product(CASES, kubernetes.VERSIONS)))
def test_clusters_old_and_new_know_every_key(case: str, version: str) -> None:
    wrong = {
        f"{thing['kind']}/{thing['metadata']['name']}": found
        for thing in rendered(case)
        if (found := kubernetes.complaints(thing, version))
    }
    assert not wrong


def test_a_key_that_no_cluster_knows_would_be_found() -> None:
    for thing in rendered("production"):
        thing.setdefault("spec", {})["replicaz"] = 1
        assert all(kubernetes.complaints(thing, version) for version in kubernetes.VERSIONS), thing


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_there_twice_and_all_of_it_is_in_the_release(case: str) -> None:
    names = [(t["kind"], t["metadata"]["name"]) for t in rendered(case)]
    assert len(set(names)) == len(names)
    for thing in rendered(case):
        if thing["metadata"]["name"] != "fleet-more":  # that one is the values file's own
            labels = thing["metadata"]["labels"]
            assert thing["metadata"]["namespace"] == "live"
            assert labels["app.kubernetes.io/instance"] == "fleet"
            assert labels["app.kubernetes.io/managed-by"] == "Helm"


def test_the_default_objects_are_those_that_were_looked_at() -> None:
    text = GOLDEN.read_text(encoding="utf-8")
    assert list(objects(text)) == list(rendered()), f"If that is meant: {NEW_GOLDEN}"


def test_the_notes_say_what_to_do_next_and_what_to_mind() -> None:
    def notes(*files: str) -> str:
        return helm().notes(CHART, *(FILES[file] for file in files))

    assert "helm -n live test fleet" in notes()
    assert "WARNING" not in notes()
    tiny = notes("tiny")
    assert "pool stream has one pod" in tiny
    assert "is for trials" in tiny
    assert "matrix/matrix.yaml is applied" in notes("production")
