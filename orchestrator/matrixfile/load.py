"""Reads a matrix file, and says everything that is wrong with it at once.

Two readings of one tree: the models say whether each value is of its kind, the checks whether the
whole holds together. Both run whatever the other found. What follows only from all of it together
(who may be where, who watches when, what contracts ask) is looked at once names and hours hold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestrator.domain.matrix import Matrix
from orchestrator.domain.schedule import Act
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import Problem, SpecError
from orchestrator.ids import ShopId, TargetDigest
from orchestrator.matrixfile import (
    agreements,
    cast,
    drawn,
    hours,
    lower,
    names,
    scripts,
    timetable,
)
from orchestrator.matrixfile.endpoints import ResolveKey, addresses, keys
from orchestrator.matrixfile.pictures import Picture, pictures
from orchestrator.matrixfile.producer import producer
from orchestrator.matrixfile.shape import matrix_of
from orchestrator.matrixfile.tree import Tree, parse

NAMES_AND_HOURS: Sequence[Callable[[Tree], Iterator[Problem]]] = (
    names.declared_once,
    names.used_names,
    names.names_of_the_plan,
    names.allowed_there,
    hours.hours,
)
CHECKS: Sequence[Callable[[Tree], Iterator[Problem]]] = (
    names.drawn_and_spoken,
    scripts.prices,
    scripts.wording,
    scripts.something_to_say,
    scripts.nothing_twice,
    addresses,
    drawn.label,
    producer,
)
OF_THE_WHOLE: Sequence[Callable[[Tree, Matrix], Iterator[Problem]]] = (
    cast.shops_have_somebody,
    cast.personas_have_a_shop,
    timetable.grid,
    timetable.shifts,
    timetable.fleet,
    timetable.human,
    timetable.human_rooms,
    agreements.contracts,
)
"""What can be told only where every name is known and every hour is one."""


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

    def acts(self) -> Mapping[ShopId, tuple[Act, ...]]:
        """Each shop's doubles: all that may be there, with what they say there."""
        return lower.acts(self.matrix)

    def streams(self, turns: lower.Turns | None = None) -> tuple[StreamSpec, ...]:
        """What workers carry: one stream a shop; with turns, as they say."""
        return lower.streams(self.matrix, self.targets, self.pictures, turns)


def load(
    path: Path, resolve: ResolveKey, font: Path | None = None, now: datetime | None = None
) -> Loaded:
    """The matrix in a file. `SpecError` names every problem in it; with `now`, what has ended."""
    try:
        document = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = f"the file can't be read: {error.strerror}."
        raise SpecError([Problem(str(path), why, "Name a matrix file.")]) from error
    except UnicodeDecodeError:
        raise SpecError(
            [Problem(str(path), "the file isn't UTF-8.", "Save it as UTF-8.")]
        ) from None
    return checked(document, path.parent, resolve, font, now)


def checked(
    document: str,
    folder: Path,
    resolve: ResolveKey,
    font: Path | None = None,
    now: datetime | None = None,
) -> Loaded:
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
    unsure = [found for check in NAMES_AND_HOURS for found in check(tree)]
    everything = [*problems, *misshapen, *untargeted, *unreachable, *unsure]
    for check in CHECKS:
        everything.extend(check(tree))
    everything.extend(drawn.drawable(tree, drawn.glyphs(font)))
    if matrix is not None and not unsure:
        everything.extend(_of_the_whole(tree, matrix, now))
    if everything or matrix is None:
        raise SpecError(sorted(everything, key=lambda problem: (problem.line or 0, problem.path)))
    return Loaded(document, matrix, targets, found)


def _of_the_whole(tree: Tree, matrix: Matrix, now: datetime | None) -> Iterator[Problem]:
    for check in OF_THE_WHOLE:
        yield from check(tree, matrix)
    if now is not None:
        wall = now.astimezone(ZoneInfo(matrix.streamer.time_zone)).replace(tzinfo=None)
        yield from cast.consents_hold(tree, matrix, wall)
