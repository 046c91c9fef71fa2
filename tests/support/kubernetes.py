"""What a cluster would say of objects: Kubernetes' own schemas, and those of two operators.

    complaints(thing, "1.33")     an empty list, or what is wrong with it

Unknown keys are wrong, too, which a cluster would pass over in silence.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
from pydantic import BaseModel, ValidationError
from referencing import Registry, Resource

VERSIONS = ("1.29", "1.33", "1.37")
"""The oldest that the chart allows, one between, the newest that is known here."""
OPERATORS = ("keda.sh/v1alpha1", "monitoring.coreos.com/v1")


def complaints(thing: Mapping[str, Any], version: str) -> list[str]:
    """What is wrong with an object."""
    if thing["apiVersion"] in OPERATORS:
        return _of_operators(thing)
    validator = _validator(version, thing["apiVersion"], thing["kind"])
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(thing)]


@cache
def _validator(version: str, api: str, kind: str) -> Any:
    group, _, number = api.rpartition("/")
    name = "-".join(filter(None, (kind.lower(), group.partition(".")[0], number)))
    resource = Resource.from_contents(_schema(version, name))
    registry: Any = resource @ (_definitions(version) @ Registry())
    return jsonschema.Draft202012Validator(resource.contents, registry=registry)


@cache
def _definitions(version: str) -> Any:
    return Resource.from_contents(_schema(version, "_definitions"))


def _schema(version: str, name: str) -> Any:
    every = files("kubernetes_validate").joinpath("kubernetes-json-schema")
    folder = next(
        f for f in every.iterdir() if f.name.startswith(f"v{version}.") and "strict" in f.name
    )
    return json.loads(folder.joinpath(f"{name}.json").read_text(encoding="utf-8"))


@cache
def _model(kind: str) -> type[BaseModel]:
    from cloudcoil.models import keda, prometheus_operator

    packages = {"ScaledObject": keda.v1alpha1, "TriggerAuthentication": keda.v1alpha1}
    model: type[BaseModel] = getattr(packages.get(kind, prometheus_operator.v1), kind)
    return model


def _of_operators(thing: Mapping[str, Any]) -> list[str]:
    try:
        _model(thing["kind"]).model_validate(dict(thing), extra="forbid")
    except ValidationError as error:
        return [f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors()]
    return []
