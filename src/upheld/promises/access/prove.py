"""P40: what a copy says is compared, column by column, with the rows that are really there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from upheld.db import purpose
from upheld.policy import Policy
from upheld.policy.model import Table
from upheld.promises.access.check import held_fields, reachable_fields
from upheld.promises.access.held import held_rows
from upheld.promises.access.people import Person
from upheld.promises.access.questions import as_python, ask
from upheld.promises.proof import Proof
from upheld.promises.retention.models import Hold
from upheld.promises.retention.periods import fields_by_column, personal_tables
from upheld.promises.retention.walk import key_column, model_of, quoted, statement, walk

# As many rows of each table; the newest, because a new way to write is where a gap would be.
_ROWS_A_TABLE = 5


@dataclass(frozen=True, slots=True)
class _Seen:
    """One row as it lies there: whose, and which personal columns hold something."""

    table: str
    key: str
    subject: uuid.UUID
    columns: frozenset[str]


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """Tested on people who are really there, and on one who is planted for it; nothing of that
    one is committed."""
    fields, ways = held_fields(policy), reachable_fields(policy)
    lost = [name for name in fields if name not in ways]
    compared, missing = 0, list[str]()
    with transaction.atomic():
        _plant(policy, now)
        with purpose(policy.access.purpose):
            for seen in _rows(policy):
                shown = _shown(seen, now)
                compared += len(seen.columns)
                missing += [f"{seen.table}.{c}" for c in sorted(seen.columns - shown)]
        transaction.set_rollback(True)
    population = len(fields) + compared
    if lost or missing:
        text = f"A copy would not show {', '.join((lost + missing)[:3])}."
        return [Proof("P40", "broken", "tested", population, text)]
    text = (
        f"Each of {len(fields)} stored fields has a way to its person. {compared} filled columns "
        "of people who are here, and of one planted, were compared with their copies; none is "
        "missing."
    )
    return [Proof("P40", "kept", "tested", population, text)]


def _plant(policy: Policy, now: datetime) -> None:
    with purpose(min(policy.inventory.tables[Hold._meta.db_table].writes)):
        Hold(
            subject_id=uuid.uuid4(), reason="planted for a proof", until=now.date(), made_at=now
        ).save(force_insert=True)


def _rows(policy: Policy) -> Iterator[_Seen]:
    for table in personal_tables(policy):
        if table.owner:
            yield from _newest(table, table.owner)


def _newest(table: Table, path: str) -> list[_Seen]:
    owner, key = walk(table.name, path, "o"), f"t.{quoted(key_column(table.name))}"
    columns = sorted(fields_by_column(table))
    chosen = ", ".join([key, owner.column, *(f"t.{quoted(column)}" for column in columns)])
    rows = ask(
        statement(
            "SELECT", chosen, "FROM", quoted(table.name), "t", owner.joins, "WHERE",
            owner.column, "IS NOT NULL ORDER BY", key, f"DESC LIMIT {_ROWS_A_TABLE}",
        ),
        [],
    )  # fmt: skip
    pk: Any = model_of(table.name)._meta.pk
    return [
        _Seen(
            table.name,
            str(as_python(pk, row[0])),
            as_python(owner.field, row[1]),
            frozenset(c for c, value in zip(columns, row[2:], strict=True) if value),
        )
        for row in rows
    ]


def _shown(seen: _Seen, now: datetime) -> set[str]:
    """The columns of this row that its person's copy fills, or says why not."""
    return {
        value.column
        for record in held_rows(Person(frozenset({seen.subject})), now)
        if (record.table.name, record.key) == (seen.table, seen.key)
        for value in record.values
        if value.value not in (None, "") or value.why_not
    }
