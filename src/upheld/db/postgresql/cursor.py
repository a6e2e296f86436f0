"""Cursors: every statement is looked at, sent alone and under the role of the purpose in force.

All of the driver's ways to send a statement end in `_execute_send`; that method is the guard. It is
private to the driver, so a test pins it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import psycopg
from django.db.backends.postgresql import base

from upheld.db.doom import doom
from upheld.db.postgresql import statement
from upheld.db.postgresql.error_text import without_values
from upheld.db.postgresql.roles import wanted_role
from upheld.db.postgresql.statement import Kind
from upheld.db.postgresql.told import refused_by_server
from upheld.db.purpose import InForce, now_in_force, schema_change_allowed
from upheld.db.refusal import refusal, too_many_rows
from upheld.db.rights import Act, Refused, Rights
from upheld.db.rights_now import rights_in_force

_COMMAND_REMEDY = "statements begin with SELECT, WITH, INSERT, UPDATE, DELETE or VALUES."


class Guard:
    """What both cursor classes put before the driver's. `_rows_left` counts under a budget."""

    is_guarded = True
    declares = False
    _rows_left: int | None = None
    _rows_max = 0
    _sent = ""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        """Raises `UndeclaredPurpose` where the purpose in force does not allow the statement."""
        self._rows_left = None
        self._sent = ""
        execute = super().execute  # type: ignore[misc]  # of the driver's class beside this one
        self._value_free(lambda: execute(query, params, **kwargs))
        self._begin_counting()
        return self

    def executemany(self, query: Any, params_seq: Iterable[Any], **kwargs: Any) -> None:
        """As `execute`, for each row of parameters."""
        rows = 0
        for params in params_seq:
            self.execute(query, params)
            rows += max(self.rowcount, 0)  # type: ignore[attr-defined]
        self._rowcount = rows

    def copy(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Always refused: COPY reads a whole table."""
        self._refuse(Refused(Act.RUN, "COPY", remedy=_COMMAND_REMEDY), now_in_force())

    def stream(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Always refused: its rows arrive after the purpose has ended."""
        self._refuse(Refused(Act.RUN, "Cursor.stream", remedy="iterate."), now_in_force())

    def _execute_send(self, query: Any, **kwargs: Any) -> None:
        text = query.query.decode()
        self._sent = text
        connection = self._conn  # type: ignore[attr-defined]
        value = now_in_force()
        if not schema_change_allowed():
            self._look_at(text, value)
        kind = statement.kind_of(text, declares=self.declares)
        if kind is not Kind.BACK:
            database = connection.info.dbname
            connection.take_role(wanted_role(database, value, connection.schema_role))
        # Django's own schema changes put two commands into one text.
        kwargs["force_extended"] = not schema_change_allowed()
        super()._execute_send(query, **kwargs)  # type: ignore[misc]
        if kind in (Kind.BACK, Kind.OTHER):
            connection.forget_role()  # a schema command may have said any word

    def _look_at(self, text: str, value: InForce) -> None:
        if statement.kind_of(text, declares=self.declares) is Kind.OTHER:
            word = statement.verb(text) or "a statement without a first word"
            self._refuse(Refused(Act.RUN, word, remedy=_COMMAND_REMEDY), value)
        rights, _ = rights_in_force()
        target = statement.insert_target(text)
        if target is None and rights.rows_max(value.purpose) is None:
            return
        personal = _personal_column(text, rights)
        if personal and target and rights.is_public(target):
            remedy = "keep personal values in the tables that are declared for them."
            self._refuse(Refused(Act.COPY, f"{target} from {personal}", remedy=remedy), value)
        packed = statement.packing(text)
        if packed and rights.rows_max(value.purpose) is not None:
            remedy = f"read the rows themselves: purpose {value.purpose} counts them."
            self._refuse(Refused(Act.RUN, f"{packed}()", remedy=remedy), value)

    def _refuse(self, refused: Refused, value: InForce) -> NoReturn:
        doom()
        raise refusal(refused, value)

    def _value_free(self, run: Callable[[], Any]) -> Any:
        """The driver's errors without values, and the server's refusals as ours."""
        try:
            return run()
        except psycopg.Error as error:
            told: Exception = without_values(error)
            value, message = now_in_force(), error.diag.message_primary or ""
            refused = None
            if error.sqlstate in ("42501", "42601"):
                rights, _ = rights_in_force()
                refused = refused_by_server(message, self._sent, rights, value)
        if refused is not None:
            doom()
            told = refusal(refused, value)
        raise told

    def _begin_counting(self) -> None:
        """Under a row budget, where the text names a personal column."""
        rights, _ = rights_in_force()
        rows_max = rights.rows_max(now_in_force().purpose)
        if rows_max is None or schema_change_allowed() or not _personal_column(self._sent, rights):
            return
        self._rows_left = self._rows_max = rows_max

    def _count(self, rows: list[Any]) -> list[Any]:
        if self._rows_left is not None:
            self._rows_left -= len(rows)
            if self._rows_left < 0:
                doom()
                raise too_many_rows(now_in_force(), self._rows_max)
        return rows

    def fetchone(self) -> Any:
        """One row or None."""
        row = super().fetchone()  # type: ignore[misc]
        return row if row is None else self._count([row])[0]

    def fetchmany(self, size: int = 0) -> list[Any]:
        """Up to `size` rows."""
        return self._count(super().fetchmany(size))  # type: ignore[misc]

    def fetchall(self) -> list[Any]:
        """The rest; under a row budget not more than that."""
        if self._rows_left is None:
            rows: list[Any] = super().fetchall()  # type: ignore[misc]
            return rows
        return self.fetchmany(self._rows_left + 1)

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row


def _personal_column(text: str, rights: Rights) -> str | None:
    """A personal column that the text names, by its own name or by `*`, beside its table's."""
    words = statement.names(text)
    for table, column in rights.personal_columns():
        if table in words and (column in words or "*" in text.replace("(*)", "")):
            return f"{table}.{column}"
    return None


class GuardedCursor(Guard, base.Cursor):
    """The cursor of every ordinary statement."""


class GuardedServerCursor(Guard, base.ServerSideCursor):
    """The named cursor behind `.iterator()`."""

    declares = True
