"""Rows of a person, table by table, as the inventories lead to them: which may go, which stay,
why and until when. Nothing here knows a single table of a store."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from upheld.policy import Policy, current
from upheld.policy.model import StayRule, Table
from upheld.promises.access.questions import as_column, as_moment, as_python, ask, select
from upheld.promises.erasure.models import Erasure, ErasureStep
from upheld.promises.retention.models import Hold
from upheld.promises.retention.walk import Walk, key_column, model_of, quoted, statement, walk
from upheld.vault.models import SealedValue

# Why, and until when.
Stay = tuple[str, date | None]
Stays = tuple[Stay, ...]
HOLD = "hold"
_BATCH_ROWS = 500
_SEALED = SealedValue._meta.db_table


@dataclass(frozen=True, slots=True)
class Rest:
    """Rows of one table that stay. `until` is None where it depends on somebody else's word."""

    table: str
    reason: str
    until: date | None
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its key, whose it is, and what keeps it."""

    key: Any
    subject: UUID
    stays: Stays


@dataclass(frozen=True, slots=True)
class Round:
    """One look at one person: whose rows, which subjects are on hold until when, and of which
    (recipient, subject) the part is still to be erased elsewhere."""

    subjects: frozenset[UUID]
    held: Mapping[UUID, date]
    waiting: frozenset[tuple[str, UUID]]
    now: datetime


def holds_of(subjects: Collection[UUID], now: datetime) -> dict[UUID, date]:
    """Subject → the last day of its longest hold."""
    held: dict[UUID, date] = {}
    rows = Hold.objects.filter(subject_id__in=subjects, until__gte=now.date())
    for subject, until in rows.values_list("subject_id", "until"):
        held[subject] = max(until, held.get(subject, until))
    return held


def personal_with_owner(policy: Policy) -> list[Table]:
    """Every table with somebody's personal data, in the order of names."""
    tables = policy.inventory.tables
    return [tables[name] for name in sorted(tables) if tables[name].is_personal_of_someone]


def rows_of(table: Table, look: Round) -> Iterator[Row]:
    """Every row of `table` that is one of the subjects', with what keeps it."""
    owner = walk(table.name, table.owner or table.subject or "", "o")
    key = quoted(key_column(table.name))
    rules = [(rule, *_ways(table, rule, number)) for number, rule in enumerate(table.stays)]
    chosen, joins = [f"t.{key}", owner.column], owner.joins
    for _, since, when in rules:
        chosen += [since.column, when.column if when else "NULL"]
        joins += since.joins + (when.joins if when else "")
    select_rows = select(chosen, table.name, joins, f"{owner.column} = %s")
    for subject in sorted(look.subjects):
        asked = [as_column(owner.field, subject)]
        for found in ask(select_rows, asked):
            pairs = zip(rules, found[2::2], found[3::2], strict=True)
            stays = [_stay(rule, since, when, look.now) for (rule, *_), since, when in pairs]
            yield Row(found[0], subject, _reasons(table, subject, look, stays))


def _ways(table: Table, rule: StayRule, number: int) -> tuple[Walk, Walk | None]:
    when = walk(table.name, rule.when, f"w{number}_") if rule.when else None
    return walk(table.name, rule.since, f"s{number}_"), when


def _stay(rule: StayRule, since: Any, when: Any, now: datetime) -> tuple[str, date] | None:
    """A value that is missing keeps nothing: what has not begun cannot last."""
    if since is None or (rule.when and str(when) not in rule.among):
        return None
    end = as_moment(since) + timedelta(days=current().erasure.stays[rule.reason].days_max)
    return (rule.reason, end.date()) if now < end else None


def _reasons(
    table: Table, subject: UUID, look: Round, stays: list[tuple[str, date] | None]
) -> Stays:
    found: list[Stay] = [stay for stay in stays if stay]
    if subject in look.held:
        found.append((HOLD, look.held[subject]))
    if table.needed_by and (table.needed_by, subject) in look.waiting:
        found.append((f"recipient:{table.needed_by}", None))
    return tuple(found)


def erase_table(erasure: Erasure, table: Table, look: Round) -> list[Rest]:
    """Remove the rows that nothing keeps, in batches with their count; what stays. Killed
    between two batches, the next round finds what is left."""
    going, rests = list[Any](), dict[Stay, int]()
    for row in rows_of(table, look):
        for stay in row.stays:
            rests[stay] = rests.get(stay, 0) + 1
        if not row.stays:
            going.append(row.key)
    name, key = quoted(table.name), quoted(key_column(table.name))
    for start in range(0, len(going), _BATCH_ROWS):
        batch = going[start : start + _BATCH_ROWS]
        these = f"{key} IN ({', '.join(['%s'] * len(batch))})"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement("DELETE FROM", name, "WHERE", these), batch)
            ErasureStep.count(erasure, model_of(table.name), int(cursor.rowcount))
    return [Rest(table.name, *stay, rows) for stay, rows in sorted(rests.items(), key=str)]


def erase_sealed(erasure: Erasure, look: Round) -> list[Rest]:
    """What the vault holds of rows that lead to the subjects, whichever tables these are. It stays
    for what its row would stay for."""
    rests: dict[Stay, int] = {}
    for table in current().inventory.tables.values():
        if not (table.owner or table.subject):
            continue
        pk, keys = model_of(table.name)._meta.pk, dict[Stays, list[str]]()
        for row in rows_of(table, look):
            keys.setdefault(row.stays, []).append(str(as_python(pk, row.key)))
        for stays, mine in keys.items():
            sealed = SealedValue.objects.filter(table_name=table.name, row_key__in=mine)
            if not stays:
                with transaction.atomic():
                    ErasureStep.count(erasure, SealedValue, sealed.delete()[0])
            elif rows := sealed.count():
                for stay in stays:
                    rests[stay] = rests.get(stay, 0) + rows
    return [Rest(_SEALED, *stay, rows) for stay, rows in sorted(rests.items(), key=str)]
