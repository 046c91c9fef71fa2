"""Reads a matrix file, and says everything that is wrong with it at once.

Two readings of one tree: the models say whether each value is of its kind, the checks whether the
whole holds together. Both run whatever the other found.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.domain.matrix import Matrix
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import Problem, SpecError
from orchestrator.ids import ShopId, TargetDigest
from orchestrator.matrixfile import drawn, hours, lower, names, scripts
from orchestrator.matrixfile.endpoints import ResolveKey, addresses, keys
from orchestrator.matrixfile.pictures import Picture, pictures
from orchestrator.matrixfile.producer import producer
from orchestrator.matrixfile.shape import matrix_of
from orchestrator.matrixfile.tree import Tree, parse

CHECKS: Sequence[Callable[[Tree], Iterator[Problem]]] = (
    names.declared_once,
    names.used_names,
    names.allowed_there,
    names.drawn_and_spoken,
    hours.hours,
    scripts.prices,
    scripts.wording,
    scripts.something_to_say,
    scripts.nothing_twice,
    addresses,
    drawn.label,
    producer,
)


@dataclass(frozen=True)
class Loaded:
    """A matrix that holds together, with what was found around it. No key in it."""

    document: str
    """The file as it was read."""
    matrix: Matrix
    targets: Mapping[ShopId, TargetDigest]
    """What each shop really publishes to."""
    pictures: Mapping[str, Picture]
    """The pictures, by the name in the file."""

    def streams(self) -> tuple[StreamSpec, ...]:
        """What workers carry: one stream a shop."""
        return lower.streams(self.matrix, self.targets, self.pictures)


def load(path: Path, resolve: ResolveKey, font: Path | None = None) -> Loaded:
    """The matrix in a file. `SpecError` names every problem in it."""
    try:
        document = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = f"the file can't be read: {error.strerror}."
        raise SpecError([Problem(str(path), why, "Name a matrix file.")]) from error
    except UnicodeDecodeError:
        raise SpecError(
            [Problem(str(path), "the file isn't UTF-8.", "Save it as UTF-8.")]
        ) from None
    return checked(document, path.parent, resolve, font)


def checked(document: str, folder: Path, resolve: ResolveKey, font: Path | None = None) -> Loaded:
    """The matrix in a document whose pictures are in `folder`."""
    tree, problems = parse(document)
    if not tree.keys:
        top = tree.problem(
            "the file should be a block of keys.", "Start from deploy/demo/small.yaml."
        )
        raise SpecError(problems or [top])
    matrix, misshapen = matrix_of(tree)
    targets, untargeted = keys(tree, resolve)
    found, unreachable = pictures(tree, folder)
    everything = [*problems, *misshapen, *untargeted, *unreachable]
    for check in CHECKS:
        everything.extend(check(tree))
    everything.extend(drawn.drawable(tree, drawn.glyphs(font)))
    if everything or matrix is None:
        raise SpecError(sorted(everything, key=lambda problem: (problem.line or 0, problem.path)))
    return Loaded(document, matrix, targets, found)
