"""The models refuse what they don't know, and never quote what was typed."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from orchestrator.domain.matrix import Consent, EndpointSpec, Product, ScriptLine


def test_a_plain_string_is_a_line() -> None:
    assert ScriptLine.model_validate("你好").text == "你好"
    assert ScriptLine.model_validate({"text": "你好", "mood": "happy"}).mood == "happy"


def test_an_inline_key_is_refused_and_not_quoted() -> None:
    with pytest.raises(ValidationError) as refused:
        EndpointSpec.model_validate({"url": "rtmp://h/a", "key": "live_secret_123"})
    assert "live_secret_123" not in str(refused.value)


def test_a_date_in_quotes_is_a_date() -> None:
    agreed = [Consent.model_validate({"by": "林娜", "on": day}).on
              for day in (date(2026, 11, 1), "2026-11-01")]  # fmt: skip
    assert agreed == [date(2026, 11, 1)] * 2


@pytest.mark.parametrize("day", ["2026-02-31", "1 November", 20261101, "2026-11-01 14:00"])
def test_what_is_no_date_is_refused(day: object) -> None:
    with pytest.raises(ValidationError):
        Consent.model_validate({"by": "林娜", "on": day})


@pytest.mark.parametrize("price", [0, -1, "1.999", 1_000_000, "NaN"])
def test_a_price_that_is_none_is_refused(price: object) -> None:
    with pytest.raises(ValidationError):
        Product.model_validate({"id": "a", "name": "甲", "price": price})


def test_a_price_keeps_its_cents() -> None:
    assert Product.model_validate({"id": "a", "name": "甲", "price": 29.9}).price == Decimal("29.9")


def test_models_are_frozen() -> None:
    line = ScriptLine.model_validate("你好")
    with pytest.raises(ValidationError):
        line.text = "再见"  # type: ignore[misc]
