"""Amounts as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from upheld_store.catalog.templatetags.money import money


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (1900, "USD", "$19.00"),
        (5, "EUR", "€0.05"),
        (0, "GBP", "£0.00"),
        (123456789, "USD", "$1,234,567.89"),
        (1900, "JPY", "¥1,900"),
        (1234, "KWD", "KWD\N{NO-BREAK SPACE}1.234"),
        (-250, "USD", "−$2.50"),
        (100, "CHF", "CHF\N{NO-BREAK SPACE}1.00"),
    ],
)
def test_amounts(minor: int, currency: str, written: str) -> None:
    assert money(minor, currency) == written


@pytest.mark.parametrize("minor", [1.5, "1900", True, None])
def test_only_whole_minor_units_are_amounts(minor: Any) -> None:
    with pytest.raises(TypeError, match="whole number of minor units"):
        money(minor, "USD")
