"""Streams for tests: plainly fictional, complete, and different where a test says so."""

from orchestrator.compliance.ai_label import DEFAULT_TEXT
from orchestrator.domain.clip import BrandFace, Look, PersonaFace, ProductCard, Voice
from orchestrator.domain.endpoint import Endpoint, target_digest
from orchestrator.domain.line import Line, LineKind
from orchestrator.domain.placement import DesiredStream
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import BrandId, PersonaId, ProductId, StreamId


def a_spec(
    stream: str = "suyun-douyin",
    *,
    brand: str = "suyun",
    streamer: str = "林娜",
    text: str = "这床被子很轻。",
    key: str | None = None,
) -> StreamSpec:
    """A stream that can be placed; its target follows from its name unless a key is given."""
    url = "rtmp://127.0.0.1/live"
    product = ProductId("quilt")
    return StreamSpec(
        stream=StreamId(stream),
        platform="douyin",
        brand_id=BrandId(brand),
        brand=BrandFace("素云家纺", "#336699", "#ffcc00", "家纺"),
        shop_name="素云旗舰店",
        persona_id=PersonaId("sweet"),
        persona=PersonaFace("甜美", Look("toon-head"), Voice("zf_001")),
        streamer_name=streamer,
        endpoint=Endpoint(url, f"env:KEY_{stream}", target_digest("douyin", url, key or stream)),
        profile="portrait-720",
        label=DEFAULT_TEXT,
        products=(ProductCard(product, "云朵被", "199", "299", ("轻",), None, "件"),),
        lines=(Line("suyun-quilt/1", LineKind.PRODUCT, text, product=product),),
    )


def a_desired(spec: StreamSpec, *, wanted: bool = True, revision: int = 1) -> DesiredStream:
    """What the store says of a stream that was applied."""
    return DesiredStream(spec=spec, wanted=wanted, revision=revision, digest=spec.digest)
