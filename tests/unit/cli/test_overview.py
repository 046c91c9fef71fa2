"""Desired and observed, side by side."""

from dataclasses import replace

from orchestrator.cli.overview import Overview, joined
from orchestrator.cli.tables import reasons, waiting, what_happens
from orchestrator.domain.clip import BrandFace, Look, PersonaFace, Voice
from orchestrator.domain.endpoint import Endpoint
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import DesiredStream, Observation, Placement
from orchestrator.domain.stream import Phase, StreamSpec, StreamStatus
from orchestrator.ids import (
    BrandId,
    FencingToken,
    NodeId,
    PersonaId,
    StreamId,
    TargetDigest,
)

SPEC = StreamSpec(
    stream=StreamId("quilt-douyin"),
    platform="douyin",
    brand_id=BrandId("quilt"),
    brand=BrandFace("样例家纺", "#336699", "#ffcc00", "家纺"),
    shop_name="样例店",
    persona_id=PersonaId("sweet"),
    persona=PersonaFace("甜美", Look("toon-head"), Voice("zf_xiaoxiao")),
    streamer_name="样例",
    endpoint=Endpoint("rtmp://127.0.0.1/live", "env:KEY", TargetDigest("0" * 32)),
    profile="portrait-720",
    label="AI生成",
    products=(),
    lines=(),
)
DESIRED = DesiredStream(SPEC, wanted=True, revision=1, digest=SPEC.digest)


def _beat(node: str, token: int) -> NodeBeat:
    status = StreamStatus(SPEC.stream, FencingToken(token), Phase.ON_AIR, SPEC.digest, since=0.0)
    return NodeBeat(NodeId(node), "boot", WorkerKind.STREAM, 10, streams=(status,))


def test_a_stream_that_nobody_carries_is_planned() -> None:
    (row,) = joined([DESIRED], [], {})
    assert (row.phase, row.node, row.as_wanted) == ("planned", None, False)


def test_of_two_nodes_that_claim_a_stream_the_newer_placement_is_shown() -> None:
    (row,) = joined([DESIRED], [_beat("old", 3), _beat("new", 4)], {})
    assert (row.node, row.token, row.as_wanted) == ("new", 4, True)


def test_a_stream_that_moves_shows_where_it_is_on_air_and_where_it_goes() -> None:
    target = SPEC.endpoint.target
    standby = Placement(
        SPEC.stream, target, NodeId("new"), FencingToken(4), SPEC.link_digest, 1, 0.0, standby=True
    )
    beats = [_beat("old", 3), _beat("new", 4)]
    (row,) = joined([DESIRED], beats, {}, [standby])
    assert (row.node, row.token, row.moves_to) == ("old", 3, "new")
    (row,) = joined([DESIRED], beats, {}, [replace(standby, standby=False)])
    assert (row.node, row.token, row.moves_to) == ("new", 4, None)


def test_an_alarm_comes_before_all_else_and_what_stands_in_before_the_program() -> None:
    beat = _beat("n", 3)
    status = replace(beat.streams[0], now_playing="quilt/1", standing_in="idle: no clips", stalls=2)
    (row,) = joined([DESIRED], [replace(beat, streams=(status,))], {})
    assert (what_happens(row), row.stalls) == ("idle: no clips", 2)
    alarmed = replace(status, alarm="the endpoint refuses")
    (row,) = joined([DESIRED], [replace(beat, streams=(alarmed,))], {})
    assert what_happens(row) == "⚠ the endpoint refuses"
    assert "the endpoint refuses" in reasons([row]).plain


def test_without_a_heartbeat_the_last_observation_is_shown_with_its_reason() -> None:
    seen = Observation(
        SPEC.stream, Phase.FAILED, "the key is refused", FencingToken(2), NodeId("n"), 0.0, True
    )
    (row,) = joined([DESIRED], [], {SPEC.stream: seen})
    assert (row.phase, row.reason) == ("failed", "the key is refused")


def test_a_stopped_stream_is_as_wanted() -> None:
    (row,) = joined([replace(DESIRED, wanted=False)], [], {})
    assert (row.phase, row.as_wanted) == ("ended", True)


def _seen(phase: Phase) -> Observation:
    return Observation(SPEC.stream, phase, "", FencingToken(2), NodeId("n"), 0.0, False)


def test_a_stream_whose_node_was_killed_is_not_on_air_any_more() -> None:
    (row,) = joined([DESIRED], [], {SPEC.stream: _seen(Phase.ON_AIR)})
    assert (row.phase, row.on_air, row.as_wanted) == ("off_air", False, False)
    assert "no node" in row.reason


def test_a_stream_that_should_be_off_but_is_carried_is_not_as_wanted() -> None:
    (row,) = joined([replace(DESIRED, wanted=False)], [_beat("n", 3)], {})
    assert (row.wanted, row.on_air, row.as_wanted) == (False, True, False)


def test_nobody_can_say_that_all_is_well_while_the_broker_is_silent() -> None:
    rows = joined([DESIRED], [_beat("n", 3)], {})
    assert Overview(rows, (), broker_answers=True).as_wanted
    assert not Overview(rows, (), broker_answers=False).as_wanted
    assert Overview((), (), broker_answers=False).as_wanted


def test_the_document_for_machines_says_of_each_stream_whether_it_is_as_wanted() -> None:
    document = Overview(joined([DESIRED], [], {}), (), broker_answers=True).to_document()
    assert document["as_wanted"] is False
    assert document["streams"][0]["as_wanted"] is False


def test_who_waits_for_the_same_is_counted_together() -> None:
    rows = joined([DESIRED, DESIRED], [], {})
    assert waiting(rows) == "2 streams: not placed yet"
