"""When a vault's time is over: one rule for reading, destroying and proving. Days are UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from upheld.policy import current


def destroyed_from(day: date, days: int) -> datetime:
    """00:00 UTC of the first day on which nothing of `day` may be read."""
    return datetime.combine(day + timedelta(days=days), time(), UTC)


def is_over(day: date, now: datetime, days: int | None = None) -> bool:
    """True from 00:00 UTC of `day` + the policy's days for private financial data."""
    return now >= destroyed_from(day, kept_days() if days is None else days)


def newest_day_over(now: datetime) -> date:
    """The youngest day whose vault must be gone at `now`."""
    return now.astimezone(UTC).date() - timedelta(days=kept_days())


def kept_days() -> int:
    """The policy's number; the code has none of its own."""
    return current().retention.private_financial_days
