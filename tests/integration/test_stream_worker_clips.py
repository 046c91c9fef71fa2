"""Clips go missing, are damaged, can't be made: what viewers get is idle, then the slate, always.

One stream worker serves all tests; as far as it and the render workers know, the disk is full. What
is rendered nevertheless is put there by hand. The sandbox's judge says what arrived.
"""

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import av
import pytest

from orchestrator.clock import SystemClock
from orchestrator.domain.rundown import Cue, CueKind, Rundown
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import ClipKey
from orchestrator.settings import Settings
from tests.support.grid_clips import stock, stock_one
from tests.support.grid_cook import grid_cook
from tests.support.processes import eventually
from tests.support.rtmp import Ingest, ingest
from tests.support.stream_worker import (
    Desk,
    a_stream,
    desk,
    render_worker,
    some_settings,
    stream_worker,
)
from tests.support.valkey import ValkeyProcess
from workers.clips.store import ClipStore
from workers.media.flv import parse_clip
from workers.stream.orders import AGAIN_SECONDS

KEYS = ("key-a", "key-b")
FULL = {"clip_store_spare_bytes": 2**62, "ahead_seconds": 20.0}


@dataclass
class Floor:
    """A worker, and the hands of its coordinator."""

    config: Settings
    hands: Desk
    log: Path

    @property
    def store(self) -> ClipStore:
        return ClipStore(self.config.media, 10 * 1024**3, SystemClock())

    def on_air(self, spec: StreamSpec, seconds: float = 30) -> None:
        assert self.hands.reaches(spec, "on_air", seconds), self.log.read_text()

    def says(self, spec: StreamSpec, *words: str, seconds: float = 60) -> bool:
        """Whether the status comes to hold these words; no words: nothing at all."""

        def said() -> bool:
            text = self.standing_in(spec)
            return all(word in text for word in words) if words else text == ""

        return eventually(said, seconds)

    def standing_in(self, spec: StreamSpec) -> str:
        status = self.hands.status(spec)
        return "?" if status is None else status.standing_in

    def ends(self, spec: StreamSpec) -> None:
        self.hands.want(spec, 1, wanted=False)
        assert self.hands.reaches(spec, None), self.log.read_text()


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory, valkey: ValkeyProcess) -> Iterator[Floor]:
    folder = tmp_path_factory.mktemp("clips")
    config = some_settings(folder / "home", valkey.url, f"t{os.getpid()}c:", **FULL)
    log = folder / "worker.log"
    with desk(config) as hands, stream_worker(config, KEYS, log):
        yield Floor(config, hands, log)


def a_shop(name: str, shop: Ingest, lines: int = 4) -> StreamSpec:
    """A stream that shares no clip with another test's."""
    return replace(a_stream(name, shop.url, shop.key, lines), shop_name=name)


def cues(spec: StreamSpec, *kinds: CueKind) -> list[Cue]:
    return [cue for cue in Rundown(spec).cues if cue.kind in kinds]


def unbroken(shop: Ingest) -> bool:
    """On air all the time on one connection, and nothing is wrong with what arrived."""
    verdict = shop.verdict()
    assert verdict.clean, verdict
    return verdict.sessions == 1 and verdict.live


def test_with_a_full_store_the_double_idles_and_without_it_the_slate_is_shown(
    floor: Floor, tmp_path: Path
) -> None:
    renders = tmp_path / "render.log"
    with ExitStack() as stack:
        shops = [stack.enter_context(ingest(key=key)) for key in KEYS]
        cook = stack.enter_context(render_worker(floor.config, renders))
        idle, slate = (a_shop(f"full-{s.key}", s) for s in shops)
        for cue in (*cues(idle, CueKind.IDLE), *cues(slate, CueKind.SLATE)):
            stock_one(floor.config.media, cue)
        begun = time.monotonic()
        for spec in (idle, slate):
            floor.hands.place(spec)
        for spec in (idle, slate):
            floor.on_air(spec)
        assert floor.says(idle, "idle for", "6 of 9 clips are missing", "no space is left")
        assert floor.says(slate, "slate for", "8 of 9 clips are missing", "no space is left")
        assert eventually(lambda: "can't be made" in renders.read_text(), 30), renders.read_text()
        assert eventually(lambda: all(s.verdict().on_air_seconds > 3 for s in shops), 60)
        stock(floor.config.media, idle)
        assert floor.says(idle), floor.standing_in(idle)
        assert all(map(unbroken, shops))
        assert cook.running
        tries = renders.read_text().count("a clip can't be made")
        rounds = 1 + (time.monotonic() - begun) // AGAIN_SECONDS
        clips = sum(len(Rundown(spec).cues) for spec in (idle, slate))
        assert tries <= 2 * clips * rounds, "in vain"
        for spec in (idle, slate):
            floor.ends(spec)


def test_a_media_folder_that_vanishes_takes_nothing_off_air_and_may_come_back(
    floor: Floor, tmp_path: Path
) -> None:
    with ingest(key=KEYS[0]) as shop:
        spec = a_shop("vanishing", shop)
        stock(floor.config.media, spec)
        floor.hands.place(spec)
        floor.on_air(spec)
        assert eventually(lambda: shop.verdict().on_air_seconds > 2, 30)
        # At once, whatever the worker does there meanwhile.
        shutil.rmtree(floor.config.media.rename(tmp_path / "gone"))
        before = shop.verdict().on_air_seconds
        assert floor.says(spec, "clips are missing", "is gone"), floor.standing_in(spec)
        assert eventually(lambda: shop.verdict().on_air_seconds > before + 12, 60)
        with grid_cook(floor.hands) as cook:
            assert floor.says(spec), floor.standing_in(spec)
            assert at_most_twice(cook.made)
        assert unbroken(shop)
        floor.ends(spec)


def test_damaged_clips_never_go_out_and_are_made_again(floor: Floor, tmp_path: Path) -> None:
    with (
        ingest(key=KEYS[0], record=tmp_path) as shop,
        grid_cook(floor.hands) as cook,
    ):
        spec = a_shop("damaged", shop, lines=5)
        stock(floor.config.media, spec)
        harmed = cues(spec, CueKind.LINE)[1:]
        for number, cue in enumerate(harmed):
            flip(floor.store.path(cue.key)) if number % 2 else cut(floor.store.path(cue.key))
        floor.hands.place(spec)
        floor.on_air(spec)
        keys = {cue.key for cue in harmed}
        assert eventually(lambda: keys <= set(cook.made), 60), floor.log.read_text()
        assert eventually(lambda: shop.verdict().on_air_seconds > 6, 60)
        assert all(parse_clip(floor.store.read(key)).frames for key in keys)
        assert at_most_twice(cook.made)
        assert unbroken(shop)
        floor.ends(spec)
    assert decoded(next(tmp_path.rglob("*.flv"))) > 100


def at_most_twice(ordered: list[ClipKey]) -> bool:
    """Each clip ahead of time, and perhaps once more in haste."""
    return max(Counter(ordered).values()) <= 2


def flip(path: Path) -> None:
    """One bit, as a disk forgets it: neither size nor time tells."""
    found = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def cut(path: Path) -> None:
    """Half of it is lost."""
    os.truncate(path, path.stat().st_size // 2)


def decoded(path: Path) -> int:
    """Pictures in a recording, all of which can be decoded, and all of its sound."""
    with av.open(str(path)) as container:
        pictures = sum(1 for _ in container.decode(video=0))
    with av.open(str(path)) as container:
        assert sum(frame.samples for frame in container.decode(audio=0))
    return pictures
