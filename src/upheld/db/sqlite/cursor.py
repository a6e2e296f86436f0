"""Cursors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import tee
from typing import Any

from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX

from upheld.db.sqlite.driver import Database


class DjangoCursor(Database.Cursor):
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
