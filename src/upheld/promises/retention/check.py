"""Could this code keep something past its period? Asked before every start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import models

from upheld.policy import Finding, Policy
from upheld.policy.model import Table
from upheld.promises.retention.due_rows import PURPOSE, empty_value
from upheld.promises.retention.periods import Periods, periods_of, personal_tables
from upheld.promises.retention.walk import NoSuchPath, Walk, field_of, key_column, model_of, walk
from upheld.vault.folder_check import check_key_folder

_CLAUSE = "P05"
# What staff wrote about their own acts is no customer's, so no customer's hold concerns it.
_ABOUT_STAFF = frozenset({"oversee"})


def check(policy: Policy) -> list[Finding]:
    """The key folder, and of each personal table: where its periods start, whose it is, that
    every column has a period, and that the keeper may remove what is due."""
    findings = check_key_folder(Path(settings.UPHELD_KEYS), Path(settings.UPHELD_HOME))
    for table in personal_tables(policy):
        findings += _check_table(table, policy)
    return findings


def _check_table(table: Table, policy: Policy) -> Iterator[Finding]:
    try:
        key = key_column(table.name)
        if key not in table.keys:
            yield _finding(
                table,
                f"its primary key {key} is not among its keys, so no row can be removed",
                f'Add "{key}" to keys.',
            )
        yield from _check_starts(table, policy)
        yield from _check_owner(table, policy)
        yield from _check_columns(table, policy)
        yield from _check_referrers(table, policy)
    except NoSuchPath as error:
        yield _finding(table, str(error), "Mend the name, or add the migration that makes it.")


def _check_starts(table: Table, policy: Policy) -> Iterator[Finding]:
    if not table.starts:
        yield _finding(
            table,
            "it does not say from when its periods count",
            'Add starts = "column", or a path such as "order_id>store_orders_order.placed_at".',
        )
        return
    starts = walk(table.name, table.starts, "s")
    if not isinstance(starts.field, models.DateField):  # a DateTimeField is one too
        yield _finding(
            table,
            f"its periods count from {table.starts}, which is neither a day nor a time",
            "Name a date or time column.",
        )
    yield from _check_readable(table, table.starts, starts, policy)
    if table.collected:
        collected = walk(table.name, table.collected, "c")
        yield from _check_readable(table, table.collected, collected, policy)


def _check_owner(table: Table, policy: Policy) -> Iterator[Finding]:
    if table.owner:
        owner = walk(table.name, table.owner, "o")
        yield from _check_readable(table, table.owner, owner, policy)
        if not isinstance(owner.field, models.UUIDField):
            yield _finding(
                table,
                f"its owner {table.owner} is no subject number",
                "Let the path end at a column with the random number of a subject.",
            )
    elif not all(
        policy.fields[name].purposes <= _ABOUT_STAFF | {policy.access.purpose}
        for name in table.fields.values()
    ):
        yield _finding(
            table,
            "it does not say whose data it holds, so no hold can keep a row of it",
            'Add owner = "column", or a path such as "order_id>store_orders_order.subject_id".',
        )


def _check_readable(table: Table, path: str, way: Walk, policy: Policy) -> Iterator[Finding]:
    """The keeper reads the path with no right but to keys and to what is not personal."""
    for number, hop in enumerate(path.split(">")):
        name, column = way.through[number], hop.rpartition(".")[2]
        passed = policy.inventory.tables.get(name)
        if passed is None:
            yield _finding(
                table,
                f"{path} leads through {name}, which no inventory declares",
                f"Declare {name}.",
            )
        elif passed.is_personal and column not in passed.keys:
            yield _finding(
                table,
                f"{path} reads {name}.{column}, which is not among its keys",
                f'Add "{column}" to the keys of {name}.',
            )
        elif passed.is_personal and number:
            yield _finding(
                table,
                f"{path} leads through {name}, whose rows are removed by themselves",
                "Let the path go through tables that stay.",
            )


def _check_columns(table: Table, policy: Policy) -> Iterator[Finding]:
    try:
        periods = periods_of(table, policy)
    except LookupError as error:
        yield _finding(
            table, str(error.args[0]), "Give the field kept_days, or keep it nowhere but sealed."
        )
        return
    if PURPOSE not in table.deletes:
        yield _finding(
            table,
            f"nothing would ever go: purpose {PURPOSE} may not remove its rows",
            f'Add "{PURPOSE}" to deletes.',
        )
    if periods.early:
        yield from _check_early(table, periods, policy)


def _check_early(table: Table, periods: Periods, policy: Policy) -> Iterator[Finding]:
    if PURPOSE not in table.writes:
        yield _finding(
            table,
            f"columns of different periods stand in it, and purpose {PURPOSE} may not "
            f"empty the shorter ones ({', '.join(periods.early)})",
            f'Add "{PURPOSE}" to writes, or split the table.',
        )
    for column in periods.early:
        field = field_of(table.name, column)
        try:
            empty_value(field)
        except ValueError as error:
            yield _finding(
                table,
                f"{error}, though its period ends before its row's",
                f"Let {column} be NULL, or split the table.",
            )
        name = table.fields.get(column)
        if name and PURPOSE not in policy.fields[name].purposes:
            yield _finding(
                table,
                f"purpose {PURPOSE} may not use {name}, which it must empty early",
                f'Add "{PURPOSE}" to the purposes of "{name}".',
            )


def _check_referrers(table: Table, policy: Policy) -> Iterator[Finding]:
    """A row that another row points to cannot be removed without it."""
    for relation in model_of(table.name)._meta.related_objects:
        other = relation.related_model._meta.db_table
        if getattr(relation.field, "db_constraint", True) and not _stays_empty(policy, other):
            yield _finding(
                table,
                f"{other}.{relation.field.column} refers to its rows, which then cannot "
                "be removed when they are due",
                f"Let {other} refer to a table that stays.",
            )


def _stays_empty(policy: Policy, name: str) -> bool:
    declared = policy.inventory.tables.get(name)
    return declared is not None and declared.empty


def _finding(table: Table, problem: str, remedy: str) -> Finding:
    return Finding(
        file=table.file,
        line=None,
        clause=_CLAUSE,
        problem=f"{table.name}: {problem}.",
        remedy=remedy,
    )
