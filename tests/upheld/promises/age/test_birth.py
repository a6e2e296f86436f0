"""Year first, month and day only where the year does not settle it; days are UTC."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upheld.promises.age.birth import NOT_SETTLED, OLD_ENOUGH, TOO_YOUNG, settle

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("born", "settled"),
    [
        ((2012, None, None), OLD_ENOUGH),
        ((2014, None, None), TOO_YOUNG),
        ((2026, None, None), TOO_YOUNG),
        ((2013, None, None), NOT_SETTLED),
        ((2013, 10, None), OLD_ENOUGH),
        ((2013, 12, None), TOO_YOUNG),
        ((2013, 11, None), NOT_SETTLED),
        ((2013, 11, 22), OLD_ENOUGH),
        ((2013, 11, 23), OLD_ENOUGH),
        ((2013, 11, 24), TOO_YOUNG),
        ((2014, 1, 1), TOO_YOUNG),
        ((1950, 12, 31), OLD_ENOUGH),
    ],
)
def test_each_part_settles_what_it_can(
    born: tuple[int, int | None, int | None], settled: str
) -> None:
    assert settle(*born, minimum_years=13, today=TODAY) == settled


@pytest.mark.parametrize(
    ("today", "settled"),
    [
        (date(2025, 2, 28), TOO_YOUNG),
        (date(2025, 3, 1), OLD_ENOUGH),
    ],
)
def test_born_on_29_february(today: date, settled: str) -> None:
    assert settle(2012, 2, 29, minimum_years=13, today=today) == settled


@given(
    st.dates(date(1950, 1, 1), date(2026, 11, 23)),
    st.integers(13, 18),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)
def test_the_whole_date_always_settles_and_parts_never_contradict_it(
    born: date, minimum: int, today: date
) -> None:
    whole = settle(born.year, born.month, born.day, minimum_years=minimum, today=today)
    assert whole != NOT_SETTLED
    for month, day in ((None, None), (born.month, None)):
        part = settle(born.year, month, day, minimum_years=minimum, today=today)
        assert part in {whole, NOT_SETTLED}
    # Nobody is let in before as many years have passed as is asked for.
    if whole == OLD_ENOUGH:
        assert today - born >= timedelta(days=minimum * 365)
