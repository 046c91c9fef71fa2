"""The rundown met with a real clip store: what is missing, damaged or foreign is passed over."""

import gc
import os
import shutil
from pathlib import Path

import pytest

from orchestrator.domain.media import units_for
from orchestrator.domain.rundown import Cue, CueKind, Rundown, estimated_seconds
from orchestrator.domain.standing_in import OVERDUE_SECONDS, UNANSWERED_SECONDS
from tests.support.processes import eventually
from tests.support.stream_worker import a_stream
from tests.unit.stream.clips import write
from tests.unit.stream.hands import SkippingClock
from workers.clips.store import ClipStore
from workers.stream.errands import HANGS_SECONDS
from workers.stream.lacks import READ_AGAIN_SECONDS
from workers.stream.orders import Order, Orders
from workers.stream.pinned import PIN_RETRY_SECONDS
from workers.stream.program import Program
from workers.stream.shelf import Shelf

SPEC = a_stream("suyun-douyin", "rtmp://127.0.0.1/live", "key", lines=8)
RUNDOWN = Rundown(SPEC)
PATIENCE = 30.0
"""A busy machine's disk isn't to be taken for one that hangs."""


class Shop:
    """A program with its store and its orders."""

    def __init__(self, folder: Path, patience: float = PATIENCE, shelf: int = 10**9) -> None:
        self.clock = SkippingClock()
        self.folder = folder
        self.store = ClipStore(folder, 10**9, self.clock)
        self.ordered: list[Order] = []
        self.shelf = Shelf(self.store, shelf, patience)
        self.program = Program(SPEC, 0, self.shelf, Orders(self._send, self.clock), 60.0)

    def _send(self, order: Order) -> bool:
        self.ordered.append(order)
        return True

    def has(self, *cues: Cue, audio_config: bytes = bytes([0x11, 0x90])) -> None:
        for cue in cues:
            units = units_for(estimated_seconds(cue))
            self.store.put(cue.key, lambda p, u=units: write(p, u, audio_config))

    def damages(self, *cues: Cue) -> None:
        for cue in cues:
            path = self.store.path(cue.key)
            path.write_bytes(path.read_bytes()[:-1] + b"x")

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
    shop.damages(line("hello/1"))
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
    last = [shelf.get(key) for key in keys].pop()
    assert shelf.recall(keys[-1]) is last
    assert shelf.recall(keys[0]) is None


def test_all_that_a_stream_may_play_is_pinned(shop: Shop) -> None:
    shop.program.pin()
    assert shop.store.usage().pinned == len(RUNDOWN.cues)


def test_pins_are_the_placements_own(shop: Shop) -> None:
    successor = Program(SPEC, 1, shop.shelf, Orders(shop._send, shop.clock), 60.0)
    shop.program.pin()
    successor.pin()
    shop.program.unpin()
    assert shop.store.usage().pinned == len(RUNDOWN.cues)
    successor.unpin()
    assert shop.store.usage().pinned == 0


def test_pins_that_could_not_be_set_are_tried_again(shop: Shop) -> None:
    pins = shop.folder / "pins"
    shutil.rmtree(pins)
    pins.write_text("no folder")
    shop.program.pin()
    pins.unlink()
    shop.program.look()
    assert shop.store.usage().pinned == 0
    shop.clock.skipped += PIN_RETRY_SECONDS
    shop.program.look()
    assert shop.store.usage().pinned == len(RUNDOWN.cues)


def test_while_the_program_runs_nothing_stands_in_for_it(shop: Shop) -> None:
    shop.has(*RUNDOWN.cues)
    assert "nothing" not in shop.plays(60)
    assert shop.program.standing_in == ""


def test_however_many_clips_are_damaged_there_is_no_hole(shop: Shop) -> None:
    shop.has(*RUNDOWN.cues)
    shop.program.look()
    shop.damages(*RUNDOWN.cues)
    assert "nothing" not in shop.plays(30)
    assert shop.program.standing_in.startswith("idle for a few seconds: ")
    assert "found damaged" in shop.program.standing_in


def test_idle_loops_and_slate_are_held_from_the_first_look_on(tmp_path: Path) -> None:
    shop = Shop(tmp_path, shelf=1)
    shop.has(*RUNDOWN.standbys)
    shop.program.look()
    shutil.rmtree(shop.folder)
    assert shop.plays(9) == ["idle"] * 9
    assert shop.program.has_anything
    assert shop.program.sample() is not None
    assert shop.program.standing_in.startswith("idle for")
    assert f"the clip store {shop.folder} is gone" in shop.program.standing_in


def test_lines_in_memory_are_said_on_when_the_store_is_gone_and_that_is_told(shop: Shop) -> None:
    shop.has(*RUNDOWN.cues)
    before = shop.plays(40)
    shutil.rmtree(shop.folder)
    assert {"hello/1", "quilt/3"} <= set(before) & set(shop.plays(40))
    assert shop.program.standing_in.startswith("only what is in memory for")
    assert "13 of 13 clips are missing" in shop.program.standing_in
    shop.program.look()
    ordered = [order.key for order in shop.ordered]
    assert RUNDOWN.slate.key in ordered
    assert line("hello/1").key in ordered
    shop.has(*RUNDOWN.cues)
    shop.plays(1)
    assert shop.program.standing_in == ""
    shop.program.look()
    assert shop.store.usage().pinned == len(RUNDOWN.cues)


