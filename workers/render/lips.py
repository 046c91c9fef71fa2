"""Which mouth each frame shows: timed shapes become mouths that flow into one another.

Every shape is a target of numbers; a frame shows the mean of the targets around its middle, as lips
do when they are on their way. Two things hold whatever the neighbors: pressed lips (m, b, p) are
closed, and in a pause the mouth is closed.
"""

from collections.abc import Mapping, Sequence

from orchestrator.domain.media import FPS
from workers.render.face import Mouth
from workers.render.speech.contract import MouthShape, TimedShape

Target = tuple[float, float, float]
"""Half width, drop of the lower lip, teeth."""

TARGETS: Mapping[MouthShape, Target] = {
    MouthShape.REST: (36, 0, 0),
    MouthShape.CLOSED: (33, 0, 0),
    MouthShape.A: (36, 42, 2),
    MouthShape.O: (22, 34, 0),
    MouthShape.U: (13, 18, 0),
    MouthShape.E: (37, 27, 2),
    MouthShape.I: (45, 17, 3),
    MouthShape.F: (33, 10, 2),
    MouthShape.L: (34, 21, 2),
    MouthShape.S: (38, 12, 3),
}
SHUT = frozenset({MouthShape.REST, MouthShape.CLOSED})
REACH = 0.05
"""Seconds before and after a frame's middle that its mouth looks at."""
STEP = 4
SAMPLES = 5


def mouths(shapes: Sequence[TimedShape], frames: int, smile: int) -> list[Mouth]:
    """One mouth a frame; `smile` is how the closed mouth looks when the voice rests."""
    ordered = sorted(shapes, key=lambda s: s.start)
    found: list[Mouth] = []
    at = 0
    for n in range(frames):
        middle = (n + 0.5) / FPS
        while at < len(ordered) and ordered[at].end <= middle - REACH:
            at += 1
        found.append(_mouth(ordered, at, middle, smile))
    return found


def openness(mouth: Mouth) -> float:
    """How far a mouth is open, 0 to 1."""
    return min(1.0, mouth.drop / 42)


def _mouth(shapes: Sequence[TimedShape], first: int, middle: float, smile: int) -> Mouth:
    here = _shape_at(shapes, first, middle)
    if here in SHUT:
        return Mouth(_stepped(TARGETS[here][0]), 0, 0, smile if here is MouthShape.REST else 2)
    times = (middle + REACH * (2 * i / (SAMPLES - 1) - 1) for i in range(SAMPLES))
    targets = [TARGETS[_shape_at(shapes, first, t)] for t in times]
    width, drop, teeth = (sum(values) / SAMPLES for values in zip(*targets, strict=True))
    return Mouth(_stepped(width), max(STEP, _stepped(drop)), round(teeth), 0)


def _shape_at(shapes: Sequence[TimedShape], first: int, t: float) -> MouthShape:
    for shape in shapes[first:]:
        if shape.start > t:
            break
        if t < shape.end:
            return shape.shape
    return MouthShape.REST


def _stepped(value: float) -> int:
    return round(value / STEP) * STEP
