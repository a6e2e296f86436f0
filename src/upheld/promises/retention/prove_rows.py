"""P05: the oldest row of each period, counted; and a planted row that must be gone."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils.dateparse import parse_date, parse_datetime

from upheld.db import purpose
from upheld.db.probe import columns_sampled
from upheld.policy import Policy
from upheld.promises.proof import Proof, State
from upheld.promises.retention.due_rows import PURPOSE, Selection, remove_from, selections
from upheld.promises.retention.models import Hold
from upheld.promises.retention.periods import fields_by_column, periods_of, personal_tables
from upheld.promises.retention.walk import statement

# The keeper comes by every hour; what it has not yet seen is not late.
_BETWEEN_ROUNDS = timedelta(hours=2)
_LATE_MAX = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Oldest:
    """Of one selection: how many rows stand, and the part of its period the oldest has used."""

    rows: int
    used: float = 0.0
    beyond: timedelta = timedelta(0)


def prove_rows(policy: Policy, now: datetime) -> Proof:
    """Counts every personal table against its periods, rows under a hold aside, and has the
    keeper's own code remove a row that was planted for it."""
    found: list[_Oldest] = []
    with purpose(PURPOSE):
        for table in personal_tables(policy):
            found += [_oldest(chosen, now) for chosen in selections(table, policy, now)]
    canary_went = _plant_and_remove(policy, now)
    tables = list(personal_tables(policy))
    fields = {name for t in tables for names in fields_by_column(t).values() for name in names}
    rows = sum(each.rows for each in found)
    population = rows + 1
    if not canary_went:
        return Proof("P05", "broken", "tested", population, "A planted row outlived its period.")
    if copied := columns_sampled(policy):
        text = f"The planner has copied values of {copied[0]} ({len(copied)} such)."
        return Proof("P05", "broken", "tested", population, text)
    beyond = max((each.beyond for each in found), default=timedelta(0))
    if beyond > _BETWEEN_ROUNDS:
        text = f"The oldest row is {beyond.days} d {beyond.seconds // 3600} h past its period."
        state: State = "late" if beyond <= _LATE_MAX else "broken"
        return Proof("P05", state, "counted", population, text)
    used = min(max((each.used for each in found), default=0.0), 1)
    oldest = f"the oldest has used {used:.0%} of its period" if rows else "no row yet"
    return Proof(
        "P05",
        "kept",
        "counted",
        population,
        f"Rows: {rows}, of {len(fields)} fields in {len(tables)} tables; {oldest}. A planted row "
        "past its period was removed. The planner has no copies.",
    )


def _oldest(chosen: Selection, now: datetime) -> _Oldest:
    with connection.cursor() as cursor:
        cursor.execute(
            statement(
                f"SELECT count(*), min({chosen.starts}) FROM",
                chosen.source,
                "WHERE",
                chosen.condition,
            ),
            chosen.parameters,
        )
        rows, first = cursor.fetchone()
    if first is None:
        return _Oldest(rows)
    age, period = now - _moment(first), timedelta(days=chosen.days)
    return _Oldest(rows, age / period, max(age - period, timedelta(0)))


def _moment(value: str | date | None) -> datetime:
    """What min() gave: SQLite gives back the text that it keeps."""
    if isinstance(value, str):
        value = parse_datetime(value) or parse_date(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if value is None:
        raise ValueError("A period starts at what is neither a day nor a time.")
    return datetime.combine(value, time(), UTC)


def _plant_and_remove(policy: Policy, now: datetime) -> bool:
    """A hold that ended longer ago than its reason may be kept, removed by what the keeper
    runs; nothing of it is committed."""
    table = policy.inventory.tables[Hold._meta.db_table]
    past = timedelta(days=periods_of(table, policy).row_days + 1)
    with transaction.atomic():
        with purpose(min(table.writes)):
            hold = Hold(subject_id=uuid.uuid4(), until=(now - past).date(), made_at=now - past)
            hold.save(force_insert=True)
        with purpose(PURPOSE):
            remove_from(table, policy, now, policy.retention.rows_per_run_max)
        went = not Hold.objects.filter(pk=hold.pk).exists()
        transaction.set_rollback(True)
    return went
