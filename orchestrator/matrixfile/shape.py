"""Is every key known, is every value of the right kind? pydantic's findings in an operator's words.

Each says where, what was found, what is allowed, and what to do; descriptions and examples come
from the models' own fields.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from orchestrator.domain.matrix import Matrix
from orchestrator.errors import Problem
from orchestrator.matrixfile.nearest import one_of
from orchestrator.matrixfile.tree import Step, Tree

SHOULD_BE: Mapping[str, str] = MappingProxyType(
    {
        "tuple_type": "should be a list",
        "model_type": "should be a block of keys",
        "mapping_type": "should be a block of keys",
        "dict_type": "should be a block of keys",
        "string_type": "should be text",
        "float_type": "should be a number",
        "decimal_type": "should be a number",
        "decimal_parsing": "should be a number",
        "date_type": "should be a date",
        "datetime_type": "should be a date",
        "string_pattern_mismatch": "doesn't have the right form",
        "string_too_short": "is empty",
        "too_short": "is empty",
    }
)


def matrix_of(tree: Tree) -> tuple[Matrix | None, tuple[Problem, ...]]:
    """The matrix, or what keeps the tree from being one."""
    try:
        return Matrix.model_validate(tree.value), ()
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    return None, tuple(_problem(tree, detail) for detail in details)


def _problem(tree: Tree, detail: ErrorDetails) -> Problem:
    steps = tuple(step for step in detail["loc"] if step != "[key]")
    explain = EXPLAINED.get(detail["type"], _wrong_value)
    return explain(tree, steps, detail)


def _unknown_key(tree: Tree, steps: Sequence[Step], _: ErrorDetails) -> Problem:
    key = str(steps[-1])
    known = tuple(_model_at(steps[:-1]).model_fields)
    place = _deepest(tree, steps)
    if place.path.endswith(f".endpoint.{key}"):
        where, allowed_there = place.path.removesuffix(f".{key}"), ", ".join(known)
        message = "there is a key in it that is unknown."
        return Problem(where, message, f"Allowed: {allowed_there}.", None, place.line)
    return Problem(place.path, f"unknown key {key!r}.", one_of(key, known), None, place.line)


def _missing(tree: Tree, steps: Sequence[Step], _: ErrorDetails) -> Problem:
    place = _deepest(tree, steps[:-1])
    key = str(steps[-1])
    path = f"{place.path}.{key}" if place.path else key
    remedy = f"Add {key}. {allowed(_field_at(steps))}".strip()
    return Problem(path, "is missing.", remedy, None, place.line)


def _wrong_value(tree: Tree, steps: Sequence[Step], detail: ErrorDetails) -> Problem:
    place = _deepest(tree, steps)
    if place.path.endswith("endpoint.key") and place.value is not None:
        return _inline_key(place)
    said = detail["msg"].removeprefix("Value error, ").rstrip(".")
    message = SHOULD_BE.get(detail["type"], said)
    if place.value is None:
        message = "has no value"
    elif isinstance(place.value, str) and not place.value.strip():
        message = "is empty"
    remedy = allowed(_field_at(steps)) or "Correct the value."
    if place.value is None and place.path.rpartition(".")[2] in ("primary", "accent"):
        remedy += " Put it into quotes: an unquoted # begins a comment."
    return place.problem(message[0].lower() + message[1:] + ".", remedy)


def _inline_key(place: Tree) -> Problem:
    return place.problem(
        "this must say where the stream key is found, and not be the key itself.",
        "Put the key into an environment variable or a file, and write env:NAME or file:PATH. "
        "A key that stood here should be renewed at the platform.",
        show=False,
    )


EXPLAINED: Mapping[str, Callable[[Tree, Sequence[Step], ErrorDetails], Problem]] = MappingProxyType(
    {"extra_forbidden": _unknown_key, "missing": _missing}
)


def allowed(field: FieldInfo | None) -> str:
    """What a field takes, in the words and examples of its declaration."""
    if field is None:
        return ""
    told = [field, *_inner_fields(field.annotation)]
    words = next((each.description for each in told if each.description), "")
    examples = next((each.examples for each in told if each.examples), [])
    shown = "Example: " + " or ".join(map(str, examples)) + "." if examples else ""
    return f"{words} {shown}".strip()


def _inner_fields(annotation: Any) -> Iterator[FieldInfo]:
    """What is declared of the entries of a list or a block."""
    for part in get_args(annotation):
        if isinstance(part, FieldInfo):
            yield part
        yield from _inner_fields(part)


def _deepest(tree: Tree, steps: Sequence[Step]) -> Tree:
    """The value there, or the nearest one above it; the file's top answers to `matrix`."""
    for step in steps:
        below = tree.child(step)
        if below is None:
            break
        tree = below
    return tree if tree.path else replace(tree, path="matrix")


def _model_at(steps: Sequence[Step]) -> type[BaseModel]:
    """The model that the file follows at this place."""
    found: Any = Matrix
    for step in steps:
        model = _first_model(found)
        if model is not None and step in model.model_fields:
            found = model.model_fields[str(step)].annotation
    return _first_model(found) or Matrix


def _field_at(steps: Sequence[Step]) -> FieldInfo | None:
    names = [place for place, step in enumerate(steps) if isinstance(step, str)]
    if not names:
        return None
    model = _model_at(steps[: names[-1]])
    return model.model_fields.get(str(steps[names[-1]])) or _field_at(steps[: names[-1]])


def _first_model(annotation: Any) -> type[BaseModel] | None:
    """The model inside of `tuple[X, ...]`, `X | None`, `Mapping[str, X]`, `Annotated[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inside = (_first_model(part) for part in get_args(annotation))
    return next((model for model in inside if model is not None), None)
