"""Twenty streams for a rig: four brands of two streamers, and their clips at the grid's real rate.

Clips are a test picture and a tone, made by ffmpeg in a second; no speech is rendered.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from orchestrator.domain.clip import BrandFace
from orchestrator.domain.endpoint import Endpoint, target_digest
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import BrandId
from tests.support.grid_clips import stock
from tests.support.stream_worker import a_stream, key_name

BRANDS = ("suyun", "moran", "qinghe", "tangli")
STREAMERS = ("林娜", "周岚")
KBPS = 2500
"""The encoder's aim, as in portrait-720; buffers fill as fast as they do on air."""


def key_of(stream: str) -> str:
    """The stream key of a rig's stream: plain, for these rooms are nobody's."""
    return f"key-{stream}"


def rig_streams(url: str, count: int) -> tuple[StreamSpec, ...]:
    """That many streams, each with a key of its own."""
    return tuple(_stream(url, number) for number in range(count))


def elsewhere(spec: StreamSpec, url: str) -> StreamSpec:
    """The same stream to another address."""
    key = key_of(spec.stream)
    target = target_digest(spec.platform, url, key)
    return replace(spec, endpoint=Endpoint(url, f"env:{key_name(key)}", target))


def stock_all(media: Path, specs: Sequence[StreamSpec], kbps: int = KBPS) -> None:
    """Put the clips of all of them into the store; those of one brand share theirs."""
    for spec in {spec.brand_id: spec for spec in specs}.values():
        stock(media, spec, kbps=kbps)


def _stream(url: str, number: int) -> StreamSpec:
    name = f"room-{number:02d}"
    brand = BRANDS[number % len(BRANDS)]
    spec = a_stream(name, url, key_of(name))
    return replace(
        spec,
        brand_id=BrandId(brand),
        brand=BrandFace(brand, "#336699", "#ffcc00", "家纺"),
        streamer_name=STREAMERS[number % len(STREAMERS)],
    )
