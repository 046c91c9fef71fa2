"""The dashboards by Grafana's own model of them: every key is one of its keys, every word its word.

Read into the classes that Grafana makes from its schemas, and written again: what they don't know
is lost on the way, and found out here.
"""

import copy
import json
import typing
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.support.prometheus import DASHBOARDS

FILES = sorted(DASHBOARDS.glob("*.json"))
BEYOND_THE_SCHEMA = {
    "definition",  # a variable's query as Grafana's own list of variables shows it
    "step",  # what the Prometheus data source itself reads of an annotation
    "tagKeys",
    "titleFormat",
}


@pytest.fixture(autouse=True, scope="module")
def panels_and_queries_are_known_by_their_kinds() -> None:
    register_default_plugins()


def lost(before: Any, after: Any, at: str = "") -> Iterator[str]:
    """Where something isn't what it was."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            yield from lost(value, after.get(key, "nothing"), f"{at}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, pair in enumerate(zip(before, after, strict=True)):
            yield from lost(*pair, f"{at}/{place}")
    elif before != after:
        yield at


def unheard_of(thing: Any, at: str = "") -> Iterator[str]:
    """Where a word stands that isn't one of those from which the model has to choose."""
    if isinstance(thing, list | dict):
        pairs = thing.items() if isinstance(thing, dict) else enumerate(thing)
        for key, value in pairs:
            yield from unheard_of(value, f"{at}/{key}")
    elif hasattr(thing, "from_json"):
        hints = typing.get_type_hints(type(thing).__init__)
        for name, value in vars(thing).items():
            if isinstance(value, str) and not _may_be(value, hints.get(name)):
                yield f"{at}/{name}: {value}"
            yield from unheard_of(value, f"{at}/{name}")


def _may_be(value: str, hint: Any) -> bool:
    kinds = [kind for kind in (hint, *typing.get_args(hint)) if isinstance(kind, type)]
    words = [kind for kind in kinds if issubclass(kind, Enum)]
    return (
        not words or str in kinds or any(value in {word.value for word in kind} for kind in words)
    )


def complaints(page: dict[str, Any]) -> list[str]:
    model = Dashboard.from_json(page)
    again = json.loads(JSONEncoder().encode(model))
    beyond = [at for at in lost(page, again) if at.rpartition("/")[2] not in BEYOND_THE_SCHEMA]
    return [*beyond, *unheard_of(model)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_grafanas_model_knows_all_that_a_dashboard_says(path: Path) -> None:
    assert complaints(json.loads(path.read_text(encoding="utf-8"))) == []


def test_what_it_does_not_know_is_found_out() -> None:
    page = json.loads(FILES[0].read_text(encoding="utf-8"))
    timeline = next(n for n, one in enumerate(page["panels"]) if one["type"] == "state-timeline")

    def spoiled(*keys: str | int, value: Any) -> list[str]:
        copied = copy.deepcopy(page)
        inner = copied["panels"][timeline]
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value
        return complaints(copied)

    assert spoiled("title", value="Another") == []
    assert spoiled("heading", value="Rooms")
    assert spoiled("options", "rowHight", value=0.9)
    assert spoiled("options", "showValue", value="sometimes")
    assert spoiled("options", "legend", "placement", value="left")
    assert spoiled("fieldConfig", "defaults", "thresholds", "mode", value="relative")
    assert spoiled("fieldConfig", "defaults", "custom", "fillOpacty", value=1)
    assert spoiled("targets", 0, "instantly", value=True)
