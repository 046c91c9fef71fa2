"""Desired and observed, side by side: what `status`, `up` and `demo` show.

`joined` is pure: what the store wants, what was placed, what the nodes' heartbeats say, what was
observed last. A stream without a heartbeat shows what was observed last, and says so: a node that
was killed can't say that its streams are gone. A stream that moves shows where it is on air, and
where it prepares to go on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from orchestrator.cli.hours import ALL_DAY, NO_MOMENT, Moment, Place, place_of, title_of
from orchestrator.cli.nodes import NodeRow, node_rows
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import DesiredStream, Observation, Placement
from orchestrator.domain.schedule import CLOSED
from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.errors import WireUnreachable
from orchestrator.ids import NodeId, StreamId
from orchestrator.store.store import Store
from orchestrator.wire.board import Board

NOT_PLACED = "not placed yet"
SILENT = "no node speaks of it any more"
RUNNING = frozenset({Phase.PREPARING, Phase.READY, Phase.CONNECTING, Phase.ON_AIR, Phase.OFF_AIR})


@dataclass(frozen=True)
class Row:
    """One stream, as wanted and as it is."""

    stream: StreamId
    title: str
    shop: str
    persona: str
    platform: str
    wanted: bool
    phase: str
    heard: bool
    """A living node says so now; else it is what was observed last."""
    node: NodeId | None
    on_air_seconds: float
    fps: float
    kbps: float
    restarts: int
    ahead_seconds: float
    now_playing: str
    reason: str
    token: int | None
    standing_in: str = ""
    """What is shown instead of the program, and why."""
    alarm: str = ""
    """What a person has to look at."""
    stalls: int = 0
    moves_to: NodeId | None = None
    """Where it prepares to go on."""
    place: Place = ALL_DAY
    """Where it is in its day, if that is planned."""

    @property
    def on_air(self) -> bool:
        """It is known to be on air."""
        return self.heard and self.phase == Phase.ON_AIR

    @property
    def as_wanted(self) -> bool:
        """Whether what is matches what is wanted. In a closed shop nothing is on air, though
        something may be preparing."""
        if self.wanted and self.place.closed:
            return not self.on_air
        return self.on_air if self.wanted else not self.heard


@dataclass(frozen=True)
class Overview:
    """The fleet at one moment."""

    rows: tuple[Row, ...]
    nodes: tuple[NodeRow, ...]
    broker_answers: bool
    moment: Moment = NO_MOMENT

    @property
    def as_wanted(self) -> bool:
        """Whether every stream is as it is wanted, as far as anybody can say."""
        return not self.rows or (self.broker_answers and all(row.as_wanted for row in self.rows))

    @property
    def carried(self) -> bool:
        """Whether any node still has a stream."""
        return any(node.streams for node in self.nodes)

    def to_document(self) -> dict[str, Any]:
        """All of it, for machines."""
        return {
            "as_wanted": self.as_wanted,
            "broker_answers": self.broker_answers,
            "plan_trouble": self.moment.trouble,
            "streams": [{**asdict(row), "as_wanted": row.as_wanted} for row in self.rows],
            "nodes": [node.to_document() for node in self.nodes],
        }


def overview(store: Store, board: Board, wall: float) -> Overview:
    """Read store and board, and put them side by side, as they are at that time of the wall."""
    placements, orders = store.placements(), store.nodes.all()
    try:
        beats, answers = said(board.beats(), board.heard()), True
        farewells = board.farewells([beat.node for beat in beats])
    except WireUnreachable:
        beats, answers, farewells = (), False, {}
    observed = {o.stream: o for o in store.observations()}
    workers = [beat for beat in beats if beat.kind is WorkerKind.STREAM]
    desired = store.desired()
    rows = joined(desired, workers, observed, placements, wall)
    nodes = node_rows(workers, orders, placements, farewells)
    planned = any(d.spec.turns for d in desired)
    return Overview(
        rows, nodes, answers, Moment.of(wall, store.plans.outlook() if planned else None)
    )


def said(beats: Sequence[NodeBeat], heard: Sequence[NodeBeat]) -> tuple[NodeBeat, ...]:
    """What the nodes say; of those that don't beat, what they said when they were asked."""
    beating = {beat.node for beat in beats}
    return (*beats, *(beat for beat in heard if beat.node not in beating))


def joined(
    desired: Iterable[DesiredStream],
    beats: Iterable[NodeBeat],
    observed: Mapping[StreamId, Observation],
    placements: Sequence[Placement] = (),
    wall: float = 0.0,
) -> tuple[Row, ...]:
    """One row a stream; of two heartbeats for one stream, the one with the higher token counts,
    but not that of a standby."""
    preparing = {p.stream: p for p in placements if p.standby}
    standbys = {standby.token for standby in preparing.values()}
    carried: dict[StreamId, tuple[NodeId, StreamStatus]] = {}
    for beat in beats:
        for status in beat.streams:
            held = carried.get(status.stream)
            newer = held is None or held[1].token < status.token
            if newer and status.token not in standbys:
                carried[status.stream] = (beat.node, status)
    return tuple(
        _row(
            d,
            carried.get(d.spec.stream),
            observed.get(d.spec.stream),
            preparing.get(d.spec.stream),
            place_of(d.spec, wall),
        )
        for d in desired
    )


def _row(
    desired: DesiredStream,
    carried: tuple[NodeId, StreamStatus] | None,
    seen: Observation | None,
    standby: Placement | None,
    place: Place,
) -> Row:
    spec = desired.spec
    node, status = carried if carried else (None, None)
    phase, reason = (status.phase, status.reason) if status else _unheard(desired, seen, place)
    return Row(
        stream=spec.stream,
        title=(status.title if status else "") or title_of(spec, place),
        shop=spec.shop_name,
        persona=spec.persona.name,
        platform=spec.platform,
        wanted=desired.wanted,
        phase=phase.value,
        heard=status is not None,
        node=node,
        on_air_seconds=status.on_air_seconds if status else 0.0,
        fps=status.fps if status else 0.0,
        kbps=status.kbps if status else 0.0,
        restarts=status.restarts if status else 0,
        ahead_seconds=status.ahead_seconds if status else 0.0,
        now_playing=status.now_playing if status else "",
        reason=reason,
        token=status.token if status else (seen.token if seen else None),
        standing_in=status.standing_in if status else "",
        alarm=status.alarm if status else "",
        stalls=status.stalls if status else 0,
        moves_to=standby.node if standby else None,
        place=place,
    )


def _unheard(desired: DesiredStream, seen: Observation | None, place: Place) -> tuple[Phase, str]:
    """Where a stream stands that no node carries, as far as is known."""
    if seen is None:
        why = CLOSED if place.closed else NOT_PLACED
        return (Phase.PLANNED, why) if desired.wanted else (Phase.ENDED, "")
    if seen.phase is Phase.FAILED:
        return seen.phase, seen.reason
    if not desired.wanted:
        return Phase.ENDED, seen.reason
    if place.closed:
        return Phase.ENDED, CLOSED
    if seen.phase in RUNNING:
        return Phase.OFF_AIR, SILENT
    return seen.phase, seen.reason or NOT_PLACED
