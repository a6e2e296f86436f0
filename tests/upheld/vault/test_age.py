"""The edge of the sixty days, to the second, wherever the clock hangs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upheld.policy import current
from upheld.vault.age import destroyed_from, is_over, kept_days, newest_day_over

DAY = date(2026, 11, 23)
EDGE = datetime(2027, 1, 22, tzinfo=UTC)
ZONES = (
    "UTC",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("seconds", "over"), [(-1, False), (0, True), (1, True)])
def test_the_edge_is_exact_in_every_zone(zone: str, seconds: int, over: bool) -> None:
    now = (EDGE + timedelta(seconds=seconds)).astimezone(ZoneInfo(zone))
    assert is_over(DAY, now) is over
    assert (newest_day_over(now) >= DAY) is over


def test_the_smallest_step_before_the_edge() -> None:
    assert not is_over(DAY, EDGE - timedelta(microseconds=1))


def test_across_a_change_of_clocks_a_day_stays_a_utc_day() -> None:
    sold = date(2026, 9, 1)  # daylight saving ends inside its sixty days
    edge = datetime(2026, 10, 31, tzinfo=UTC)
    assert destroyed_from(sold, 60) == edge
    local = edge.astimezone(ZoneInfo("Europe/Berlin"))
    assert is_over(sold, local) and not is_over(sold, local - timedelta(seconds=1))


def test_a_time_without_a_zone_is_no_time() -> None:
    with pytest.raises(TypeError):
        is_over(DAY, datetime(2027, 1, 22))


def test_the_number_is_the_policys() -> None:
    assert kept_days(date(2026, 11, 2)) == current().retention.private_financial_days == 60


@given(
    st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.timedeltas(timedelta(0), timedelta(days=120))
)
def test_both_rules_say_the_same(day: date, later: timedelta) -> None:
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) + later
    assert is_over(day, now) == (day <= newest_day_over(now)) == (later >= timedelta(days=60))
