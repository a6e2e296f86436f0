"""Does a date of birth, or as much of one as is known, settle whether someone is old enough?"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

OLD_ENOUGH: Final = "old_enough"
TOO_YOUNG: Final = "too_young"
NOT_SETTLED: Final = "not_settled"
Settled = Literal["old_enough", "too_young", "not_settled"]


def settle(
    year: int, month: int | None, day: int | None, *, minimum_years: int, today: date
) -> Settled:
    """`today` is the UTC day. Whoever was born on 29 February has a birthday on 1 March in other
    years: until then a minimum age is not reached for certain."""
    passed = today.year - year
    if passed != minimum_years:
        return OLD_ENOUGH if passed > minimum_years else TOO_YOUNG
    if month is None:
        return NOT_SETTLED
    if month != today.month:
        return OLD_ENOUGH if month < today.month else TOO_YOUNG
    if day is None:
        return NOT_SETTLED
    return OLD_ENOUGH if day <= today.day else TOO_YOUNG
