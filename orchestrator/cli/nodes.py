"""The nodes as people see them: what each one carries, and whether it takes streams.

Pure; what nodes say of themselves beside what was decided about them. A node that is silent is
shown as long as something is placed there, or ordered about it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from orchestrator.cli.console import counted
from orchestrator.domain.node import Farewell, NodeBeat, NodeOrder
from orchestrator.domain.placement import Placement
from orchestrator.ids import NodeId, StreamId


class NodeState(StrEnum):
    """What a node is to streams that look for a place."""

    UP = "up"
    DRAINING = "draining"
    """An admin has it emptied."""
    DRAINED = "drained"
    """It is empty, and stays so."""
    ENDING = "ending"
    """Its process was told to end; its streams go elsewhere first."""
    ASIDE = "set aside"
    CUT_OFF = "cut off"
    """It can't reach Redis, but says when it is asked what it has on air."""
    SILENT = "silent"


@dataclass(frozen=True)
class NodeRow:
    """One node."""

    node: NodeId
    state: NodeState
    why: str
    streams: int
    """Runs that it carries."""
    slots: int
    busy: float
    """Share of the machine's cores in use, 0 to 1."""
    placed: int
    """Streams that are placed there."""
    homeless: tuple[tuple[StreamId, str], ...] = ()
    """Streams that can't leave, each with the reason."""
    beat: NodeBeat | None = None

    def to_document(self) -> dict[str, Any]:
        """All of it, for machines; what the node says of itself lies beside."""
        said = {} if self.beat is None else asdict(self.beat)
        known = asdict(self)
        del known["beat"], known["streams"], known["slots"], known["busy"]
        known["homeless"] = [{"stream": s, "reason": why} for s, why in self.homeless]
        return {"streams": [], "slots": self.slots, "busy": self.busy} | said | known


def node_rows(
    beats: Sequence[NodeBeat],
    orders: Sequence[NodeOrder],
    placements: Sequence[Placement],
    farewells: Mapping[NodeId, Farewell],
) -> tuple[NodeRow, ...]:
    """One row a node, by name."""
    living = {beat.node: beat for beat in beats}
    ordered = {order.node: order for order in orders}
    placed: dict[NodeId, int] = {}
    for placement in placements:
        placed[placement.node] = placed.get(placement.node, 0) + (not placement.standby)
    names = sorted(living.keys() | ordered.keys() | {n for n, count in placed.items() if count})
    return tuple(
        _row(
            living.get(name),
            ordered.get(name, NodeOrder(name)),
            placed.get(name, 0),
            farewells.get(name),
        )
        for name in names
    )


def _row(
    beat: NodeBeat | None, order: NodeOrder, placed: int, farewell: Farewell | None
) -> NodeRow:
    carried = 0 if beat is None else len(beat.streams)
    homeless = () if farewell is None else farewell.homeless
    empty = not placed and not carried
    cut_off = beat is not None and beat.cut_off
    state = NodeState.CUT_OFF if cut_off else _state(beat, order, empty=empty)
    return NodeRow(
        node=order.node,
        state=state,
        why=_why(state, order, placed, homeless),
        streams=carried,
        slots=0 if beat is None else beat.slots,
        busy=0.0 if beat is None else beat.busy,
        placed=placed,
        homeless=homeless,
        beat=beat,
    )


def _state(beat: NodeBeat | None, order: NodeOrder, *, empty: bool) -> NodeState:
    if order.drains:
        return NodeState.DRAINED if empty else NodeState.DRAINING
    if beat is None:
        return NodeState.SILENT
    if beat.draining:
        return NodeState.ENDING
    return NodeState.UP if order.aside_at is None else NodeState.ASIDE


def _why(
    state: NodeState,
    order: NodeOrder,
    placed: int,
    homeless: Sequence[tuple[StreamId, str]],
) -> str:
    by = f"by {order.drained_by}" if order.drained_by else ""
    going = f"{counted(placed, 'stream')} still to move"
    if homeless:
        going = f"{counted(len(homeless), 'stream')} can't leave: {homeless[0][1]}"
    told = {
        NodeState.UP: "",
        NodeState.DRAINING: ", ".join(part for part in (by, going) if part),
        NodeState.DRAINED: ", ".join(part for part in (by, "it takes no streams") if part),
        NodeState.ENDING: f"told to end, {going}",
        NodeState.ASIDE: order.aside_reason,
        NodeState.CUT_OFF: "cut off from Redis; what is on air there stays",
        NodeState.SILENT: order.aside_reason or "it doesn't beat",
    }
    return told[state]
