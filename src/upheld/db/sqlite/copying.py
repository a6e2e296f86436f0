"""The one unguarded connection: it copies the whole database, which no purpose could. Only backup,
restore and the proof of backups use it, and none of them hands a row of it to anyone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from upheld.db.sqlite.driver import Database

_TIMEOUT_SECONDS = 60


class CopyBroken(Exception):
    """The copied file is no sound database."""


def copy_database(source: Path, target: Path) -> None:
    """The state of one moment, whoever writes meanwhile. Into an existing database it is one
    transaction: killed at any point, `target` is wholly the old or wholly the new, and whoever
    has it open goes on with the new."""
    with closing(_open(source)) as here, closing(_open(target)) as there:
        there.execute("PRAGMA secure_delete = ON")
        here.backup(there)
        there.execute("PRAGMA journal_mode = WAL")
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def check_copy(path: Path) -> dict[str, int]:
    """How many rows each table has. Raises `CopyBroken` where SQLite finds the file damaged or a
    key that leads nowhere."""
    with closing(_open(path)) as copy:
        try:
            sound = [row[0] for row in copy.execute("PRAGMA integrity_check")] == ["ok"]
            loose = copy.execute("PRAGMA foreign_key_check").fetchone()
            if not sound or loose:
                raise CopyBroken(f"of {loose[0]}" if loose else "its pages do not fit together")
            names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {name: _count(copy, name) for (name,) in names if name[:7] != "sqlite_"}
        except Database.DatabaseError as error:
            raise CopyBroken("it cannot be read") from error


def rows_of(path: Path, table: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Some columns of a table of a copy; nothing where it has no such table."""
    with closing(_open(path)) as copy:
        if copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone():
            names = ", ".join(map(_quoted, columns))
            yield from copy.execute(f"SELECT {names} FROM {_quoted(table)}")  # noqa: S608 - quoted


def _count(copy: Any, table: str) -> int:
    text = f"SELECT count(*) FROM {_quoted(table)}"  # noqa: S608 - quoted
    counted: int = copy.execute(text).fetchone()[0]
    return counted


def _open(path: Path) -> Any:
    return Database.connect(path, timeout=_TIMEOUT_SECONDS)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
