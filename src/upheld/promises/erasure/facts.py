"""Rows that hold nothing personal and yet go, such as the number that an account is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection, models, transaction

from upheld.policy import current
from upheld.promises.access.questions import as_column, ask, select
from upheld.promises.erasure.models import Erasure, ErasureStep
from upheld.promises.erasure.rows import Round
from upheld.promises.retention.walk import key_column, model_of, quoted, statement, walk


def erase_facts(erasure: Erasure, look: Round) -> None:
    """Remove those rows of every subject that is not on hold. Where another row needs one it
    stays: it is a number, and names nobody."""
    free = sorted(look.subjects - look.held.keys())
    for table in current().inventory.tables.values():
        if not (table.goes and table.subject):
            continue
        owner, key = walk(table.name, table.subject, "o"), quoted(key_column(table.name))
        keys_of = select([f"t.{key}"], table.name, owner.joins, f"{owner.column} = %s")
        for subject in free:
            asked = [as_column(owner.field, subject)]
            for (value,) in ask(keys_of, asked):
                _remove(erasure, table.name, value)


def _remove(erasure: Erasure, table: str, key: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        needed = False
        for other, field in _referrers(model_of(table)):
            name, column = quoted(other), quoted(field.column or "")
            if field.null:
                cursor.execute(
                    statement("UPDATE", name, "SET", column, "= NULL WHERE", column, "= %s"), [key]
                )
            elif model_of(other)._meta.auto_created:  # a mere link between two tables
                cursor.execute(statement("DELETE FROM", name, "WHERE", column, "= %s"), [key])
            else:
                asked = statement("SELECT 1 FROM", name, "WHERE", column, "= %s LIMIT 1")
                needed = needed or bool(ask(asked, [key]))
        if not needed:
            column = quoted(key_column(table))
            cursor.execute(statement("DELETE FROM", quoted(table), "WHERE", column, "= %s"), [key])
            ErasureStep.count(erasure, model_of(table), int(cursor.rowcount))


def _referrers(model: type[models.Model]) -> Iterator[tuple[str, models.Field[Any, Any]]]:
    """(table, column's field) of every row that may point to one of `model`, but for personal
    tables: their rows are gone, or are somebody else's."""
    tables = current().inventory.tables
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):  # a OneToOneRel is one too
            continue
        other = relation.related_model._meta.db_table
        if other in tables and not tables[other].is_personal:
            yield other, relation.field
