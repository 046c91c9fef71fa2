"""Desired and observed, side by side."""

from dataclasses import replace

from orchestrator.cli.overview import joined
from orchestrator.domain.clip import BrandFace, Look, PersonaFace, Voice
from orchestrator.domain.endpoint import Endpoint
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import DesiredStream, Observation
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


def test_without_a_heartbeat_the_last_observation_is_shown_with_its_reason() -> None:
    seen = Observation(
        SPEC.stream, Phase.FAILED, "the key is refused", FencingToken(2), NodeId("n"), 0.0, True
    )
    (row,) = joined([DESIRED], [], {SPEC.stream: seen})
    assert (row.phase, row.reason) == ("failed", "the key is refused")


def test_a_stopped_stream_is_as_wanted() -> None:
    (row,) = joined([replace(DESIRED, wanted=False)], [], {})
    assert (row.phase, row.as_wanted) == ("ended", True)
