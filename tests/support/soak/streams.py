"""What a soak plays: many streams of two, their clips made ahead.

plain   a test picture and a tone, small, encoded in a moment
spoken  the demo's double with voice and lips, 720 by 1280; rendered once, then kept
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.domain.endpoint import Endpoint, target_digest
from orchestrator.domain.line import Line, LineKind
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import ProductId, StreamId
from tests.benchmarks import workshop
from tests.support.grid_clips import stock
from tests.support.streams import a_spec

PLAIN_LINES = 6


@dataclass(frozen=True)
class Repertoire:
    """A few streams, and the folder with all clips that they can play."""

    specs: tuple[StreamSpec, ...]
    media: Path


def plain(folder: Path) -> Repertoire:
    """Two brands' streams; seconds of work."""
    specs = tuple(_plain_spec(brand) for brand in ("suyun", "nuanfu"))
    for spec in specs:
        stock(folder, spec)
    return Repertoire(specs, folder)


def spoken() -> Repertoire:
    """Two of the demo's streams; minutes of work at the first time."""
    specs = workshop.few_specs()
    workshop.render_all(specs)
    return Repertoire(specs, workshop.MEDIA.absolute())


def many(specs: Sequence[StreamSpec], urls: Mapping[str, str]) -> tuple[StreamSpec, ...]:
    """One stream for each address, by name; its key is its name."""
    made = []
    for number, (name, url) in enumerate(urls.items()):
        variable = f"DC_SOAK_{name.upper().replace('-', '_')}"
        os.environ[variable] = name
        spec = specs[number % len(specs)]
        target = target_digest(spec.platform, url, name)
        endpoint = Endpoint(url, f"env:{variable}", target)
        made.append(replace(spec, stream=StreamId(name), endpoint=endpoint))
    return tuple(made)


def _plain_spec(brand: str) -> StreamSpec:
    spec = a_spec(f"{brand}-plain", brand=brand, streamer="林娜")
    product = ProductId("quilt")
    texts = ["这床被子很轻。" + "真的。" * number for number in range(PLAIN_LINES)]
    lines = [Line("hello/1", LineKind.OPENING, "大家好。")]
    lines += [
        Line(f"{brand}/{n}", LineKind.PRODUCT, text, product=product)
        for n, text in enumerate(texts)
    ]
    return replace(spec, lines=tuple(lines), pause_seconds=0.3)
