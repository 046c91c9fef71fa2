"""The file as a tree in which every value knows its path and its line.

Checks walk this tree, not the models, so that one broken entry hides nothing that is wrong in
another, and each problem points at the line to be mended.

A subset of YAML 1.1: keys are taken as they are typed (`on` is the word, not a truth value), a key
may stand once, and aliases must not go round in circles.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from orchestrator.domain.endpoint import redacted
from orchestrator.errors import Problem

SHOWN = 60
DEEPEST = 20
MOST_NODES = 50_000
ENDPOINT = ".endpoint"

Step = str | int


@dataclass(frozen=True)
class Tree:
    """A value of the file, with what stands in it."""

    value: object
    path: str
    line: int
    keys: "Mapping[str, Tree]" = field(default_factory=dict)
    items: "tuple[Tree, ...]" = ()

    def at(self, *steps: Step) -> "Tree | None":
        """What stands there, if anything does."""
        found: Tree | None = self
        for step in steps:
            if found is None:
                return None
            found = found.child(step)
        return found

    def child(self, step: Step) -> "Tree | None":
        """One step down."""
        if isinstance(step, int):
            return self.items[step] if step < len(self.items) else None
        return self.keys.get(step)

    def each(self, *steps: Step) -> "tuple[Tree, ...]":
        """The entries of the list that stands there; none where there is no list."""
        found = self.at(*steps)
        return () if found is None else found.items

    def text(self, *steps: Step) -> str | None:
        """The string that stands there; None where there is none."""
        found = self.at(*steps)
        return found.value if found is not None and isinstance(found.value, str) else None

    def scalars(self) -> "Iterator[Tree]":
        """Every single value in it."""
        if not self.keys and not self.items:
            yield self
        for below in (*self.keys.values(), *self.items):
            yield from below.scalars()

    def problem(self, message: str, remedy: str, *, show: bool = True) -> Problem:
        """Something is wrong here."""
        return Problem(self.path, message, remedy, shown(self) if show else None, self.line)


def shown(tree: Tree) -> str | None:
    """A value as an error may quote it: short, no key, no address with more than its host.

    Of an endpoint only the redacted address is quoted: who types a key types it there.
    """
    value = tree.value
    if value is None or isinstance(value, (tuple, dict)):
        return None
    text = str(value)
    if "://" in text:
        return _redacted(text)
    if ENDPOINT in tree.path:
        return None
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _redacted(text: str) -> str | None:
    try:
        return redacted(text)
    except ValueError:
        return None


def parse(document: str) -> tuple[Tree, tuple[Problem, ...]]:
    """The tree of a YAML document, and what is wrong with its form."""
    empty = Tree({}, "", 1)
    try:
        loader = yaml.SafeLoader(document)
    except yaml.reader.ReaderError as error:
        where = Problem("matrix", f"the file isn't text: {error.reason}", "Save it as UTF-8.")
        return empty, (where,)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        return empty, (_syntax(error),)
    finally:
        loader.dispose()
    if node is None:
        return empty, (
            Problem("matrix", "the file is empty.", "Start from deploy/demo/small.yaml."),
        )
    planter = _Planter()
    tree = planter.plant(node, "", 0)
    return tree, tuple(planter.problems)


def _syntax(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    what = " ".join(part for part in (error.context, error.problem) if part)
    remedy = "Check indentation, colons and quotes; quote texts that hold ': ' or begin with '{'."
    return Problem("matrix", f"this isn't YAML: {what}.", remedy, None, line)


class _Planter:
    """Makes the tree of a document's nodes, and collects what it stumbles over."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.nodes = 0
        self.full = False
        self.constructor = yaml.constructor.SafeConstructor()

    def plant(self, node: yaml.Node, path: str, depth: int) -> Tree:
        self.nodes += 1
        line = node.start_mark.line + 1
        if self.full or depth > DEEPEST or self.nodes > MOST_NODES:
            if not self.full:
                self._found(path, "too deep or too large.", "Don't nest aliases (&, *).", line)
            self.full = True
            return Tree(None, path, line)
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path, depth)
            case yaml.SequenceNode():
                items = tuple(
                    self.plant(below, f"{path}[{index}]", depth + 1)
                    for index, below in enumerate(node.value)
                )
                return Tree(tuple(item.value for item in items), path, line, items=items)
            case _:
                return Tree(self._scalar(node, path), path, line)

    def _mapping(self, node: yaml.MappingNode, path: str, depth: int) -> Tree:
        keys: dict[str, Tree] = {}
        for name, below in node.value:
            line = name.start_mark.line + 1
            key = name.value if isinstance(name, yaml.ScalarNode) else "?"
            where = f"{path}.{key}" if path else key
            if key in keys:
                first = keys[key].line
                self._found(
                    where, f"the key stands twice, first on line {first}.", "Keep one.", line
                )
                continue
            keys[key] = self.plant(below, where, depth + 1)
        value = {key: tree.value for key, tree in keys.items()}
        return Tree(value, path, node.start_mark.line + 1, keys=keys)

    def _scalar(self, node: yaml.Node, path: str) -> object:
        try:
            return self.constructor.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError, LookupError, AttributeError):
            line = node.start_mark.line + 1
            self._found(path, "this value can't be read.", "Put it into quotes.", line)
            return None

    def _found(self, path: str, message: str, remedy: str, line: int) -> None:
        self.problems.append(Problem(path or "matrix", message, remedy, None, line))
