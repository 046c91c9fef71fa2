"""A planned day met with a real clip store: what is ordered, kept and held before each edge."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from orchestrator.domain.media import units_for
from orchestrator.domain.rundown import Cue, CueKind, estimated_seconds
from orchestrator.domain.standing_in import OVERDUE_SECONDS
from orchestrator.domain.stream import StreamSpec
from orchestrator.domain.turning import Cast
from tests.support.planned import CALM, NAMES, SWEET, Leg, a_day
from tests.support.stream_worker import a_stream
from tests.unit.stream.clips import write
from tests.unit.stream.hands import SkippingClock
from workers.clips.store import ClipStore
from workers.stream.foresight import LOOK_AGAIN_SECONDS, ORDER_SECONDS, URGENT_SECONDS
from workers.stream.orders import Order, Orders
from workers.stream.program import Program, Take
from workers.stream.shelf import Shelf

PATIENCE = 30.0
HOUR = 3600.0
BEGAN = 1_767_261_600.0
"""2026-01-01T10:00Z."""


class DayClock(SkippingClock):
    """It is as late as was said: how long the disk takes must not decide what fits before an edge.
    Only waiting for the disk counts real seconds."""

    @override
    def wall(self) -> float:
        return BEGAN + self.skipped


class Shop:
    """A planned program with its store and its orders; the day begins now."""

    def __init__(self, folder: Path, *legs: Leg) -> None:
        self.clock = DayClock()
        self.begun = self.clock.wall()
        self.folder = folder
        self.store = ClipStore(folder, 10**9, self.clock)
        self.ordered: list[Order] = []
        self.spec = a_day(a_stream("suyun-douyin", "rtmp://127.0.0.1/live", "k"), self.begun, *legs)
        self.cast = Cast(self.spec)
        shelf = Shelf(self.store, 1, PATIENCE)
        self.program = Program(self.spec, 0, shelf, Orders(self._send, self.clock), 60.0)

    def _send(self, order: Order) -> bool:
        self.ordered.append(order)
        return True

    def follows(self, *legs: Leg) -> StreamSpec:
        """The same stream with another day."""
        return a_day(replace(self.spec, turns=()), self.begun, *legs)

    def has(self, cues: Sequence[Cue]) -> None:
        for cue in cues:
            units = units_for(estimated_seconds(cue))
            self.store.put(cue.key, lambda path, u=units: write(path, u))

    def goes_on(self, until: float) -> list[Take]:
        """Clip after clip until that second of the day; a look after each, as on air."""
        takes = []
        while (left := self.begun + until - self.clock.wall()) > 0:
            take = self.program.take()
            if take is None:
                break
            takes.append(take)
            self.program.look()
            self.clock.skipped += min(take.duration_ms / 1000, max(left, 0.01))
        return takes

    def looks(self, at: float) -> list[Order]:
        """What is ordered by a look at that second of the day."""
        self.clock.skipped += self.begun + at - self.clock.wall()
        self.ordered.clear()
        self.program.look()
        return list(self.ordered)

    def cues(self, who: str) -> list[Cue]:
        """All of a double's."""
        found = [cue for cue in self.cast.cues() if cue.recipe.persona]
        return [cue for cue in found if cue.recipe.persona and cue.recipe.persona.name == who]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path, (SWEET, HOUR), (CALM, HOUR))
    made.has([*made.cues(NAMES[SWEET]), made.cast.rundown(made.cast.stretches[0]).slate])
    return made


def of(orders: Sequence[Order], who: str) -> list[Order]:
    return [o for o in orders if o.recipe.persona and o.recipe.persona.name == who]


def test_long_before_an_edge_nothing_is_ordered_for_it(shop: Shop) -> None:
    shop.goes_on(5)
    assert shop.looks(HOUR - ORDER_SECONDS - 10) == []


def test_a_quarter_of_an_hour_before_its_turn_a_doubles_clips_are_ordered_without_haste(
    shop: Shop,
) -> None:
    shop.goes_on(5)
    orders = shop.looks(HOUR - ORDER_SECONDS + 1)
    wanted = {c.key for c in shop.cues(NAMES[CALM]) if c.name != "bye/1"}
    assert {order.key for order in orders} == wanted
    assert not any(order.urgent for order in orders)


