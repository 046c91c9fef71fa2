"""What the benchmarks share: a fleet on this machine, clips made ahead, many streams of a few.

Recipes don't depend on a stream's name, so a hundred streams play the clips of a few specs.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.cli.demo_stage import DEMO_MATRIX, make_keys
from orchestrator.cli.fleet import embedded_broker, process_tree, worker_parts
from orchestrator.cli.tree import ProcessTree
from orchestrator.clock import SystemClock
from orchestrator.domain.clip import ClipRecipe, clip_key
from orchestrator.domain.endpoint import Endpoint, target_digest
from orchestrator.domain.rundown import Rundown
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import StreamId
from orchestrator.matrixfile import load, store_assets
from orchestrator.settings import Settings, settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect
from orchestrator.wire.secrets import resolve_key
from workers.clips.store import ClipStore
from workers.media.ffmpeg import find_ffmpeg
from workers.render.clip import render_clip

LINES = 6
MEDIA = Path(".doppelcast") / "benchmarks" / "media"
"""Clips stay from one benchmark to the next; the first one renders them."""


@dataclass(frozen=True)
class Fleet:
    """A running fleet."""

    tree: ProcessTree
    settings: Settings
    store: Store
    board: Board


def few_specs(count: int = 2, lines: int = LINES) -> tuple[StreamSpec, ...]:
    """Short streams of the demo's matrix, their pictures stored."""
    make_keys(DEMO_MATRIX)
    loaded = load(DEMO_MATRIX, resolve_key)
    store_assets(loaded, MEDIA.absolute())
    return tuple(replace(s, lines=s.lines[:lines]) for s in loaded.streams()[:count])


def recipes(spec: StreamSpec) -> Iterator[ClipRecipe]:
    """Everything this stream can play."""
    yield from (cue.recipe for cue in Rundown(spec).cues)


def clip_store() -> ClipStore:
    """The benchmarks' clips."""
    return ClipStore(MEDIA.absolute(), 20 * 1024**3, SystemClock())


def render_all(specs: Iterable[StreamSpec]) -> None:
    """Render what isn't there yet."""
    clips, ffmpeg = clip_store(), find_ffmpeg().path
    for spec in specs:
        for recipe in recipes(spec):

            def make(into: Path, recipe: ClipRecipe = recipe) -> None:
                render_clip(recipe, MEDIA.absolute() / "assets", into, str(ffmpeg))

            clips.put(clip_key(recipe), make)


def many_of(specs: Sequence[StreamSpec], url: str, count: int) -> tuple[StreamSpec, ...]:
    """That many streams, each with a target of its own; their keys are their names."""
    made = []
    for number in range(count):
        name = f"bench{number:03d}"
        os.environ[f"DC_BENCH_{number:03d}"] = name
        spec = specs[number % len(specs)]
        target = target_digest(spec.platform, url, name)
        endpoint = Endpoint(url, f"env:DC_BENCH_{number:03d}", target)
        made.append(replace(spec, stream=StreamId(name), endpoint=endpoint))
    return tuple(made)


@contextmanager
def fleet(home: Path, slots: int, parts: Sequence[str]) -> Iterator[Fleet]:
    """A fleet of the named parts (recorder, render, stream, coordinator), in that home."""
    os.environ.update(
        DOPPELCAST_HOME=str(home),
        DOPPELCAST_MEDIA_DIR=str(MEDIA.absolute()),
        DOPPELCAST_SLOTS=str(slots),
    )
    settings.cache_clear()
    clock = SystemClock()
    with process_tree(home / "logs") as tree, embedded_broker(tree, home, clock) as current:
        store = Store.open(current.store)
        try:
            for part in worker_parts(current):
                if part.name in parts:
                    tree.start(part)
            yield Fleet(tree, current, store, Board(connect(current.redis), current.redis_prefix))
        finally:
            store.close()


def document_of(specs: Sequence[StreamSpec]) -> str:
    """A name for a set of streams that no matrix file declares."""
    digest = hashlib.sha256("".join(s.digest for s in specs).encode()).hexdigest()[:12]
    return f"# benchmark {digest}\n"
