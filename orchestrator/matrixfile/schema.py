"""The matrix file's JSON Schema, for editors that complete and check while one types."""

from typing import Any

from orchestrator.domain.looks import STYLES
from orchestrator.domain.matrix import Matrix
from orchestrator.domain.media import PROFILES
from orchestrator.domain.voices import voices_of
from orchestrator.matrixfile.names import ENGINE
from orchestrator.platforms import PLATFORMS, Stance

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The file's schema, with the names that this installation knows."""
    found = Matrix.model_json_schema(mode="validation")
    parts = found["$defs"]
    allowed = [name for name, p in PLATFORMS.items() if p.stance is not Stance.FORBIDDEN]
    _restrict(parts["Shop"], "platform", allowed)
    _restrict(parts["Shop"], "profile", list(PROFILES))
    _restrict_each(parts["PersonaSpec"], "platforms", allowed)
    _restrict(parts["VoiceSpec"], "name", list(voices_of(ENGINE)))
    _restrict(parts["LookSpec"], "style", list(STYLES))
    return {"$schema": DIALECT, **found, "title": "Doppelcast matrix"}


def _restrict(part: dict[str, Any], key: str, names: list[str]) -> None:
    described = {
        k: v for k, v in part["properties"][key].items() if k in ("description", "default")
    }
    part["properties"][key] = {**described, "enum": names}


def _restrict_each(part: dict[str, Any], key: str, names: list[str]) -> None:
    """The entries of a list that may be left out."""
    several = next(form for form in part["properties"][key]["anyOf"] if "items" in form)
    several["items"] = {"enum": names}
