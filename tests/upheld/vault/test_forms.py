"""What a vault takes, and what it never does."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upheld.vault.forms import FORMS, has_form, holds_card_data, is_iban

VISA = "4242424242424242"
NUMBERS = (
    VISA,
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "3566002020360505",
    "30569309025904",
    "6304000000000000",
    "4000002500003155003",
)


@pytest.mark.parametrize("number", NUMBERS[:6])
@pytest.mark.parametrize("between", ["", " ", "-", ".", "\u00a0", " - ", "_", "/", "\u2009"])
def test_a_card_number_is_seen_however_spaced(number: str, between: str) -> None:
    groups = [number[i : i + 4] for i in range(0, len(number), 4)]
    assert holds_card_data(between.join(groups))
    assert holds_card_data(f"please use {between.join(groups)} thanks")


@pytest.mark.parametrize("zero", ["\uff10", "\u0660", "\u0966", "\U0001d7ce"])
def test_digits_of_other_scripts(zero: str) -> None:
    assert holds_card_data("".join(chr(ord(zero) + int(d)) for d in VISA))


@pytest.mark.parametrize("hidden", ["\u200b", "\u2060", "\ufeff", "\u00ad"])
def test_invisible_characters_hide_nothing(hidden: str) -> None:
    assert unicodedata.category(hidden) == "Cf"
    assert holds_card_data(hidden.join(VISA))


@pytest.mark.parametrize(
    "track",
    [
        "%B4242424242424242^DOE/JANE^30121010000000000000?",
        ";4242424242424242=30121010000000000000?",
        "4242424242424241=3012",
        "4242424242424241D30121010000",
    ],
)
def test_a_stripes_track_is_seen_even_with_a_wrong_check_digit(track: str) -> None:
    assert holds_card_data(track)


def test_a_number_inside_a_longer_run_is_seen() -> None:
    assert holds_card_data("000" + VISA + "1230123")


@pytest.mark.parametrize(
    "harmless",
    [
        "",
        "4242",
        "12/30",
        "+1 202-555-0143",
        "2026-11-23",
        "4242424242424241",
        "12 Mill Lane",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "ABCDE-FGHJK",
    ],
)
def test_what_holds_no_card_passes(harmless: str) -> None:
    assert not holds_card_data(harmless)


@given(st.text(alphabet="0123456789", min_size=1, max_size=12))
def test_short_numbers_are_never_taken_for_a_card(digits: str) -> None:
    assert not holds_card_data(digits)


GOOD = {
    "card_brand": ["visa", "mastercard", "unknown"],
    "last4": ["4242", "0000"],
    "expiry": ["01/27", "12/99"],
    "name": ["Jane Doe", "Anne-Marie O’Neil", "Smith & Sons (Ltd.)", "李小龍", "José Núñez"],
    "street": ["12 Mill Lane", "Rue de l’Église 4, 3e étage", "Postbus 1234"],
    "country": ["US", "DE"],
    "postal_code": ["97000", "SW1A 1AA", "1234-567"],
    "reference": ["cus_NffrFeUfNV2Hib", "pi_3MtwBwLkdIwHu7ix"],
    "bank_account": ["DE89370400440532013000", "GB29NWBK60161331926819"],
    "tax_number": ["DE123456789", "12-3456789"],
}
BAD = {
    "card_brand": ["Visa", "visa 4242", ""],
    "last4": ["424", "42424", "٤٢٤٢", "4242\n", "4 42"],
    "expiry": ["13/27", "00/27", "1/27", "01/2027", "0127"],
    "name": ["", "123", "a@example.com", "Jane 123", "x" * 201, "<b>Jane</b>", "..."],
    "street": ["", "123", "1\n2 Lane", "Call 202-555-0143 2025550143", "x" * 201],
    "country": ["us", "USA", ""],
    "postal_code": ["1", "97000\n", "x" * 20],
    "reference": ["Jane", "cus 123456", "cus_123"],
    "bank_account": ["DE89370400440532013001", "DE89 3704 0044 0532 0130 00", "4242424242424242"],
    "tax_number": ["12", "jane doe", "a" * 30],
}


@pytest.mark.parametrize(("form", "value"), [(f, v) for f, vs in GOOD.items() for v in vs])
def test_the_exact_form_is_taken(form: str, value: str) -> None:
    assert has_form(value, form)


@pytest.mark.parametrize(("form", "value"), [(f, v) for f, vs in BAD.items() for v in vs])
def test_any_other_form_is_not(form: str, value: str) -> None:
    assert not has_form(value, form)


def test_every_form_is_tried_here_and_none_is_for_a_code_or_a_pin() -> None:
    assert set(FORMS) == set(GOOD) == set(BAD)
    short = {form for form in FORMS if has_form("123", form) or has_form("1234", form)}
    assert short == {"last4", "postal_code"}  # a postal code may be as short


def test_an_unknown_form_takes_nothing() -> None:
    assert not has_form("123", "cvc") and not has_form("1234", "pin")


def test_an_iban_has_its_own_check_digits() -> None:
    assert is_iban("DE89370400440532013000") and not is_iban("DE88370400440532013000")
