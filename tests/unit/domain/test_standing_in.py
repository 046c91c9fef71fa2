"""The ladder down from the program, rung by rung, and what people are told of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from orchestrator.domain.rundown import PATIENT_IDLES, Cue, CueKind, Place, Rundown
from orchestrator.domain.standing_in import (
    OVERDUE_SECONDS,
    UNANSWERED_SECONDS,
    Rung,
    Shortage,
    choose,
    in_words,
    lasting,
    repeatable,
    with_the_store,
)
from tests.support.stream_worker import a_stream

RUNDOWN = Rundown(a_stream("suyun-douyin", "rtmp://127.0.0.1/live", "key", lines=3))


def only(*kinds: CueKind, but: tuple[str, ...] = ()) -> Callable[[Cue], bool]:
    return lambda cue: cue.kind in kinds and cue.name not in but


def rungs(ready: Callable[[Cue], bool], count: int = 1, place: Place | None = None) -> list[Rung]:
    place = place or RUNDOWN.start()
    found = []
    for _ in range(count):
        choice = choose(RUNDOWN, place, ready, ())
        place = choice.place
        found.append(choice.rung)
    return found


def a_cue(kind: CueKind) -> Cue:
    return next(cue for cue in RUNDOWN.cues if cue.kind is kind)


def test_with_everything_there_the_program_runs_round_after_round() -> None:
    assert set(rungs(lambda _: True, 200)) == {Rung.PROGRAM}


def test_a_missing_line_is_passed_over_for_the_next_one() -> None:
    first = RUNDOWN.opening()
    assert first is not None
    choice = choose(RUNDOWN, RUNDOWN.start(), lambda cue: cue.key != first.key, ())
    assert choice.rung is Rung.PROGRAM
    assert choice.cue is not None
    assert choice.cue.kind is CueKind.LINE


def test_some_loops_are_patience_as_long_as_there_is_a_line_and_trouble_after() -> None:
    ready = only(CueKind.LINE, CueKind.IDLE, CueKind.PAUSE, but=("quilt/1",))
    assert set(rungs(ready, 60)) == {Rung.PROGRAM}
    waiting = Place(0, ("quilt/1",), order=("quilt/1",), idles=PATIENT_IDLES)
    assert rungs(only(CueKind.IDLE), place=waiting) == [Rung.IDLE]


def test_without_any_line_the_double_idles_and_that_is_trouble_at_once() -> None:
    assert rungs(only(CueKind.IDLE, CueKind.SLATE), 20) == [Rung.IDLE] * 20


def test_a_stream_that_has_no_lines_idles_by_design() -> None:
    spec = a_stream("silent", "rtmp://127.0.0.1/live", "key")
    silent = Rundown(replace(spec, lines=()))
    assert choose(silent, silent.start(), only(CueKind.IDLE), ()).rung is Rung.PROGRAM
    assert choose(silent, silent.start(), only(CueKind.SLATE), ()).rung is Rung.SLATE


def test_without_the_double_the_slate_is_shown() -> None:
    assert rungs(only(CueKind.SLATE), 3) == [Rung.SLATE] * 3


def test_without_anything_ready_what_was_shown_last_is_shown_again() -> None:
    place, idle = RUNDOWN.start(), RUNDOWN.idle
    choice = choose(RUNDOWN, place, lambda _: False, (idle,))
    assert (choice.rung, choice.cue, choice.place) == (Rung.LAST, idle, place)


def test_with_nothing_shown_before_there_is_nothing() -> None:
    choice = choose(RUNDOWN, RUNDOWN.start(), lambda _: False, ())
    assert (choice.rung, choice.cue) == (Rung.NOTHING, None)


def test_a_double_that_says_nothing_is_repeated_before_a_sentence() -> None:
    line, pause, idle = map(a_cue, (CueKind.LINE, CueKind.PAUSE, CueKind.IDLE))
    assert repeatable([]) == ()
    assert repeatable([idle, line]) == (idle, line)
    assert repeatable([line]) == (line,)
    assert repeatable([idle, pause, line])[0] is pause


@pytest.mark.parametrize(
    ("rung", "stored", "overdue", "expected"),
    [
        (Rung.PROGRAM, True, 0.0, Rung.PROGRAM),
        (Rung.PROGRAM, True, OVERDUE_SECONDS, Rung.PROGRAM),
        (Rung.PROGRAM, True, OVERDUE_SECONDS + 1, Rung.PASSED),
        (Rung.PROGRAM, False, 0.0, Rung.MEMORY),
        (Rung.IDLE, False, 999.0, Rung.IDLE),
        (Rung.SLATE, True, 999.0, Rung.SLATE),
    ],
)
def test_a_program_that_runs_from_memory_or_leaves_lines_out_is_none(
    rung: Rung, stored: bool, overdue: float, expected: Rung
) -> None:
    assert with_the_store(rung, stored=stored, overdue=overdue) is expected


def test_while_the_program_runs_there_is_nothing_to_say() -> None:
    assert in_words(Rung.PROGRAM, 99.0, Shortage(9, 9)) == ""


def test_what_is_shown_for_how_long_and_why_is_said_in_a_sentence() -> None:
    assert (
        in_words(Rung.IDLE, 47.0, Shortage(16, 12)) == "idle for 40 s: 12 of 16 clips are missing"
    )
    said = in_words(Rung.SLATE, 5.0, Shortage(16, 1, waited=UNANSWERED_SECONDS))
    assert said == (
        "slate for a few seconds: 1 of 16 clips is missing, "
        "nothing that was ordered came for 20 s; see to the render workers"
    )
    said = in_words(Rung.MEMORY, 200.0, Shortage(16, 16, 99.0, 2, 3, "the clip store /m is gone"))
    assert said == (
        "only what is in memory for 3 min: 16 of 16 clips are missing, 2 found damaged, "
        "3 made with other codec settings, the clip store /m is gone"
    )


@pytest.mark.parametrize("rung", list(Rung))
def test_every_rung_has_its_words(rung: Rung) -> None:
    assert bool(in_words(rung, 1.0, Shortage(1, 1))) is (rung is not Rung.PROGRAM)


def test_times_are_round_so_that_a_status_does_not_change_with_every_look() -> None:
    assert lasting(9.9) == "a few seconds"
    assert [lasting(s) for s in (10, 59.9, 60, 3599, 3600, 90_000)] == [
        *("10 s", "50 s", "1 min", "59 min", "1 h", "25 h")
    ]
