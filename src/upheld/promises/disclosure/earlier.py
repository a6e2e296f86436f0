"""Data given under words that named no such recipient does not go to it, whatever the words say
today."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.db import connection, models

from upheld.policy import Policy, current
from upheld.policy.errors import UndeclaredDisclosure
from upheld.policy.model import Table
from upheld.promises.retention.periods import fields_by_column
from upheld.promises.retention.walk import quoted, statement, walk


def refuse_earlier(recipient: str, *, subject: UUID, fields: Collection[str]) -> None:
    """Raise `UndeclaredDisclosure` where a field was collected of `subject` before `recipient`
    could get it. No statement is made while every version of the policy named the recipient."""
    policy = current()
    for name in fields:
        newer_than = max(
            (past.until for past in policy.history if _could_not(past.recipients, name, recipient)),
            default=None,
        )
        if newer_than is None:
            continue
        collected = min(_collected(policy, name, subject), default=None)
        if collected is not None and collected < newer_than:
            raise UndeclaredDisclosure(
                clause=policy.fields[name].clause,
                field=name,
                problem=f"was collected before {recipient} was among its recipients",
                remedy="Ask the person for consent under a purpose of its own, or leave it out.",
            )


def _could_not(recipients: Mapping[str, frozenset[str]], name: str, recipient: str) -> bool:
    """Whether a version knew the field and did not let the recipient have it."""
    known = recipients.get(name)
    return known is not None and recipient not in known


def _collected(policy: Policy, field: str, subject: UUID) -> Iterator[datetime]:
    """The earliest moment of collection in each table that holds the field of this subject."""
    for table in policy.inventory.tables.values():
        if table.owner and any(field in names for names in fields_by_column(table).values()):
            moment = _earliest(table, subject)
            if moment is not None:
                yield moment


def _earliest(table: Table, subject: UUID) -> datetime | None:
    owner = walk(table.name, table.owner or "", "o")
    collected = walk(table.name, table.collected or table.starts or "", "c")
    select = statement(
        f"SELECT MIN({collected.column}) FROM",
        f"{quoted(table.name)} t{owner.joins}{collected.joins}",
        f"WHERE {owner.column} = %s",
    )
    with connection.cursor() as cursor:
        cursor.execute(select, [owner.field.get_db_prep_value(subject, connection)])
        found = cursor.fetchone()[0]
    return _moment(collected.field, found)


def _moment(field: models.Field[object, object], found: object) -> datetime | None:
    value = field.to_python(found) if found is not None else None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else None
