"""When the wall clock is not believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from upheld.vault import Clock

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def read(wall: timedelta, boot: timedelta) -> str | None:
    clock = Clock(NOW, 1000.0)
    clock.read(NOW + wall, 1000.0 + boot.total_seconds())
    return clock.why_implausible(NOW + wall, NOW)


@pytest.mark.parametrize("lived", [timedelta(0), timedelta(days=1), timedelta(days=900)])
@pytest.mark.parametrize(
    ("moved", "why"),
    [
        (timedelta(0), None),
        (timedelta(hours=48), None),
        (timedelta(hours=48, seconds=1), "moved"),
        (timedelta(days=61), "moved"),
    ],
)
def test_a_jump_inside_a_running_process(
    lived: timedelta, moved: timedelta, why: str | None
) -> None:
    assert read(lived + moved, lived) == why


def test_a_jump_backwards() -> None:
    assert read(timedelta(days=-3), timedelta(0)) == "moved"
    assert read(timedelta(hours=-1), timedelta(0)) == "before_newest_entry"
    assert read(timedelta(minutes=-5), timedelta(0)) is None


def test_a_gap_across_a_restart_is_sleep() -> None:
    later = NOW + timedelta(days=400)
    assert Clock(later, 5.0).why_implausible(later, NOW) is None


def test_an_empty_log_says_nothing_about_the_time() -> None:
    assert Clock(NOW, 5.0).why_implausible(NOW, None) is None
