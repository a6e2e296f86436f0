"""Cursors: every statement passes the monitor, personal rows are counted, errors lose values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import tee
from typing import Any

from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX

from upheld.db.doom import doom
from upheld.db.purpose import now_in_force
from upheld.db.refusal import refusal, too_many_rows
from upheld.db.rights import Act, Refused
from upheld.db.sqlite.driver import Database
from upheld.db.sqlite.monitor import Monitor

# The one message of SQLite's that repeats stored bytes.
_WITH_VALUE = re.compile(r"^(Could not decode to UTF-8 column '.*?') with text .*", re.DOTALL)


class GuardedCursor(Database.Cursor):
    """Takes SQLite's own `?` placeholders."""

    _rows_left: int | None = None
    _rows_max = 0

    def execute(self, query: str, params: Any = ()) -> Any:
        """Raises `UndeclaredPurpose` where the purpose in force does not allow the statement."""
        return self._watched(super().execute, query, params)

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        """As `execute`, for each row of parameters."""
        return self._watched(super().executemany, query, param_list)

    def executescript(self, script: str) -> Any:
        """Refused once the connection is guarded: a script has no tag."""
        if self._monitor() is None:
            return super().executescript(script)
        doom()
        refused = Refused(Act.RUN, "executescript", remedy="execute its statements one by one.")
        raise refusal(refused, now_in_force())

    def fetchone(self) -> Any:
        """One row or None."""
        row = self._value_free(super().fetchone)
        return row if row is None else self._count([row])[0]

    def fetchmany(self, size: int | None = None) -> Any:
        """Up to `size` rows."""
        rows = self.arraysize if size is None else size
        return self._count(self._value_free(lambda: super(GuardedCursor, self).fetchmany(rows)))

    def fetchall(self) -> Any:
        """The rest; under a row budget not more than that."""
        if self._rows_left is None:
            return self._value_free(super().fetchall)
        return self.fetchmany(self._rows_left + 1)

    def __next__(self) -> Any:
        return self._count([self._value_free(super().__next__)])[0]

    def _watched(self, run: Callable[..., Any], query: str, params: Any) -> Any:
        monitor = self._monitor()
        self._rows_left = None
        if monitor is None:
            return run(query, params)
        with monitor.watch(query) as statement:
            self._value_free(lambda: run(statement.sql, params))
        if statement.rows_max is not None:
            self._rows_left = self._rows_max = statement.rows_max
        return self

    def _monitor(self) -> Monitor | None:
        """None while the connection is being opened."""
        monitor: Monitor | None = getattr(self.connection, "monitor", None)
        return monitor

    def _count(self, rows: list[Any]) -> list[Any]:
        if self._rows_left is not None:
            self._rows_left -= len(rows)
            if self._rows_left < 0:
                doom()
                raise too_many_rows(now_in_force(), self._rows_max)
        return rows

    def _value_free(self, run: Callable[[], Any]) -> Any:
        try:
            return run()
        except Database.Error as error:
            found = _WITH_VALUE.match(str(error))
            if found is None:
                raise
            raise type(error)(f"{found.group(1)}.") from None


class DjangoCursor(GuardedCursor):
    """Takes Django's `%s` and `%(name)s` placeholders."""

    def execute(self, query: str, params: Any = None) -> Any:
        """As Django's own SQLite cursor."""
        if params is None:
            return super().execute(query)
        names = list(params) if isinstance(params, Mapping) else None
        return super().execute(_converted(query, names), params)

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        """As Django's own SQLite cursor; a generator is looked into, not used up."""
        peeked, rows = tee(iter(param_list))
        first = next(peeked, None)
        names = list(first) if isinstance(first, Mapping) else None
        return super().executemany(_converted(query, names), rows)


def _converted(query: str, names: list[str] | None) -> str:
    if names is None:
        return FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")
    return query % {name: f":{name}" for name in names}
