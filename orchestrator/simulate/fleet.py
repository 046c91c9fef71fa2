"""Streams for a fleet that doesn't exist: plainly invented shops of invented brands."""

from collections.abc import Sequence

from orchestrator.domain.clip import BrandFace, Look, PersonaFace, Voice
from orchestrator.domain.endpoint import Endpoint, target_digest
from orchestrator.domain.line import Line, LineKind
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import BrandId, PersonaId, StreamId

SHOPS_OF_A_BRAND = 50
SHOPS_OF_A_STREAMER = 200


def invented(streams: int) -> Sequence[StreamSpec]:
    """That many streams, a few dozen shops a brand."""
    return [_spec(number) for number in range(streams)]


def _spec(number: int) -> StreamSpec:
    brand, streamer = number // SHOPS_OF_A_BRAND, number // SHOPS_OF_A_STREAMER
    stream = StreamId(f"shop-{number:05}")
    url = f"rtmp://127.0.0.1:9/live/{stream}"
    return StreamSpec(
        stream=stream,
        platform="custom",
        brand_id=BrandId(f"brand-{brand:04}"),
        brand=BrandFace(f"品牌{brand}", "#335577", "#ffcc00", "家居"),
        shop_name=f"店铺{number}",
        persona_id=PersonaId("double"),
        persona=PersonaFace("分身", Look("toon-head"), Voice("zf_xiaobei")),
        streamer_name=f"主播{streamer}",
        endpoint=Endpoint(url, "env:NONE", target_digest("custom", url, stream)),
        profile="720p",
        label="AI生成",
        products=(),
        lines=(Line("hello", LineKind.OPENING, "大家好"),),
    )
