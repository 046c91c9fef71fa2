"""Of which targets the lease is asked for."""

from dataclasses import replace

from orchestrator.coordinator.observe import in_question
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.ids import FencingToken, NodeId
from orchestrator.store.news import Known
from tests.support.streams import a_desired, a_spec

HERE = NodeId("node-1")
SHOP = a_desired(a_spec("shop"))
TARGET = SHOP.spec.endpoint.target
PLACED = Placement(SHOP.spec.stream, TARGET, HERE, FencingToken(7), "link", 1, 0.0)
KNOWN = Known(desired={SHOP.spec.stream: SHOP}, placements={SHOP.spec.stream: PLACED})


def beat(node: NodeId, token: int) -> NodeBeat:
    status = StreamStatus(SHOP.spec.stream, FencingToken(token), Phase.ON_AIR, "digest", 0.0)
    return NodeBeat(node, "boot", WorkerKind.STREAM, 2, streams=(status,))


def test_a_node_that_says_that_it_carries_its_placement_leaves_no_question() -> None:
    assert in_question(KNOWN, [beat(HERE, 7)]) == set()


def test_a_silent_node_another_one_and_an_older_run_leave_the_question_open() -> None:
    for beats in ([], [beat(NodeId("node-2"), 7)], [beat(HERE, 6)]):
        assert in_question(KNOWN, beats) == {TARGET}


def test_a_standby_that_isnt_there_yet_is_asked_for_too() -> None:
    standby = replace(PLACED, node=NodeId("node-2"), token=FencingToken(8), standby=True)
    known = replace(KNOWN, standbys={standby.stream: standby})
    assert in_question(known, [beat(HERE, 7)]) == {TARGET}


def test_what_is_to_be_placed_is_asked_for_and_what_is_stopped_isnt() -> None:
    assert in_question(replace(KNOWN, placements={}), []) == {TARGET}
    stopped = {SHOP.spec.stream: replace(SHOP, wanted=False)}
    assert in_question(Known(desired=stopped), []) == set()
