"""What the ledger has no room for: anything that could be a person's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upheld.ledger import Code, Event
from upheld.ledger.events import DataRemoved, PolicyInForce, VaultDestroyed, canonical, leaf_data

DAY = date(2026, 11, 23)


@dataclass(frozen=True, slots=True)
class Sampled(Event):
    what: object


@pytest.mark.parametrize(
    "text",
    [
        "P20",
        "store_orders_ordercontact",
        "before_newest_entry",
        "take_payment",
        "v1.2",
        "a",
        "0123456789abcdef" * 4,
    ],
)
def test_words_of_our_own_making_pass(text: str) -> None:
    assert Code(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "jane@example.com",
        "Jane Doe",
        "12 Mill Lane",
        "4242424242424242",
        "+1-202-555-0143",
        "202-555-0143x",
        "id:2025550143",
        "x" * 65,
        "é",
        "a\n",
        "1234567",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "3f2504e04f8941d39a0c0305e82c3301",
        "42",
    ],
)
def test_what_could_be_personal_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="ledger code") as refused:
        DataRemoved(text, 1)
    assert len(text.strip()) < 3 or text not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    [
        True,
        1.5,
        None,
        b"x",
        ["a"],
        {"a": 1},
        datetime(2026, 11, 23, tzinfo=UTC),
    ],
)
def test_nothing_but_numbers_days_and_codes(value: object) -> None:
    with pytest.raises(TypeError):
        Sampled(value)


@given(st.emails() | st.uuids().map(str) | st.from_regex(r"\+?\d{7,15}", fullmatch=True))
def test_no_address_and_no_identifier_is_a_code(text: str) -> None:
    with pytest.raises(ValueError):
        Code(text)


def test_facts_have_one_spelling() -> None:
    assert VaultDestroyed(DAY, 3).facts() == '{"day":"2026-11-23","values":3}'
    assert PolicyInForce(1, "a" * 64).facts() == f'{{"digest":"{"a" * 64}","version":1}}'
    assert canonical({"b": 1, "a": "é"}) == '{"a":"\\u00e9","b":1}'


def test_a_leaf_says_when_what_and_where() -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    leaves = {
        leaf_data(0, at, "A", "{}"),
        leaf_data(1, at, "A", "{}"),
        leaf_data(0, at, "B", "{}"),
        leaf_data(0, at.replace(second=1), "A", "{}"),
        leaf_data(0, at, "A", '{"a":1}'),
    }
    assert len(leaves) == 5
