"""What a purpose may do with a table or a column. Pure: the policy in, a refusal or None out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from upheld.policy import Policy
from upheld.policy.model import Table

CLAUSE = "P44"


class Act(StrEnum):
    """What a statement does, as a refusal says it."""

    READ = "read"
    UPDATE = "update"
    INSERT = "insert into"
    DELETE = "delete from"
    COPY = "copy into"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one part of a statement may not run. `may` are the purposes that may do it; it is
    empty where none may, and `remedy` then says what to do instead."""

    act: Act
    what: str
    clause: str = CLAUSE
    may: frozenset[str] = frozenset()
    remedy: str = ""


class Rights:
    """One policy's table of rights. Whatever it does not know it refuses."""

    def __init__(self, policy: Policy | None) -> None:
        self._policy = policy
        self._tables = dict(policy.inventory.tables) if policy else {}
        self._fields: dict[tuple[str, str], frozenset[str]] = {
            (table.name, column): fields
            for table in self._tables.values()
            for column, fields in _personal_columns(table, self._policy).items()
        }
        personal = {table for table, _ in self._fields}
        self._public = frozenset(self._tables) - personal

    def is_personal(self, table: str, column: str) -> bool:
        """Whether this column holds a declared field."""
        return (table, column) in self._fields

    def is_public(self, table: str) -> bool:
        """Whether this table is declared and holds nothing personal."""
        return table in self._public

    def is_open(self, table: str, column: str) -> bool:
        """Readable by all: a table without personal data, the keys of one that has some, and
        SQLite's own row number where it stands for no column."""
        if table in self._public:
            return True
        return table in self._tables and (column in self._tables[table].keys or column == "ROWID")

    def personal_columns(self) -> list[tuple[str, str]]:
        """Every declared personal (table, column), in the order of their names."""
        return sorted(self._fields)

    def readers(self, table: str, column: str) -> frozenset[str]:
        """The purposes that may read a personal column: those of every field it holds."""
        return self._purposes(self._fields.get((table, column), frozenset()))

    def rows_max(self, purpose: str | None) -> int | None:
        """How many personal rows one statement may return under `purpose`."""
        declared = self._policy.purposes.get(purpose or "") if self._policy else None
        return declared.rows_max if declared else None

    def read(self, table: str, column: str, purpose: str | None) -> Refused | None:
        """READ, wherever the column stands in the statement."""
        fields = self._fields.get((table, column))
        if fields is None:
            return None if self.is_open(table, column) else _undeclared(Act.READ, table, column)
        may = self._purposes(fields)
        if purpose in may:
            return None
        return Refused(Act.READ, f"{table}.{column}", self._clause(fields), may)

    def update(self, table: str, column: str, purpose: str | None) -> Refused | None:
        """UPDATE of one column."""
        if self.is_public(table):
            return None
        fields = self._fields.get((table, column))
        if fields is None and not self.is_open(table, column):
            return _undeclared(Act.UPDATE, table, column)
        return self._write(Act.UPDATE, f"{table}.{column}", table, fields or frozenset(), purpose)

    def insert(self, table: str, purpose: str | None) -> Refused | None:
        """INSERT. The database names no columns, so every field of the table must be writable."""
        if table in self._tables and self._tables[table].empty:
            return Refused(
                Act.INSERT, table, remedy="leave it: this table is declared to stay empty."
            )
        if self.is_public(table):
            return None
        if table not in self._tables:
            return _undeclared(Act.INSERT, table)
        fields = frozenset[str]().union(
            *(names for (name, _), names in self._fields.items() if name == table)
        )
        return self._write(Act.INSERT, table, table, fields, purpose)

    def delete(self, table: str, purpose: str | None) -> Refused | None:
        """DELETE."""
        if self.is_public(table):
            return None
        if table not in self._tables:
            return _undeclared(Act.DELETE, table)
        may = self._tables[table].deletes
        return None if purpose in may else Refused(Act.DELETE, table, may=may)

    def _write(
        self, act: Act, what: str, table: str, fields: frozenset[str], purpose: str | None
    ) -> Refused | None:
        may = self._tables[table].writes
        if fields:
            may &= self._purposes(fields)
        return None if purpose in may else Refused(act, what, self._clause(fields), may)

    def _purposes(self, fields: frozenset[str]) -> frozenset[str]:
        if self._policy is None or not fields:
            return frozenset()
        sets = [self._policy.fields[name].purposes for name in fields]
        return sets[0].intersection(*sets[1:])

    def _clause(self, fields: frozenset[str]) -> str:
        if self._policy is None or not fields:
            return CLAUSE
        return self._policy.fields[min(fields)].clause


def _personal_columns(table: Table, policy: Policy | None) -> dict[str, frozenset[str]]:
    """Column → the fields it holds: one, or several where the column is JSON."""
    declared = policy.fields if policy else {}
    found = {column: frozenset({name}) for column, name in table.fields.items()}
    for column, keys in table.json.items():
        names = frozenset(name for name in keys.values() if name in declared)
        if names:
            found[column] = found.get(column, frozenset()) | names
    return found


def _undeclared(act: Act, table: str, column: str = "") -> Refused:
    what = f"{table}.{column}" if column else table
    return Refused(
        act,
        what,
        remedy=f"declare {what} in the inventory.toml of the app that owns the table: "
        "which field it holds, or why it is not personal.",
    )
