"""Whatever a file holds, reading it ends in a matrix or in problems, and never gives a key away."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from orchestrator.errors import SpecError
from orchestrator.matrixfile import checked

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
SMALL = (DEMO / "small.yaml").read_text(encoding="utf-8")
SECRET = "live_7d1f_SECRET"
ODD = st.sampled_from(
    (
        *("", "~", "[]", "{}", "5", "-1e999", "yes", "2026-02-31", "{a: b}", "[[]]", "'{'"),
        *("!x y", "&a *a", "!!bool x", "rtmp://h:x/y", "rtmp://[", "file:/k", "env:K"),
        *("'\\u0000'", "é", "🎉", "0x10", "1:30", ".nan"),
    )
)
PATIENT = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def read(document: str) -> str:
    """What the operator is told; nothing if the file is good."""
    try:
        checked(document, DEMO, lambda _: SecretStr(SECRET)).streams()
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