def test_nothing_but_what_was_shown_last_is_shown_again(tmp_path: Path) -> None:
    shop = Shop(tmp_path, shelf=1)
    shop.has(RUNDOWN.slate, line("hello/1"))
    assert shop.program.sample() is not None
    assert shop.plays(1) == ["hello/1"]
    shutil.rmtree(shop.folder)
    assert shop.plays(3) == ["hello/1"] * 3
    assert shop.program.standing_in.startswith("the last clip again and again for")
    assert shop.program.sample() is not None


def test_with_nothing_at_all_the_reason_is_named_and_orders_are_no_storm(shop: Shop) -> None:
    shop.program.prepare()
    assert shop.program.standing_in.startswith("nothing to show for a few seconds: ")
    for _ in range(20):
        shop.program.look()
        shop.program.prepare()
        assert shop.program.sample() is None
        assert not shop.program.has_anything
    assert len(shop.ordered) <= 2 * len(RUNDOWN.cues)
    shop.clock.skipped += UNANSWERED_SECONDS
    shop.program.look()
    assert "see to the render workers" in shop.program.standing_in
    shop.has(RUNDOWN.idle)
    shop.program.look()
    assert shop.program.standing_in == ""


def test_a_line_that_does_not_come_for_long_is_named(shop: Shop) -> None:
    shop.has(*(cue for cue in RUNDOWN.cues if cue.name != "quilt/2"))
    shop.program.look()
    shop.clock.skipped += OVERDUE_SECONDS + 1
    shop.program.look()
    shop.plays(1)
    assert shop.program.standing_in.startswith("some lines are passed over for")
    shop.has(line("quilt/2"))
    shop.program.look()
    shop.plays(1)
    assert shop.program.standing_in == ""


def test_a_clip_that_is_made_badly_again_and_again_is_no_storm(shop: Shop) -> None:
    shop.has(*(cue for cue in RUNDOWN.cues if cue.name != "hello/1"))
    for _ in range(20):
        shop.store.put(line("hello/1").key, lambda path: path.write_bytes(b"no clip") and None)
        assert shop.plays(1) != ["hello/1"]
        shop.program.look()
    assert [order.key for order in shop.ordered].count(line("hello/1").key) <= 3


def test_a_clip_that_cannot_be_read_is_passed_over_and_tried_again_later(shop: Shop) -> None:
    shop.has(*RUNDOWN.cues)
    path = shop.store.path(line("hello/1").key)
    aside = path.rename(path.with_suffix(".aside"))
    path.mkdir()
    assert shop.plays(1) == ["quilt/0"]
    path.rmdir()
    aside.rename(path)
    shop.clock.skipped += READ_AGAIN_SECONDS
    assert "hello/1" in shop.plays(2)


def test_a_disk_that_hangs_stops_nobody_who_has_something_in_memory(tmp_path: Path) -> None:
    shop = Shop(tmp_path, patience=0.3)
    shop.has(*RUNDOWN.cues)
    while not shop.program.sample():
        shop.program.look()
    hanging = line("hello/1")
    path = shop.store.path(hanging.key)
    path.unlink()
    os.mkfifo(path)
    begun = shop.clock.monotonic()
    try:
        assert shop.plays(5) == ["idle"] * 5
        shop.program.look()
        shop.clock.skipped += HANGS_SECONDS
        shop.plays(200)
        assert shop.clock.monotonic() - HANGS_SECONDS - begun < 30, "the disk was waited for"
        assert "the clip store doesn't answer" in shop.program.standing_in
    finally:
        path.write_bytes(b"")
    assert eventually(lambda: shop.plays(1) != ["idle"], 30, every=0.3)


def test_clips_of_another_make_suit_the_next_connection(shop: Shop) -> None:
    shop.has(RUNDOWN.slate)
    assert shop.program.sample() is not None
    shop.has(RUNDOWN.idle, line("hello/1"), audio_config=bytes([0x12, 0x10]))
    assert shop.plays(3) == ["slate"] * 3
    assert "2 made with other codec settings" in shop.program.standing_in
    assert shop.program.sample() is not None
    assert shop.plays(1) == ["hello/1"]


def test_equal_clips_are_in_memory_once_and_given_back(shop: Shop, tmp_path: Path) -> None:
    shop.has(*RUNDOWN.cues)
    small = Shelf(shop.store, max_bytes=1)
    first = small.get(RUNDOWN.idle.key)
    small.get(RUNDOWN.slate.key)
    assert small.get(RUNDOWN.idle.key) is first
    del first
    gc.collect()
    assert small.recall(RUNDOWN.idle.key) is None