def test_minutes_before_its_turn_what_it_opens_with_is_urgent_and_nothing_else(shop: Shop) -> None:
    shop.goes_on(5)
    orders = of(shop.looks(HOUR - URGENT_SECONDS + 1), NAMES[CALM])
    urgent = {order.key for order in orders if order.urgent}
    stretch = shop.cast.stretches[1]
    opens_with = {cue.key for cue in shop.cast.opens_with(stretch) if cue.kind is not CueKind.SLATE}
    assert urgent == opens_with
    named = {cue.name for cue in shop.cast.opens_with(stretch)}
    assert named == {"over/1", "hello/1", "idle", "slate"}


def test_the_goodbye_is_ordered_before_the_shop_closes(shop: Shop) -> None:
    shop.has(shop.cues(NAMES[CALM]))
    bye = next(cue for cue in shop.cues(NAMES[CALM]) if cue.name == "bye/1")
    shop.store.discard(bye.key)
    shop.goes_on(5)
    shop.clock.skipped += HOUR
    shop.goes_on(HOUR + 10)
    assert [o.key for o in shop.looks(2 * HOUR - ORDER_SECONDS - 10)] == []
    assert [o.key for o in shop.looks(2 * HOUR - ORDER_SECONDS + 10)] == [bye.key]
    assert shop.looks(2 * HOUR - URGENT_SECONDS + 10)[-1].urgent


def test_what_the_next_double_lacks_is_no_trouble_before_its_turn(shop: Shop) -> None:
    shop.goes_on(5)
    shop.looks(HOUR - 170)
    shop.looks(HOUR - 170 + OVERDUE_SECONDS + 10)
    assert shop.goes_on(HOUR - 90)
    assert shop.program.standing_in == ""


def test_a_double_of_whom_nothing_is_there_is_stood_in_for_by_the_slate_not_by_another(
    shop: Shop,
) -> None:
    shop.goes_on(5)
    shop.clock.skipped += HOUR - 20
    shop.goes_on(HOUR - 1)
    after = shop.goes_on(HOUR + 12)[1:]
    assert after
    assert {take.cue.name for take in after} == {"slate"}
    assert shop.program.standing_in.startswith("slate for")


def test_what_a_double_opens_with_is_in_memory_by_then(shop: Shop) -> None:
    shop.has(shop.cues(NAMES[CALM]))
    shop.goes_on(5)
    for seconds in range(20):
        shop.looks(HOUR - URGENT_SECONDS + 1 + seconds * LOOK_AGAIN_SECONDS)
    shutil.rmtree(shop.folder)
    shop.clock.skipped += HOUR - 1 - (shop.clock.wall() - shop.begun)
    took = [take.cue.name for take in shop.goes_on(HOUR + 12) if take.persona == CALM]
    assert took[:1] == ["over/1"]
    assert "hello/1" in took


def test_all_that_is_left_of_the_day_is_pinned_and_nothing_of_what_is_over(shop: Shop) -> None:
    shop.has(shop.cues(NAMES[CALM]))
    shop.program.pin()
    both = len(shop.cast.cues())
    assert shop.store.usage().pinned == both
    shop.goes_on(5)
    shop.clock.skipped += HOUR
    shop.goes_on(HOUR + 20)
    assert shop.store.usage().pinned == both - len(shop.cues(NAMES[SWEET]))


def test_another_plan_counts_from_the_next_clip_on_and_is_pinned(shop: Shop) -> None:
    shop.has(shop.cues(NAMES[CALM]))
    shop.program.pin()
    first = shop.program.take()
    assert first is not None
    other = shop.follows((CALM, HOUR))
    shop.program.change(other)
    assert shop.program.digest == shop.spec.digest
    took = shop.program.take()
    assert took is not None
    assert (took.cue.name, took.persona) == ("over/1", CALM)
    assert shop.program.digest == other.digest
    assert NAMES[CALM] in shop.program.title
    shop.program.look()
    assert shop.store.usage().pinned == len(Cast(other).cues())


def test_a_clip_that_fills_the_time_is_cut_on_the_grid(shop: Shop) -> None:
    shop.has(shop.cues(NAMES[CALM]))
    shop.goes_on(5)
    shop.clock.skipped += HOUR - 12
    takes = shop.goes_on(HOUR)
    assert takes[-1].duration_ms < takes[-1].clip.duration_ms
    assert takes[-1].duration_ms % 320 == 0
    assert takes[-1].cue.kind is not CueKind.LINE


def test_a_shop_that_does_not_open_any_more_is_closed(shop: Shop) -> None:
    assert shop.program.opens_in == 0
    shop.clock.skipped += 3 * HOUR
    assert shop.program.take() is None
    assert shop.program.closed
    assert shop.program.opens_in is None
