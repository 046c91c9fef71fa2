"""Which node carries which stream. Pure.

Spread: one node's end must take as little as possible of a brand, and of a streamer, off air. So
the node with fewest streams of the brand comes first, then with fewest of the streamer, then the
one with the smallest share of its slots taken. A stream whose run died goes back to its node, where
its clips are warm, if that doesn't cost anything of the above.

What a stream costs shows in its node's load only after a while; until then a reserve counts for it,
so that a crowd of streams isn't sent to a node that looks idle still. A node that is full by that
count takes streams only if every other one is as well. Load moves nothing that is placed already.

A node that is to be emptied, or is cut off from Redis, takes nothing. One that was set aside takes
what would be off air otherwise, and nothing that is on air elsewhere.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from orchestrator.coordinator.diff import Place
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.node import NodeBeat
from orchestrator.domain.placement import DesiredStream
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import NoCapacity
from orchestrator.ids import NodeId, StreamId, TargetDigest

RESERVE = 0.02
"""The share of a machine that a stream takes until it is measured. Playing one costs a third of a
per cent of a core; this is for its beginning: a process, a connection, clips looked up. Machines of
one core are reckoned with: the larger ones are sooner measured than filled."""
RESERVED_SECONDS = 15.0
"""On air for that long, a stream shows in its node's load, which is a mean of some seconds."""
CROWDED = 0.85
"""Above, a burst of renders or reconnects would make streams stumble."""


@dataclass(frozen=True)
class Assigned:
    """The answer: who goes where, and for whom there is no room."""

    assignments: tuple[tuple[DesiredStream, NodeId], ...]
    homeless: tuple[DesiredStream, ...]


@dataclass
class _Load:
    """What a node has, while streams are being given out."""

    beat: NodeBeat
    aside: bool
    taken: set[StreamId] = field(default_factory=set)
    brands: Counter[str] = field(default_factory=Counter)
    streamers: Counter[str] = field(default_factory=Counter)
    reserves: int = 0

    @property
    def free(self) -> int:
        return self.beat.slots - len(self.taken)

    @property
    def crowded(self) -> bool:
        return self.beat.busy + self.reserves * RESERVE > CROWDED

    def add(self, stream: StreamId, spec: StreamSpec | None, *, measured: bool = False) -> None:
        self.taken.add(stream)
        self.reserves += not measured
        if spec is not None:
            self.brands[spec.brand_id] += 1
            self.streamers[spec.streamer_name] += 1


def assign(
    wishes: Sequence[Place],
    situation: Situation,
    most: int = 1000,
    given: Sequence[tuple[DesiredStream, NodeId]] = (),
) -> Assigned:
    """Give streams a node each, as long as there are free slots, but not too many at once.

    `given` are streams that have got a node in this pass already. Who isn't looked at, because
    there were enough before, is neither assigned nor homeless.
    """
    if not wishes:
        return Assigned((), ())
    loads = [_load(beat, situation, given) for beat in situation.takers]
    assignments: list[tuple[DesiredStream, NodeId]] = []
    homeless: list[DesiredStream] = []
    targets: set[TargetDigest] = set()
    for wish in _brands_in_turn(wishes):
        if len(assignments) >= most:
            break
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
    return Assigned(tuple(assignments), tuple(homeless))


def why_homeless(situation: Situation) -> str:
    """Why there is no room for a stream that is off air, and what to do."""
    leaving, cut_off = sorted(situation.draining), sorted(situation.cut_off)
    if situation.takers or not (leaving or cut_off):
        return str(NoCapacity())
    if not leaving:
        return (
            f"No node takes streams: {', '.join(cut_off)} can't reach Redis. "
            "See to the network between them, or start another stream worker."
        )
    return (
        f"No node takes streams: {', '.join(leaving)} is being emptied. "
        "Start another stream worker, or take it back with `doppelcast undrain`."
    )


def _load(
    beat: NodeBeat, situation: Situation, given: Sequence[tuple[DesiredStream, NodeId]]
) -> _Load:
    placed = {p.stream for p in situation.placed_on(beat.node)}
    steady = {s.stream for s in beat.streams if s.on_air_seconds >= RESERVED_SECONDS}
    load = _Load(beat, beat.node in situation.set_aside)
    for stream in sorted(placed | {status.stream for status in beat.streams}):
        desired = situation.desired.get(stream)
        load.add(stream, None if desired is None else desired.spec, measured=stream in steady)
    for desired, node in given:
        if node == beat.node:
            load.add(desired.spec.stream, desired.spec)
    return load


def _best(loads: Sequence[_Load], wish: Place) -> _Load | None:
    free = [load for load in loads if load.free > 0 and not (wish.moves and load.aside)]
    elsewhere = [load for load in free if load.beat.node != wish.avoid]
    return min(elsewhere or free, key=lambda load: _cost(load, wish), default=None)


def _cost(load: _Load, wish: Place) -> tuple[bool, bool, int, int, bool, float, str]:
    spec = wish.desired.spec
    return (
        load.aside,
        load.crowded,
        load.brands[spec.brand_id],
        load.streamers[spec.streamer_name],
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
