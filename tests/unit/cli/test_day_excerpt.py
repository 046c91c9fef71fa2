"""Which two hours of a day are played, and what counts as seen as planned."""

from dataclasses import replace

from orchestrator.cli.day_excerpt import (
    CLOSING_SECONDS,
    EXCERPT_SECONDS,
    LATE_SECONDS,
    Scene,
    Sights,
    at_tempo,
    excerpt,
    findings,
    liveliest,
)
from orchestrator.cli.day_run import FORETASTE_MS, sights
from orchestrator.domain.clip import Look, PersonaFace, Voice
from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.schedule import Act, Turn
from orchestrator.ids import FencingToken, NodeId, PersonaId, ShopId, StreamId
from orchestrator.planning.turns import Tempo
from orchestrator.sandbox.overlap import Interval
from tests.support.streams import a_spec

SWEET, WISE = PersonaId("sweet"), PersonaId("wise")
ONE, TWO = ShopId("one"), ShopId("two")
HOUR = 3600.0
ACTS = tuple(
    Act(who, PersonaFace(name, Look("toon-head"), Voice("zf_001")), ())
    for who, name in ((SWEET, "甜美"), (WISE, "知性"))
)


def turns(*hours: tuple[float, float, PersonaId | None]) -> tuple[Turn, ...]:
    return tuple(Turn(begin * HOUR, end * HOUR, who) for begin, end, who in hours)


DAY = {
    ONE: turns((8, 12, SWEET), (12, 13, WISE), (13, 14, SWEET), (18, 20, WISE)),
    TWO: turns((9, 12, WISE), (18, 19, SWEET), (19, 20, None)),
}


def test_the_two_hours_with_most_changes_of_doubles_are_taken() -> None:
    # After noon there are two changes in one shop; all other stretches have one
    moved = {
        **DAY,
        ONE: turns((8, 11.5, SWEET), (11.5, 12, SWEET), (12, 13, WISE), (13, 14, SWEET)),
    }
    assert liveliest(moved) == 11.5 * HOUR


def test_of_equally_lively_hours_those_with_the_streamer_in_them_are_taken() -> None:
    day = {ONE: turns((8, 9, SWEET), (9, 10, WISE)), TWO: turns((18, 19, SWEET), (19, 20, None))}
    assert liveliest(day) == 18 * HOUR


def test_turns_are_cut_at_both_ends_and_closed_shops_left_out() -> None:
    assert excerpt(DAY, 11 * HOUR) == {
        ONE: turns((11, 12, SWEET), (12, 13, WISE)),
        TWO: turns((11, 12, WISE)),
    }
    assert excerpt(DAY, 12 * HOUR) == {ONE: turns((12, 13, WISE), (13, 14, SWEET))}


SPEC = replace(a_spec("one"), acts=ACTS, turns=excerpt(DAY, 11 * HOUR)[ONE])
(PLAYED,) = at_tempo([SPEC], Tempo(11 * HOUR, 5000.0, 60))
END = 5000.0 + EXCERPT_SECONDS / 60


def seen(change: float, *, ended_at: float = END, connections: int = 1) -> Sights:
    scenes = (Scene(SWEET, 5000.1), Scene(WISE, 5060.0 + change))
    return Sights(scenes, connections, ended_at)


def test_turns_are_squeezed_around_the_beginning() -> None:
    assert [(turn.begins_at, turn.ends_at) for turn in PLAYED.turns] == [(5000, 5060), (5060, 5120)]
    assert PLAYED.link_digest == SPEC.link_digest


def test_what_is_seen_in_time_on_one_connection_is_as_planned() -> None:
    assert findings(PLAYED, seen(0.3)) == ()
    assert findings(PLAYED, seen(LATE_SECONDS)) == ()


def test_whatever_is_otherwise_is_said() -> None:
    assert findings(PLAYED, seen(LATE_SECONDS + 0.1)) == ("2.6 s after the edge",)
    assert findings(PLAYED, seen(-1.0)) == ("1.0 s before its turn",)
    assert findings(PLAYED, seen(0.3, connections=2)) == ("2 connections instead of 1",)
    assert findings(PLAYED, seen(0.3, ended_at=END + CLOSING_SECONDS + 1)) == (
        "on air until +6.0 s of closing",
    )
    alone = Sights((Scene(SWEET, 5000.0),), 1, END)
    assert findings(PLAYED, alone) == ("甜美 instead of 甜美 → 知性",)
    assert findings(PLAYED, Sights((), 0, None)) == (
        "nobody instead of 甜美 → 知性",
        "0 connections instead of 1",
    )


def taken(token: int, start_ms: int, persona: str) -> Report:
    facts: dict[str, str | int | float | None] = {"start_ms": start_ms, "persona": persona}
    name = f"{token}/{start_ms}"
    stream = StreamId("one")
    return Report(name, ReportKind.TAKEN, NodeId("n1"), 1.0, stream, FencingToken(token), facts)


def test_what_was_taken_is_placed_in_time_by_what_came() -> None:
    reports = [
        taken(1, 0, "sweet"),
        taken(1, 1920, "sweet"),
        taken(1, FORETASTE_MS + 10_000, "wise"),
        taken(1, FORETASTE_MS + 20_000, ""),
    ]
    intervals = [Interval(70.0, 80.0, 3), Interval(81.0, 95.0, 3)]
    found = sights(StreamId("one"), reports[::-1], intervals, ahead=1000.0)
    assert found == Sights(
        (Scene(SWEET, 1070.0), Scene(WISE, 1080.0), Scene(None, 1090.0)), 1, 1095.0
    )
