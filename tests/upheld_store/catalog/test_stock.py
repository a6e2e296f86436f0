"""`stock.toml` is read whole, or refused with the place and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from upheld.policy.errors import ActRefused
from upheld_store.catalog.stock import StockInvalid, read_stock

GOOD = """
currency = "USD"
[[category]]
slug = "tools"
name = "Tools"
summary = "All of them."
[[product]]
slug = "hammer"
name = "Hammer"
category = "tools"
summary = "Hits nails."
description = "It *hits*."
plan = [{ name = "Single", price_minor = 1200, licensed = true }]
[[product.release]]
version = "1.0"
released_on = 2026-01-02
notes = "New."
file = [{ name = "hammer.zip", content_type = "application/zip" }]
"""


def read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "stock.toml"
    path.write_text(text)
    return read_stock(path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stock.toml"
    path.write_text(GOOD)
    (product,) = read_stock(path).products
    assert product.plans[0].price_minor == 1200 and product.plans[0].licensed
    assert product.releases[0].files[0].name == "hammer.zip"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("1200", "-1", "whole number of minor units"),
        ("1200", "12.5", "whole number of minor units"),
        ("1200", "true", "whole number of minor units"),
        ('"hammer"', '"../hammer"', "single hyphens"),
        ('"hammer.zip"', '"../hammer.zip"', "letters, digits, dots"),
        ('version = "1.0"', 'version = "a/b"', "letters, digits, dots"),
        ("2026-01-02", '"soon"', "not a date"),
        ('category = "tools"', 'category = "cars"', "no category is called 'cars'"),
        ('summary = "Hits nails."', 'summary = " "', "is not a text"),
        ('name = "Hammer"\n', "", "name"),
        ('description = "It *hits*."', 'description = "x"\nvendor_name = "Anvil"', "P27"),
        ("currency", "= broken", "Mend the file"),
        ("plan = [{", "plan = [] #", "at least one plan"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in GOOD
    with pytest.raises(StockInvalid, match=sentence):
        read(tmp_path, GOOD.replace(old, new, 1))


def test_a_product_stands_once(tmp_path: Path) -> None:
    product = GOOD[GOOD.index("[[product]]") :]
    with pytest.raises(StockInvalid, match="stands twice"):
        read(tmp_path, GOOD + product)


def test_a_missing_file_is_an_answer_to_a_person(tmp_path: Path) -> None:
    with pytest.raises(ActRefused, match="then seed again"):
        read_stock(tmp_path / "nowhere.toml")
