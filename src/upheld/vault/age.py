"""When a vault's time is over: one rule for reading, destroying and proving. Days are UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from upheld.policy import current


def destroyed_from(day: date, days: int) -> datetime:
    """00:00 UTC of the first day on which nothing of `day` may be read."""
    return datetime.combine(day + timedelta(days=days), time(), UTC)


def is_over(day: date, now: datetime, days: int | None = None) -> bool:
    """True from 00:00 UTC of `day` + the policy's days for private financial data."""
    return now >= destroyed_from(day, kept_days(day) if days is None else days)


def newest_day_over(now: datetime) -> date:
    """The youngest day whose vault must be gone at `now`."""
    policy, today = current(), now.astimezone(UTC).date()
    newest = today - timedelta(days=policy.retention.private_financial_days)
    for past in policy.history:
        last = (past.until - timedelta(microseconds=1)).date()
        newest = max(newest, min(last, today - timedelta(days=past.private_financial_days)))
    return newest


def kept_days(day: date) -> int:
    """The policy's number for what was sealed on `day`: the shortest in force at any time since.
    The code has none of its own."""
    policy, begin = current(), datetime.combine(day, time(), UTC)
    since = [past.private_financial_days for past in policy.history if past.until > begin]
    return min([policy.retention.private_financial_days, *since])
