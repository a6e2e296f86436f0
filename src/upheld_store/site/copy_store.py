"""The whole database as one file of SQLite's, and back, whichever database the store stands on.

From SQLite it is copied page by page through the one unguarded connection. From PostgreSQL it is
copied row by row, in the snapshot of one moment, as `upheld move` does: so every archive has the
same form, is checked by the same code, and can be put back into either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections, transaction

from upheld.db.schema_change import schema_change
from upheld.db.sqlite.copying import CopyBroken, check_copy, copy_database
from upheld.policy.errors import ActRefused
from upheld.vault.archive import ArchiveBroken
from upheld_store.site import move


def copy_out(target: Path) -> None:
    """Write the store as it is at one moment to a new file."""
    if connection.vendor == "sqlite":
        copy_database(_file(), target)
        return
    with move.attached(f"sqlite:///{target}", ""), move.as_owner_of("default"):
        call_command("migrate", database=move.ALIAS, interactive=False, verbosity=0)
        with transaction.atomic("default"):
            with connection.cursor() as cursor:
                # Nobody waits for a backup, and it sees none of what is written meanwhile.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            with transaction.atomic(move.ALIAS):
                move.copy_all()
                move.refuse_unlike()


def copy_in(source: Path) -> None:
    """Put a file of this version's schema in the place of the whole store, in one transaction."""
    if connection.vendor == "sqlite":
        connections.close_all()
        copy_database(source, _file())
        return
    with schema_change():
        call_command("migrate", interactive=False, verbosity=0)
    with (
        move.attached(f"sqlite:///{source}", ""),
        move.as_owner_of("default"),
        _reversed(),
        transaction.atomic("default"),
        transaction.atomic(move.ALIAS),
    ):
        move.make_partitions()
        move.copy_all()
        move.refuse_unlike()


def check_restored(path: Path, rows: dict[str, int]) -> None:
    """What a restored file must stand before it counts as a backup, or is put back: it is sound,
    has every row that the archive tells of, takes this version's schema, and its log verifies.
    Raises `ArchiveBroken`."""
    try:
        found = check_copy(path)
    except CopyBroken as broken:
        raise ArchiveBroken(f"The restored database is damaged: {broken}.") from broken
    if found != rows:
        unlike = {name for name, _ in rows.items() ^ found.items()}
        raise ArchiveBroken(f"The restored database has other rows, in {min(unlike)}.")
    with move.attached(f"sqlite:///{path}", ""):
        call_command("migrate", database=move.ALIAS, interactive=False, verbosity=0)
        try:
            move.verified()
        except move.MoveFailed as failed:
            raise ArchiveBroken(str(failed)) from failed


@contextmanager
def _reversed() -> Iterator[None]:
    """Here and there change places: `move` copies from here."""
    here, there = connections["default"], connections[move.ALIAS]
    connections["default"], connections[move.ALIAS] = there, here
    try:
        yield
    finally:
        connections["default"], connections[move.ALIAS] = here, there


def _file() -> Path:
    name = str(connection.settings_dict["NAME"])
    if name.startswith("file:") or name == ":memory:":
        raise ActRefused("A database in memory cannot be backed up.")
    return Path(name)
