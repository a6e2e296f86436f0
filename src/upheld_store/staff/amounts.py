"""Amounts as people type them."""

from __future__ import annotations

from decimal import Decimal

from upheld.policy.errors import ActRefused
from upheld_store.catalog.templatetags.money import digits_of


class AmountRefused(ActRefused):
    """No amount of this currency; the message names the way out."""


def minor_of(amount: Decimal, currency: str) -> int:
    """19.00, "USD" → 1900. Raises `AmountRefused` for a fraction that the currency lacks."""
    minor = amount.scaleb(digits_of(currency))
    if minor != minor.to_integral_value():
        raise AmountRefused(f"{currency} has no amount as small as that. Round it.")
    return int(minor)


def amount_of(minor: int, currency: str) -> Decimal:
    """1900, "USD" → 19.00."""
    return Decimal(minor).scaleb(-digits_of(currency))
