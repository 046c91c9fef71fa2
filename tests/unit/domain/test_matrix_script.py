"""Prices and placeholders: what is said is what is written on the card."""

from decimal import Decimal

import pytest

from orchestrator.domain.matrix import Product
from orchestrator.domain.script import filled, heard, money, of_product, placeholders, sums


@pytest.mark.parametrize(
    ("amount", "written"),
    [("129.00", "129"), ("39.90", "39.9"), ("0.50", "0.5"), ("100", "100"), ("1299.99", "1299.99")],
)
def test_a_price_is_written_without_needless_zeros(amount: str, written: str) -> None:
    assert money(Decimal(amount)) == written


def test_a_line_is_filled_from_the_product_alone() -> None:
    product = Product(
        id="quilt", name="冬被", price=Decimal("299.00"), was=Decimal("399.00"), unit="床"
    )
    said = filled("{name}原价{was}，今天{price}一{unit}，省{save}。", of_product(product))
    assert said == "冬被原价399元，今天299元一床，省100元。"


def test_what_a_product_lacks_fills_nothing() -> None:
    product = Product(id="quilt", name="冬被", price=Decimal("299"))
    assert set(of_product(product)) == {"name", "price"}


def test_placeholders_are_plain_names() -> None:
    assert placeholders("{shop}的{name}") == ("shop", "name")
    for broken in ("{price", "{price!r}", "{price:>9}", "{0.real}", "{}"):
        with pytest.raises(ValueError):  # noqa: PT011 - the value is what is broken
            placeholders(broken)


def test_sums_of_money_are_found_and_other_numbers_are_not() -> None:
    assert sums("¥129.00，原价 199 元，省70块") == (Decimal("129.00"), Decimal(199), Decimal(70))
    assert sums("1.6升，8个菜单，24小时") == ()


def test_two_lines_that_sound_alike_are_one_to_the_ear() -> None:
    assert heard("慢慢看，不着急。") == heard("慢慢看 不着急！")
