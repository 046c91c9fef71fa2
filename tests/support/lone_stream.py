"""One stream of one worker, on air at one endpoint: where most tests of a worker begin.

with on_air(hands, log) as (spec, shop, worker):
    worker.process.send_signal(signal.SIGSTOP)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from orchestrator.domain.stream import StreamSpec
from tests.support.grid_clips import stock
from tests.support.processes import Group
from tests.support.rtmp import Gate, Ingest, ingest
from tests.support.stream_worker import Desk, a_stream, stream_worker

KEY = "test-key"


class Lone(NamedTuple):
    """The stream, its endpoint, and the process that carries it."""

    spec: StreamSpec
    shop: Ingest
    worker: Group


@contextmanager
def on_air(hands: Desk, log: Path, gate: Gate | None = None, token: int = 1) -> Iterator[Lone]:
    """Its clips are there, it is placed with that token, and the endpoint gets its media."""
    with ingest(gate, key=KEY) as shop, stream_worker(hands.settings, (KEY,), log) as worker:
        spec = a_stream("suyun-douyin", shop.url, KEY)
        stock(hands.settings.media, spec)
        hands.place(spec, token)
        assert hands.reaches(spec, "on_air"), log.read_text()
        yield Lone(spec, shop, worker)
