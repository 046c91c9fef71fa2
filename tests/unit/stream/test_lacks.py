"""What a stream remembers of clips that are missing or no good, and for how long."""

from orchestrator.domain.rundown import CueKind, Rundown
from tests.support.stream_worker import a_stream
from tests.unit.stream.hands import HandClock
from workers.stream.lacks import READ_AGAIN_SECONDS, RENDER_AGAIN_SECONDS, SHOWN_SECONDS, Lacks

RUNDOWN = Rundown(a_stream("suyun-douyin", "rtmp://127.0.0.1/live", "key"))
FIRST, SECOND = [cue for cue in RUNDOWN.cues if cue.kind is CueKind.LINE][:2]


def test_waiting_counts_from_the_oldest_order_or_from_what_came_last() -> None:
    clock = HandClock()
    lacks = Lacks(clock)
    assert lacks.waited == 0
    lacks.see(FIRST, stored=False)
    clock.now += 30
    lacks.see(FIRST, stored=False)
    lacks.see(SECOND, stored=False)
    assert (lacks.waited, lacks.overdue) == (30, 30)
    lacks.see(FIRST, stored=True)
    clock.now += 5
    assert (lacks.waited, lacks.overdue) == (5, 5)
    lacks.see(SECOND, stored=True)
    assert (lacks.waited, lacks.overdue) == (0, 0)


def test_what_a_double_that_has_left_the_stage_lacked_is_forgotten() -> None:
    clock = HandClock()
    lacks = Lacks(clock)
    for cue in (FIRST, SECOND):
        lacks.see(cue, stored=False)
        lacks.unread(cue.key)
    clock.now += 1
    lacks.only([SECOND.key])
    assert not lacks.bad(FIRST.key)
    assert lacks.bad(SECOND.key)
    lacks.see(SECOND, stored=True)
    assert (lacks.waited, lacks.overdue) == (0, 0)


def test_only_lines_are_overdue() -> None:
    clock = HandClock()
    lacks = Lacks(clock)
    lacks.see(RUNDOWN.slate, stored=False)
    clock.now += 30
    assert (lacks.waited, lacks.overdue) == (30, 0)


def test_what_cannot_be_read_is_tried_again_after_a_while() -> None:
    clock = HandClock()
    lacks = Lacks(clock)
    lacks.unread(FIRST.key)
    assert lacks.bad(FIRST.key)
    assert not lacks.bad(SECOND.key)
    clock.now += READ_AGAIN_SECONDS
    assert not lacks.bad(FIRST.key)


def test_what_is_rendered_badly_again_is_not_asked_for_at_once() -> None:
    clock = HandClock()
    lacks = Lacks(clock)
    assert lacks.damaged(FIRST.key)
    clock.now += 5
    assert not lacks.damaged(FIRST.key)
    clock.now += RENDER_AGAIN_SECONDS
    assert lacks.damaged(FIRST.key)
    assert lacks.was_damaged(FIRST.key)
    clock.now += SHOWN_SECONDS
    assert not lacks.was_damaged(FIRST.key)


def test_what_is_foreign_to_one_connection_may_suit_the_next() -> None:
    lacks = Lacks(HandClock())
    lacks.foreign(FIRST.key)
    assert lacks.bad(FIRST.key)
    assert lacks.is_foreign(FIRST.key)
    lacks.reconnected()
    assert not lacks.bad(FIRST.key)
