"""Whatever a file holds, reading it ends in a day to plan or in problems, and gives no key away."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from orchestrator.errors import SpecError
from orchestrator.matrixfile import checked
from orchestrator.planning.day import problem_of
from tests.support.matrices import PLANNED

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
SMALL = (DEMO / "small.yaml").read_text(encoding="utf-8")
SECRET = "live_7d1f_SECRET"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ODD = st.sampled_from(
    (
        *("", "~", "[]", "{}", "5", "-1e999", "yes", "2026-02-31", "{a: b}", "[[]]", "'{'"),
        *("!x y", "&a *a", "!!bool x", "rtmp://h:x/y", "rtmp://[", "file:/k", "env:K"),
        *("'\\u0000'", "é", "🎉", "0x10", "1:30", ".nan"),
        *("00:00-24:00", "02:30-02:00", "24:00-01:00", "19:00", "99h999m", "0m", "[one, two]"),
    )
)
PATIENT = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def read(document: str) -> str:
    """What the operator is told; nothing if the file is good."""
    try:
        loaded = checked(document, DEMO, lambda name: SecretStr(SECRET + name), now=NOW)
        loaded.streams()
        loaded.acts()
        problem_of(loaded.matrix, NOW.date())
    except SpecError as error:
        return str(error)
    return ""


@PATIENT
@given(start=st.integers(0, len(SMALL)), length=st.integers(0, 80), put=ODD)
def test_a_file_with_a_hole_in_it_is_read_or_refused(start: int, length: int, put: str) -> None:
    assert SECRET not in read(SMALL[:start] + put + SMALL[start + length :])


@PATIENT
@given(data=st.data())
def test_any_value_may_be_anything(data: st.DataObject) -> None:
    words = SMALL.split(" ")
    place = data.draw(st.integers(0, len(words) - 1))
    words[place] = data.draw(ODD)
    assert SECRET not in read(" ".join(words))


DAY = PLANNED.replace(
    "plan: {}",
    "plan: { slot_minutes: 30, day_begins: 06:00, prime_time: [ 19:00-23:00 ], fleet: 9,"
    " fleet_at: [ { hours: 01:00-06:00, streams: 2 } ], stream_hour: 6, switch: 3, fairness: 2 }",
).replace(
    "operators: [zhou, wu]",
    "operators: [ zhou, wu ]\n    worth: 120\n    fit: { sweet: 115 }\n    owner: manpo\n"
    "    worth_at: [ { hours: 12:00-13:30, worth: 380 } ]\n    skills: [ 茶饮 ]\n    cleared: yes",
)
"""Every key that a plan goes by, each value a word of its own."""


def test_the_planned_day_that_is_tampered_with_is_good() -> None:
    assert not read(DAY)


@PATIENT
@given(data=st.data())
def test_any_value_of_a_planned_day_may_be_anything(data: st.DataObject) -> None:
    words = DAY.split(" ")
    place = data.draw(st.integers(0, len(words) - 1))
    words[place] = data.draw(ODD)
    assert SECRET not in read(" ".join(words))


@PATIENT
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(document: str) -> None:
    assert read(document) or not document


@pytest.mark.parametrize(
    "key",
    [
        "env:K: x",
        "live_7d1f_SECRET",
        "'live_7d1f_SECRET'",
        "[live_7d1f_SECRET]",
        "{live_7d1f_SECRET: 1}",
    ],
)
def test_a_key_typed_into_the_file_is_not_repeated(key: str) -> None:
    told = read(SMALL.replace('"env:SHOP_KEY"', key))
    assert told
    assert SECRET not in told
