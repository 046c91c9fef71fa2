"""The rundown met with a real clip store: what is missing, damaged or foreign is passed over."""

from pathlib import Path

import pytest

from orchestrator.clock import SystemClock
from orchestrator.domain.media import units_for
from orchestrator.domain.rundown import Cue, CueKind, Rundown, estimated_seconds
from tests.support.stream_worker import a_stream
from tests.unit.stream.clips import write
from workers.clips.store import ClipStore
from workers.stream.orders import Order, Orders
from workers.stream.program import Program
from workers.stream.shelf import Shelf

SPEC = a_stream("suyun-douyin", "rtmp://127.0.0.1/live", "key", lines=8)
RUNDOWN = Rundown(SPEC)


class Shop:
    """A program with its store and its orders."""

    def __init__(self, folder: Path, ahead: float = 60.0) -> None:
        clock = SystemClock()
        self.store = ClipStore(folder, 10**9, clock)
        self.ordered: list[Order] = []
        self.shelf = Shelf(self.store)
        self.program = Program(SPEC, 0, self.shelf, Orders(self._send, clock), ahead)

    def _send(self, order: Order) -> bool:
        self.ordered.append(order)
        return True

    def has(self, *cues: Cue, audio_config: bytes = bytes([0x11, 0x90])) -> None:
        for cue in cues:
            units = units_for(estimated_seconds(cue))
            self.store.put(cue.key, lambda p, u=units: write(p, u, audio_config))

    def plays(self, count: int) -> list[str]:
        takes = [self.program.take() for _ in range(count)]
        return [take.cue.name if take else "nothing" for take in takes]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def line(name: str) -> Cue:
    return next(cue for cue in RUNDOWN.cues if cue.name == name)


def test_idle_and_opening_are_ordered_urgently_and_the_rest_without_haste(shop: Shop) -> None:
    shop.program.prepare()
    urgent = [order.key for order in shop.ordered if order.urgent]
    opening = RUNDOWN.opening()
    assert opening is not None
    assert urgent == [RUNDOWN.idle.key, opening.key]
    assert len(shop.ordered) > len(urgent)


def test_on_air_what_is_due_soon_becomes_urgent_and_the_rest_does_not(shop: Shop) -> None:
    shop.program.look()
    spoken = [order for order in shop.ordered if order.recipe.text]
    assert spoken[0].urgent
    assert not spoken[-1].urgent


def test_nothing_is_ordered_that_is_there(shop: Shop) -> None:
    shop.has(*RUNDOWN.cues)
    shop.program.prepare()
    assert shop.ordered == []
    assert shop.program.look() >= 60.0


def test_how_far_ahead_all_is_rendered_ends_at_the_first_missing_line(shop: Shop) -> None:
    shop.has(line("hello/1"), line("quilt/0"))
    seconds = sum(estimated_seconds(line(name)) for name in ("hello/1", "quilt/0"))
    assert seconds <= shop.program.look() < seconds + 4


def test_a_stream_may_open_with_idle_and_opening_and_play_on_what_there_is(shop: Shop) -> None:
    assert not shop.program.has_opening
    shop.has(RUNDOWN.idle, line("hello/1"))
    assert shop.program.has_opening
    assert shop.plays(3) == ["hello/1", "idle", "idle"]


def test_opening_a_connection_takes_nothing_from_the_rundown(shop: Shop) -> None:
    shop.has(*RUNDOWN.cues)
    assert shop.program.sample() is not None
    assert shop.plays(1) == ["hello/1"]


def test_a_damaged_clip_is_passed_over_and_ordered_again(shop: Shop) -> None:
    shop.has(*RUNDOWN.cues)
    path = shop.store.path(line("hello/1").key)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert "hello/1" not in shop.plays(1)
    shop.program.look()
    assert line("hello/1").key in [order.key for order in shop.ordered]
    shop.has(line("hello/1"))
    assert "hello/1" in shop.plays(2)


def test_a_clip_with_other_codec_headers_never_reaches_the_connection(shop: Shop) -> None:
    shop.has(RUNDOWN.idle)
    shop.has(line("hello/1"), audio_config=bytes([0x12, 0x10]))
    assert shop.program.sample() is not None
    assert shop.plays(4) == ["idle"] * 4


def test_with_nothing_in_the_store_there_is_nothing_to_take(shop: Shop) -> None:
    assert shop.plays(1) == ["nothing"]
    assert shop.program.sample() is None


def test_the_slate_opens_a_connection_when_the_double_is_missing(shop: Shop) -> None:
    shop.has(RUNDOWN.slate)
    assert shop.program.has_anything
    assert shop.program.sample() is not None
    assert shop.plays(2) == ["slate", "slate"]


def test_the_shelf_keeps_to_its_budget(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.has(*RUNDOWN.cues)
    shelf = Shelf(shop.store, max_bytes=1)
    keys = [cue.key for cue in RUNDOWN.cues if cue.kind is CueKind.LINE]
    clips = [shelf.get(key) for key in keys]
    assert shelf.get(keys[-1]) is clips[-1]
    assert shelf.get(keys[0]) is not clips[0]


def test_all_that_a_stream_may_play_is_pinned(shop: Shop) -> None:
    shop.program.pin()
    assert shop.store.usage().pinned == len(RUNDOWN.cues)
