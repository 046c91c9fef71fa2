"""Which node carries which stream. Pure.

Spread: one node's end must take as little as possible of a brand, and of a streamer, off air. So
the node with fewest streams of the brand comes first, then with fewest of the streamer, then the
one with the smallest share of its slots taken. A stream whose run died goes back to its node, where
its clips are warm, if that doesn't cost anything of the above.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from orchestrator.coordinator.diff import Place
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import DesiredStream
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import NodeId, StreamId, TargetDigest


@dataclass(frozen=True)
class Assigned:
    """The answer: who goes where, and for whom there is no room."""

    assignments: tuple[tuple[DesiredStream, NodeId], ...]
    homeless: tuple[DesiredStream, ...]


@dataclass
class _Load:
    """What a node has, while streams are being given out."""

    beat: NodeBeat
    taken: set[StreamId]
    brands: list[str] = field(default_factory=list)
    streamers: list[str] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.beat.slots - len(self.taken)

    def add(self, stream: StreamId, spec: StreamSpec | None) -> None:
        self.taken.add(stream)
        if spec is not None:
            self.brands.append(spec.brand_id)
            self.streamers.append(spec.streamer_name)


def assign(wishes: Sequence[Place], situation: Situation, most: int = 1000) -> Assigned:
    """Give streams a node each, as long as there are free slots, but not too many at once."""
    loads = [_load(beat, situation) for beat in situation.beats if _takes_streams(beat)]
    assignments: list[tuple[DesiredStream, NodeId]] = []
    homeless: list[DesiredStream] = []
    targets: set[TargetDigest] = set()
    for wish in _brands_in_turn(wishes):
        target = wish.desired.spec.endpoint.target
        if target in targets:
            continue  # two streams on one target: the second waits for the first's end
        targets.add(target)
        load = _best(loads, wish)
        if load is None:
            homeless.append(wish.desired)
            continue
        load.add(wish.desired.spec.stream, wish.desired.spec)
        assignments.append((wish.desired, load.beat.node))
    return Assigned(tuple(assignments[:most]), tuple(homeless))


def _takes_streams(beat: NodeBeat) -> bool:
    return beat.kind is WorkerKind.STREAM and not beat.draining


def _load(beat: NodeBeat, situation: Situation) -> _Load:
    placed = {p.stream for p in situation.placements.values() if p.node == beat.node}
    load = _Load(beat, set())
    for stream in sorted(placed | {status.stream for status in beat.streams}):
        desired = situation.desired.get(stream)
        load.add(stream, None if desired is None else desired.spec)
    return load


def _best(loads: Sequence[_Load], wish: Place) -> _Load | None:
    free = [load for load in loads if load.free > 0]
    elsewhere = [load for load in free if load.beat.node != wish.avoid]
    return min(elsewhere or free, key=lambda load: _cost(load, wish), default=None)


def _cost(load: _Load, wish: Place) -> tuple[int, int, bool, float, str]:
    spec = wish.desired.spec
    return (
        load.brands.count(spec.brand_id),
        load.streamers.count(spec.streamer_name),
        load.beat.node != wish.prefer,
        len(load.taken) / load.beat.slots,
        load.beat.node,
    )


def _brands_in_turn(wishes: Sequence[Place]) -> list[Place]:
    """All brands' first streams, then their second ones: a shortage hits all alike."""
    turns: list[tuple[int, str, Place]] = []
    count: dict[str, int] = {}
    for wish in sorted(wishes, key=lambda w: w.desired.spec.stream):
        brand = wish.desired.spec.brand_id
        turns.append((count.get(brand, 0), brand, wish))
        count[brand] = count.get(brand, 0) + 1
    return [wish for _, _, wish in sorted(turns, key=lambda turn: turn[:2])]
