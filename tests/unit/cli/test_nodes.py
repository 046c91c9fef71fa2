"""The nodes as people see them."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from orchestrator.cli.nodes import NodeRow, NodeState, node_rows
from orchestrator.cli.tables import node_table
from orchestrator.domain.node import Farewell, NodeBeat, NodeOrder, WorkerKind
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.ids import FencingToken, NodeId, StreamId, TargetDigest

NODE = NodeId("n1")
STATUS = StreamStatus(StreamId("a"), FencingToken(1), Phase.ON_AIR, "", 0.0)
BEAT = NodeBeat(NODE, "boot", WorkerKind.STREAM, 10, busy=0.42, streams=(STATUS,))
IDLE = replace(BEAT, streams=())
PLACED = Placement(StreamId("a"), TargetDigest("t"), NODE, FencingToken(1), "", 1, 0.0)
DRAINED = NodeOrder(NODE, drained_at=1.0, drained_by="lin")
ASIDE = NodeOrder(NODE, aside_at=1.0, aside_reason="failed 3 times within 5 minutes, with a, b")


def a_row(
    beat: NodeBeat | None,
    order: NodeOrder | None = None,
    placement: Placement | None = PLACED,
    farewell: Farewell | None = None,
) -> NodeRow:
    (row,) = node_rows(
        [] if beat is None else [beat],
        [] if order is None else [order],
        [] if placement is None else [placement],
        {} if farewell is None else {NODE: farewell},
    )
    return row


def test_a_node_that_is_up() -> None:
    row = a_row(BEAT)
    assert (row.state, row.why, row.streams, row.slots, row.placed) == (NodeState.UP, "", 1, 10, 1)


def test_a_node_that_is_drained_says_by_whom_and_how_far() -> None:
    row = a_row(BEAT, DRAINED)
    assert (row.state, row.why) == (NodeState.DRAINING, "by lin, 1 stream still to move")
    stuck = Farewell(NODE, "boot", True, 1, ((StreamId("a"), "no other node has a free slot"),))
    row = a_row(BEAT, DRAINED, farewell=stuck)
    assert row.why == "by lin, 1 stream can't leave: no other node has a free slot"
    assert a_row(IDLE, DRAINED, None).state is NodeState.DRAINED
    # Over a restart, too.
    assert a_row(None, DRAINED, None).state is NodeState.DRAINED


def test_a_node_that_ends_or_is_set_aside_or_is_silent_says_why() -> None:
    ending = a_row(replace(BEAT, draining=True))
    assert (ending.state, ending.why) == (NodeState.ENDING, "told to end, 1 stream still to move")
    assert (a_row(BEAT, ASIDE).state, a_row(BEAT, ASIDE).why) == (
        NodeState.ASIDE,
        "failed 3 times within 5 minutes, with a, b",
    )
    assert a_row(None).state is NodeState.SILENT


def test_a_node_that_is_cut_off_from_redis_says_what_stays() -> None:
    row = a_row(replace(BEAT, cut_off=True))
    assert (row.state, row.why) == (
        NodeState.CUT_OFF,
        "cut off from Redis; what is on air there stays",
    )
    # And nobody is told that it is being emptied, for it doesn't hear of that
    assert a_row(replace(BEAT, cut_off=True, draining=True)).state is NodeState.CUT_OFF


def test_a_standby_alone_makes_no_row_and_counts_for_nothing() -> None:
    standby = replace(PLACED, standby=True)
    assert node_rows([], [], [standby], {}) == ()
    assert a_row(BEAT, placement=standby).placed == 0


def test_the_document_for_machines_has_what_the_node_says_and_what_was_decided() -> None:
    document = a_row(BEAT, DRAINED).to_document()
    assert (document["node"], document["state"], document["busy"]) == ("n1", "draining", 0.42)
    assert document["streams"][0]["stream"] == "a"
    silent = a_row(None, DRAINED, None).to_document()
    assert (silent["state"], silent["slots"], silent["streams"]) == ("drained", 0, [])


def test_the_table_says_it_in_words_at_any_width() -> None:
    for width in (60, 100, 160):
        console = Console(width=width, file=StringIO(), color_system=None)
        console.print(node_table((a_row(BEAT, ASIDE),)))
        assert isinstance(console.file, StringIO)
        text = " ".join(console.file.getvalue().split())
        assert all(part in text for part in ("n1 set aside", "1 of 10", "failed 3 times within 5"))
