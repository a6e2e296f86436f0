"""The test cards. Any other number is refused, so that nobody types a real one here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Outcome = Literal["pays", "declined", "extra_step"]

_KNOWN: dict[str, tuple[str, Outcome]] = {
    "4242424242424242": ("visa", "pays"),
    "5555555555554444": ("mastercard", "pays"),
    "378282246310005": ("amex", "pays"),
    "4000000000000002": ("visa", "declined"),
    "4000000000009995": ("visa", "declined"),
    "4000002500003155": ("visa", "extra_step"),
}
_EXPIRY = re.compile(r"(0?[1-9]|1[0-2])\s*/\s*(?:20)?(\d{2})", re.ASCII)
_NAME_MAX = 100


class CardRefused(ValueError):
    """What was typed cannot be a test card; the message is for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Card:
    """One test card as typed. The number leaves with the page; only the last four stay."""

    name: str
    brand: str
    last4: str
    month: int
    year: int
    outcome: Outcome


def read_card(form: Mapping[str, str], today: datetime) -> Card:
    """What the page's form holds → a card. Raises `CardRefused` with one sentence."""
    name, number, expiry, cvc = (form.get(i, "") for i in ("name", "number", "expiry", "cvc"))
    digits = re.sub(r"[\s-]", "", number)
    if digits not in _KNOWN:
        raise CardRefused("Only the test cards listed below work here. Never type a real card.")
    brand, outcome = _KNOWN[digits]
    match = _EXPIRY.fullmatch(expiry.strip())
    if match is None:
        raise CardRefused("The expiry is a month and a year, such as 12/34.")
    month, year = int(match[1]), 2000 + int(match[2])
    if (year, month) < (today.year, today.month):
        raise CardRefused("This card has expired. Any later month works.")
    if not re.fullmatch(r"\d{3,4}", cvc.strip(), re.ASCII):
        raise CardRefused("The security code has three digits (four on some cards).")
    plain = " ".join(name.split())
    if not plain or len(plain) > _NAME_MAX or any(unicodedata.category(c) == "Cc" for c in plain):
        raise CardRefused("Type the name as it stands on the card.")
    return Card(plain, brand, digits[-4:], month, year, outcome)
