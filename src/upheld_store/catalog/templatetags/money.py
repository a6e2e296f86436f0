"""`{{ minor|money:"USD" }}`: an amount as people write it. Amounts are integers in minor units."""

from __future__ import annotations

from django import template

register = template.Library()

# ISO 4217: currencies whose minor unit is not a hundredth.
_NO_MINOR_UNIT = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
)  # fmt: skip
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_DIGITS = dict.fromkeys(_NO_MINOR_UNIT, 0) | dict.fromkeys(_THOUSANDTHS, 3)
_SYMBOLS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CAD": "CA$", "AUD": "A$",
    "NZD": "NZ$", "MXN": "MX$", "INR": "₹", "KRW": "₩", "ILS": "₪", "VND": "₫",
}  # fmt: skip


def digits_of(currency: str) -> int:
    """How many digits its minor unit has: 2 for USD, none for JPY."""
    return _DIGITS.get(currency, 2)


@register.filter
def money(minor: int, currency: str) -> str:
    """1900, "USD" → "$19.00"; 1900, "JPY" → "¥1,900"; unknown symbols keep their code."""
    if not isinstance(minor, int) or isinstance(minor, bool):
        raise TypeError(f"An amount is a whole number of minor units, not {minor!r}.")
    digits = digits_of(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    amount = f"{whole:,}" + (f".{rest:0{digits}d}" if digits else "")
    # The space does not break, so that a price never falls apart over two lines.
    symbol = _SYMBOLS.get(currency) or f"{currency}\N{NO-BREAK SPACE}"
    return f"{'−' if minor < 0 else ''}{symbol}{amount}"
