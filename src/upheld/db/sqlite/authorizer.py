"""SQLite's authorizer codes → the policy's rights. Decides one callback; keeps nothing."""

from __future__ import annotations

from collections.abc import Callable

from upheld.db.purpose import InForce
from upheld.db.rights import Act, Refused, Rights
from upheld.db.sqlite import pragmas
from upheld.db.sqlite.driver import Database

# The driver exports no names for these two; the numbers are SQLite's own and never change.
_RECURSIVE = 33
_HARMLESS = frozenset(
    {Database.SQLITE_SELECT, Database.SQLITE_TRANSACTION, Database.SQLITE_SAVEPOINT, _RECURSIVE}
)
# What SQLite brings along and nobody declares: the schema, counters, functions in FROM.
_SYSTEM_TABLES = pragmas.READABLE_TABLES | {
    "sqlite_master",
    "sqlite_schema",
    "sqlite_temp_master",
    "sqlite_temp_schema",
    "sqlite_sequence",
    "json_each",
    "json_tree",
    "jsonb_each",
    "jsonb_tree",
}
# They carry many rows in one, so a row budget could not count them.
PACKING = frozenset(
    {
        "group_concat",
        "string_agg",
        "json_group_array",
        "json_group_object",
        "jsonb_group_array",
        "jsonb_group_object",
    }
)
_NEVER_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})
_SCHEMA_REMEDY = "change the schema by a migration: `upheld upgrade` applies it."
_KEPT_COPIES = "leave it out: it would keep copies of personal values in the database's own tables."


def decide(
    action: int, first: str | None, second: str | None, rights: Rights, value: InForce
) -> Refused | None:
    """Whether a statement that is no schema change may do this. `first` and `second` are what
    SQLite names for the action: table and column, pragma and argument, nothing and function."""
    act = _BY_TABLE.get(action)
    if action in _HARMLESS:
        return None
    if act is not None:
        return act(first or "", second or "", rights, value)
    if action == Database.SQLITE_FUNCTION:
        return _function(second or "", rights, value)
    if action == Database.SQLITE_PRAGMA:
        if pragmas.may_run((first or "").lower(), second):
            return None
        return Refused(Act.RUN, f"PRAGMA {first}", remedy="leave it out; connections have theirs.")
    return _never(action) or Refused(Act.RUN, _word(action), remedy=_SCHEMA_REMEDY)


def decide_schema_change(action: int, first: str | None, second: str | None) -> Refused | None:
    """What even `upheld upgrade` may not do; the rest of a schema change is free, because a
    table is remade by reading every column."""
    if action == Database.SQLITE_PRAGMA and (first or "").lower() in pragmas.NEVER:
        return Refused(Act.RUN, f"PRAGMA {first}", remedy=_KEPT_COPIES)
    if action == Database.SQLITE_FUNCTION and (second or "").lower() in _NEVER_FUNCTIONS:
        return Refused(Act.RUN, f"{second}()", remedy="leave it out.")
    return _never(action)


def _never(action: int) -> Refused | None:
    if action == Database.SQLITE_ANALYZE:
        return Refused(Act.RUN, "ANALYZE", remedy=_KEPT_COPIES)
    return None


def _function(name: str, rights: Rights, value: InForce) -> Refused | None:
    if name.lower() in _NEVER_FUNCTIONS:
        return Refused(Act.RUN, f"{name}()", remedy="leave it out.")
    if name.lower() in PACKING and rights.rows_max(value.purpose) is not None:
        return Refused(
            Act.RUN,
            f"{name}()",
            remedy=f"read the rows themselves: purpose {value.purpose} counts them.",
        )
    return None


def _read(table: str, column: str, rights: Rights, value: InForce) -> Refused | None:
    # No column is named where rows are only counted, and a count tells nobody's data.
    if not column or table in _SYSTEM_TABLES:
        return None
    refused = rights.read(table, column, value.purpose)
    if refused and value.revealed and rights.is_personal(table, column):
        return None
    return refused


def _update(table: str, column: str, rights: Rights, value: InForce) -> Refused | None:
    return rights.update(table, column, value.purpose)


def _insert(table: str, _: str, rights: Rights, value: InForce) -> Refused | None:
    return rights.insert(table, value.purpose)


def _delete(table: str, _: str, rights: Rights, value: InForce) -> Refused | None:
    return rights.delete(table, value.purpose)


_BY_TABLE: dict[int, Callable[[str, str, Rights, InForce], Refused | None]] = {
    Database.SQLITE_READ: _read,
    Database.SQLITE_UPDATE: _update,
    Database.SQLITE_INSERT: _insert,
    Database.SQLITE_DELETE: _delete,
}


def _word(action: int) -> str:
    """SQLITE_DROP_TABLE → DROP TABLE."""
    for name in dir(Database):
        if name.startswith(
            (
                "SQLITE_CREATE",
                "SQLITE_DROP",
                "SQLITE_ALTER",
                "SQLITE_ATTACH",
                "SQLITE_DETACH",
                "SQLITE_REINDEX",
            )
        ) and (getattr(Database, name) == action):
            return name.removeprefix("SQLITE_").replace("_", " ")
    return f"SQLite action {action}"
