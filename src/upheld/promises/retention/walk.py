"""A declared path through tables as SQL: where a row's period starts, whose data it is.

Only names that an inventory declares and that have the form of an identifier become SQL text;
every value is a parameter."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}", re.ASCII)


class NoSuchPath(Exception):
    """A path of an inventory leads through a table or column that does not exist."""


@dataclass(frozen=True, slots=True)
class Walk:
    """`joins` lead from the row `t` of the table to `column`, whose model field is `field`;
    `through` are the tables on the way, the row's own first."""

    joins: str
    column: str
    field: models.Field[Any, Any]
    through: tuple[str, ...]


def quoted(name: str) -> str:
    """An identifier for SQL text. Raises `NoSuchPath` for anything else."""
    if not _IDENTIFIER.fullmatch(name):
        raise NoSuchPath(f"{name!r} is not a name of a table or column")
    return connection.ops.quote_name(name)


def statement(*words: str) -> str:
    """SQL text of fixed words and of names that `quoted` has checked; values are parameters."""
    return " ".join(words)


def walk(table: str, path: str, alias: str) -> Walk:
    """`order_id>store_orders_order.placed_at` from a row of `table`: each hop goes from a column
    to the next table's primary key. Aliases begin with `alias`. Raises `NoSuchPath`."""
    first, *hops = path.split(">")
    at, column, joins, through = "t", first, "", [table]
    for number, hop in enumerate(hops, 1):
        following, _, following_column = hop.partition(".")
        field_of(through[-1], column)
        name = f"{alias}{number}"
        key = quoted(key_column(following))
        joins += f" LEFT JOIN {quoted(following)} {name} ON {name}.{key} = {at}.{quoted(column)}"
        at, column = name, following_column
        through.append(following)
    field = field_of(through[-1], column)
    return Walk(joins, f"{at}.{quoted(column)}", field, tuple(through))


def model_of(table: str) -> type[models.Model]:
    """The model behind a table. Raises `NoSuchPath`."""
    model = _models().get(table)
    if model is None:
        raise NoSuchPath(f"there is no table {table}")
    return model


def field_of(table: str, column: str) -> models.Field[Any, Any]:
    """The model field behind a column. Raises `NoSuchPath`."""
    for field in model_of(table)._meta.concrete_fields:
        if field.column == column:
            return field
    raise NoSuchPath(f"{table} has no column {column}")


def key_column(table: str) -> str:
    """The primary key's column. Raises `NoSuchPath`."""
    return str(model_of(table)._meta.pk.column)


@functools.cache
def _models() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
