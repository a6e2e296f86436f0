"""Tells a payment card's number from the numbers that only look like one.

A card number has an issuer's prefix, a length that this issuer uses, and a check digit (Luhn).
Where it is written in groups, it fills whole groups. All four together let phones, order numbers,
IBANs and parcel numbers pass, which a bare Luhn test over every window of digits would not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from upheld.policy.errors import CardNumberRefused

_DIGITS_MIN, _DIGITS_MAX = 13, 19
# Issuers' prefixes and the lengths that they use.
_ISSUERS: tuple[tuple[re.Pattern[str], frozenset[int]], ...] = tuple(
    (re.compile(prefix), frozenset(lengths))
    for prefix, lengths in (
        ("4", {13, 16, 19}),  # Visa
        ("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", {16}),  # Mastercard
        ("3[47]", {15}),  # American Express
        ("30[0-5]|3095|3[689]", {14, 16, 19}),  # Diners Club
        ("35(?:2[89]|[3-8])", {16, 17, 18, 19}),  # JCB
        ("2131|1800", {15}),  # JCB, old
        ("6011|64[4-9]|65", {16, 17, 18, 19}),  # Discover
        ("62|81", {16, 17, 18, 19}),  # UnionPay
        ("220[0-4]", {16, 17, 18, 19}),  # Mir
        ("5018|5020|5038|5893|6304|6759|676[1-3]", {13, 14, 15, 16, 17, 18, 19}),  # Maestro
        ("50|5[6-8]|6[0-57]|82|9792", {16}),  # Elo, Hipercard, RuPay, Troy, Verve, local debit
    )
)
# What is printed or typed between the groups of a number.
_BETWEEN = re.compile(r"[^\w]|_")
_BETWEEN_MAX = 5
_CHUNK = re.compile(r"\d+")
# A magnetic stripe's two tracks; the number in them need not pass the check digit.
_TRACKS = re.compile(r"%?B\d{12,19}\^|;?\d{13,19}=\d{4}", re.IGNORECASE)
_EXPIRY_AND_CODE = re.compile(r"(?:0[1-9]|1[0-2])\d\d(?:\d{3,4})?")
_CARD_GROUPS = frozenset({(4, 6, 5), (4, 6, 4), (6, 13), (4, 3, 3, 3)})
_UUID = re.compile(
    r"(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    r"(?![0-9a-z])",
    re.IGNORECASE,
)
_IBAN_START = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}\d{2}")
_IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 "
        "EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IS26 "
        "IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MT31 NL18 NO15 PK24 "
        "PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 UA29 VA22 XK20",
    )
}
# Letters that draw nothing, besides the marks and format characters known by their category.
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def refuse_card_numbers(value: str, field: str) -> None:
    """Raises `CardNumberRefused` where the text holds a card's number or track data. The error
    names the field and never the value."""
    if contains_card_number(value):
        raise CardNumberRefused(
            clause="P06",
            field=field,
            remedy="Take the card number out. A card is only ever typed on the payment "
            "gateway's own page.",
        )


def contains_card_number(text: str) -> bool:
    """Whether a payment card's number or a stripe's track stands anywhere in the text, however it
    is grouped, in whichever digits."""
    plain = _plain(text)
    if _TRACKS.search(plain):
        return True
    plain = _without_ibans(_UUID.sub("x", plain))
    return any(_is_card_number(digits) for chain in _chains(plain) for digits in chain.numbers())


def _plain(text: str) -> str:
    """Digits of any script as 0-9, nothing invisible, every white space as one blank."""
    shown = (
        c
        for c in unicodedata.normalize("NFKC", text)
        if unicodedata.category(c) not in {"Cf", "Mn", "Me"} and c not in _INVISIBLE_LETTERS
    )
    return " ".join("".join(str(unicodedata.digit(c, c)) for c in shown).split())


def _without_ibans(plain: str) -> str:
    kept, rest = [], 0
    for start in _IBAN_START.finditer(plain):
        length = _IBAN_LENGTHS.get(start[0][:2].upper())
        if length is None or start.start() < rest:
            continue
        end, compact = start.start(), ""
        while end < len(plain) and len(compact) < length:
            if plain[end].isalnum():
                compact += plain[end]
            elif plain[end] not in " -":
                break
            end += 1
        if len(compact) == length and _passes_iban_check(compact):
            kept.append(plain[rest : start.start()])
            rest = end
    return "x".join((*kept, plain[rest:]))


def _passes_iban_check(compact: str) -> bool:
    if not (compact.isascii() and compact.isalnum()):
        return False
    return int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1


@dataclass(frozen=True, slots=True)
class _Chain:
    """Groups of digits with only separators between them."""

    groups: tuple[str, ...]
    separators: tuple[str, ...]
    after_plus: bool

    def numbers(self) -> Iterator[str]:
        """Each string of digits that could be meant as one number: whole groups only."""
        # A plus sign starts a phone number, and those end before a card's usual length.
        if self.after_plus and sum(map(len, self.groups)) < _DIGITS_MIN + 2:
            return
        for group in self.groups:
            yield from _with_its_tail(group)
        sizes = tuple(map(len, self.groups))
        for start in range(len(sizes)):
            for end, total in enumerate(accumulate(sizes[start:]), start + 1):
                if total > _DIGITS_MAX:
                    break
                if total >= _DIGITS_MIN and self._is_one_number(sizes, start, end):
                    yield "".join(self.groups[start:end])

    def _is_one_number(self, sizes: tuple[int, ...], start: int, end: int) -> bool:
        taken = sizes[start:end]
        if taken in _CARD_GROUPS:
            return True
        if all(size % 4 == 0 for size in taken[:-1]) and (taken[-1] < 4 or taken[-1] % 4 == 0):
            # Fours from the middle of longer fours are a parcel's number, not a card's.
            begins = start == 0 or sizes[start - 1] != 4
            ends = end == len(sizes) or sizes[end] != 4
            if begins or ends:
                return True
        inside = set(self.separators[start : end - 1])
        begins = start == 0 or self.separators[start - 1] not in inside
        return len(inside) == 1 and begins


def _with_its_tail(group: str) -> Iterator[str]:
    """The group itself; of a longer one, what stands before an expiry date and a code."""
    if len(group) <= _DIGITS_MAX:
        yield group
        return
    for size in range(_DIGITS_MIN, _DIGITS_MAX + 1):
        if _EXPIRY_AND_CODE.fullmatch(group[size:]):
            yield group[:size]


def _chains(plain: str) -> Iterator[_Chain]:
    groups: list[str] = []
    separators: list[str] = []
    after_plus, last_end = False, 0
    for match in _CHUNK.finditer(plain):
        between = plain[last_end : match.start()]
        if groups and _joins(between):
            separators.append(between)
        else:
            if groups:
                yield _Chain(tuple(groups), tuple(separators), after_plus)
            groups, separators = [], []
            after_plus = plain[: match.start()].rstrip(" (").endswith("+")
        groups.append(match[0])
        last_end = match.end()
    if groups:
        yield _Chain(tuple(groups), tuple(separators), after_plus)


def _joins(between: str) -> bool:
    starts_phone = len(between) > 1 and between.endswith("+")
    return (
        len(between) <= _BETWEEN_MAX
        and not starts_phone
        and all(_BETWEEN.fullmatch(c) for c in between)
    )


def _is_card_number(digits: str) -> bool:
    if not _DIGITS_MIN <= len(digits) <= _DIGITS_MAX or not _passes_luhn(digits):
        return False
    if len(digits) == 13 and digits[0] == "4" and _passes_article_check(digits):
        # 13-digit cards died out long ago; articles from Germany and Japan begin with 4.
        return False
    return any(prefix.match(digits) and len(digits) in lengths for prefix, lengths in _ISSUERS)


def _passes_luhn(digits: str) -> bool:
    doubled = sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (doubled + sum(map(int, digits[-1::-2]))) % 10 == 0


def _passes_article_check(digits: str) -> bool:
    return (sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))) % 10 == 0
