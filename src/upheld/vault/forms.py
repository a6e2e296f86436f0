"""The exact form of each thing a vault takes. What has no form here has no place in a vault,
which is how a CVC or a PIN is kept out: there is nowhere to put one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

CARD_BRANDS = frozenset(
    {
        "amex",
        "cartes_bancaires",
        "diners",
        "discover",
        "eftpos_au",
        "jcb",
        "link",
        "maestro",
        "mastercard",
        "unionpay",
        "unknown",
        "visa",
    }
)
_TRACKS = re.compile(r"%?[A-Z]\d{12,19}\^|;?\d{12,19}=\d{4}|\d{12,19}D\d{7}", re.IGNORECASE)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]{1,3}(?=\d)")
_DIGITS = re.compile(r"\d+", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_CARD_DIGITS = range(13, 20)


def holds_card_data(value: str) -> bool:
    """A card number (13 to 19 digits that pass Luhn, however spaced) or a stripe's track."""
    plain = unicodedata.normalize("NFKC", value)
    plain = "".join(
        str(unicodedata.digit(c)) if c.isdigit() else c
        for c in plain
        if unicodedata.category(c) != "Cf"  # zero-width characters hide a number from a pattern
    )
    if _TRACKS.search(plain):
        return True
    joined = _BETWEEN_DIGITS.sub("", plain)
    return any(_holds_card_number(run) for run in _DIGITS.findall(joined))


def _holds_card_number(digits: str) -> bool:
    if len(digits) <= _CARD_DIGITS[-1]:
        return len(digits) >= _CARD_DIGITS[0] and _luhn(digits)
    windows = (digits[i : i + size] for size in _CARD_DIGITS for i in range(len(digits) - size + 1))
    return any(window[0] in "23456" and _luhn(window) for window in windows)


def _luhn(digits: str) -> bool:
    doubled = sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (doubled + sum(int(d) for d in digits[-1::-2])) % 10 == 0


def is_iban(value: str) -> bool:
    """An international bank account number with the right check digits."""
    if not _IBAN.fullmatch(value):
        return False
    moved = value[4:] + value[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def _pattern(text: str) -> Callable[[str], bool]:
    compiled = re.compile(text, re.ASCII)
    return lambda value: compiled.fullmatch(value) is not None


def _is_name(value: str) -> bool:
    allowed = all(c.isalpha() or unicodedata.combining(c) or c in " .,'’-&()/" for c in value)
    return allowed and 1 <= len(value) <= 200 and any(c.isalpha() for c in value)


def _is_street(value: str) -> bool:
    digits = sum(c.isdigit() for c in value)
    shown = all(c.isprintable() for c in value)
    return shown and 1 <= len(value) <= 200 and digits <= 8 and any(c.isalpha() for c in value)


# The name a policy's `form` says → whether a value has that form.
FORMS: Mapping[str, Callable[[str], bool]] = {
    "card_brand": CARD_BRANDS.__contains__,
    "last4": _pattern(r"\d{4}"),
    "expiry": _pattern(r"(?:0[1-9]|1[0-2])/\d{2}"),
    "name": _is_name,
    "street": _is_street,
    "country": _pattern(r"[A-Z]{2}"),
    "postal_code": _pattern(r"(?=.*[A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9 -]{1,10}"),
    "reference": _pattern(r"[A-Za-z]{2,10}_[A-Za-z0-9_]{6,64}"),
    "bank_account": is_iban,
    "tax_number": _pattern(r"(?=(?:.*\d){5})[A-Z0-9][A-Z0-9 ./-]{5,19}"),
}


def has_form(value: str, form: str) -> bool:
    """False for a form that is not known: closed by default."""
    check = FORMS.get(form)
    return check is not None and check(value)
