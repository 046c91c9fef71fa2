"""What people are told of a stream's place in its day."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from orchestrator.cli.hours import ALL_DAY, Moment, Place, in_words, place_of, title_of
from orchestrator.cli.overview import Overview, joined
from orchestrator.cli.tables import fleet_line, status_table
from orchestrator.domain.clip import Look, PersonaFace, Voice
from orchestrator.domain.placement import Observation
from orchestrator.domain.schedule import CLOSED, Act, Turn
from orchestrator.domain.stream import Phase
from orchestrator.ids import FencingToken, NodeId, PersonaId
from orchestrator.store.plans import Outlook, PlanTrouble
from tests.support.streams import a_desired, a_spec
from tests.unit.cli.test_demo_report import drawn

SWEET, WISE = PersonaId("sweet"), PersonaId("wise")
HOUR = 3600.0
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC).timestamp()
"""In Shanghai."""
MOMENT = Moment(NOON, ZoneInfo("Asia/Shanghai"))


def act(persona: PersonaId, name: str) -> Act:
    return Act(persona, PersonaFace(name, Look("toon-head"), Voice("zf_001")), ())


def turn(begins: float, ends: float, who: PersonaId | None, operator: str = "周示例") -> Turn:
    """In hours from noon."""
    return Turn(NOON + begins * HOUR, NOON + ends * HOUR, who, operator)


SPEC = replace(
    a_spec("a"),
    acts=(act(SWEET, "甜美"), act(WISE, "知性")),
    turns=(
        *(turn(-1, 0, SWEET), turn(0, 1, SWEET, "吴样例"), turn(1, 3, WISE)),
        *(turn(3, 5, None), turn(30, 31, SWEET)),
    ),
)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (-2, "closed until 11:00"),
        (-0.5, "甜美 until 13:00, then 知性"),
        (1, "知性 until 15:00, then human"),
        (4.5, "human until 17:00, then closed"),
        (5, "closed until 18:00 tomorrow"),
        (31, "closed, nothing is planned"),
    ],
)
def test_who_is_on_until_when_and_who_comes_then(at: float, words: str) -> None:
    place = place_of(SPEC, NOON + at * HOUR)
    assert in_words(place, MOMENT) == words


def test_the_operator_is_the_one_who_watches_now() -> None:
    assert place_of(SPEC, NOON - HOUR / 2).operator == "周示例"
    assert place_of(SPEC, NOON + HOUR / 2).operator == "吴样例"


def test_a_stream_without_a_plan_has_no_place_in_a_day() -> None:
    assert place_of(a_spec("a"), NOON) == ALL_DAY
    assert in_words(ALL_DAY, MOMENT) == ""
    assert title_of(a_spec("a"), ALL_DAY) == a_spec("a").title


def test_a_stream_is_called_by_the_double_whose_turn_it_is_or_will_be() -> None:
    assert title_of(SPEC, place_of(SPEC, NOON + HOUR)) == "林娜·知性 → 素云家纺@douyin"
    assert title_of(SPEC, place_of(SPEC, NOON - 2 * HOUR)) == "林娜·甜美 → 素云家纺@douyin"
    assert title_of(SPEC, place_of(SPEC, NOON + 4 * HOUR)) == "林娜 → 素云家纺@douyin"


def test_a_closed_shop_is_as_wanted_while_nothing_is_on_air() -> None:
    closed = NOON + 6 * HOUR
    (row,) = joined([a_desired(SPEC)], [], {}, (), closed)
    assert (row.as_wanted, row.phase, row.reason) == (True, "planned", CLOSED)
    word = Observation(
        SPEC.stream, Phase.ON_AIR, "", FencingToken(1), NodeId("n1"), closed - 2 * HOUR
    )
    (row,) = joined([a_desired(SPEC)], [], {SPEC.stream: word}, (), closed)
    assert (row.as_wanted, row.phase, row.reason) == (True, "ended", CLOSED)
    (row,) = joined([a_desired(SPEC)], [], {}, (), NOON)
    assert not row.as_wanted


def test_the_table_shows_the_plan_where_there_is_one() -> None:
    rows = joined([a_desired(SPEC), a_desired(a_spec("b"))], [], {}, (), NOON)
    shown = drawn(status_table(rows, MOMENT), 100)
    assert "甜美 until 13:00, then 知性" in shown
    view = Overview(joined([a_desired(SPEC)], [], {}, (), NOON + 6 * HOUR), (), True)
    assert fleet_line(view).plain.startswith("0 of 0 on air · 1 shop closed")


def outlook(trouble: PlanTrouble | None = None) -> Outlook:
    return Outlook(date(2026, 11, 22), "Asia/Shanghai", NOON + 12 * HOUR, 3, trouble)


def test_trouble_with_the_next_day_is_said() -> None:
    assert Moment.of(NOON, outlook()).trouble == ""
    failed = outlook(PlanTrouble(date(2026, 11, 23), "the solver broke down", NOON))
    assert Moment.of(NOON, failed).trouble == (
        "2026-11-23 has no plan yet, and it is tried again: the solver broke down"
    )
    assert "run out" in Moment.of(NOON + 12 * HOUR, outlook()).trouble


def test_seconds_are_shown_where_a_day_runs_fast() -> None:
    place = Place(who="甜美", until=NOON + 30)
    assert in_words(place, MOMENT) == "甜美 until 12:00:30, then closed"
