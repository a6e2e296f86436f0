"""Copying a whole store to another database, and checking the copy. The key folder stays."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connections, models, transaction

from upheld import ledger
from upheld.policy import current
from upheld.policy.errors import ActRefused
from upheld.vault.models import SealedValue
from upheld_store.site.environment import database_settings

ALIAS = "moved"
_BATCH_ROWS = 200
_DIGEST_SIZE = 2**256
_Report = Callable[[int, int], None]


class MoveFailed(ActRefused):
    """The copy is not what was copied, or could not be made; the store stands as it was."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was copied and found equal, row by row."""

    tables: int
    rows: int
    ledger_entries: int


def move_store(url: str, owner_url: str, report: _Report = lambda done, total: None) -> Moved:
    """Copy every row into the empty database at `url`, in one transaction there, while nothing
    is written here; then compare and verify. Raises `MoveFailed`, and leaves both as they were."""
    with attached(url, owner_url), ExitStack() as stack:
        login = connections[ALIAS].settings_dict.get("USER", "")
        for alias in ("default", ALIAS):
            stack.enter_context(as_owner_of(alias))
        _refuse_unless_empty()
        call_command("migrate", database=ALIAS, interactive=False, verbosity=0)
        with transaction.atomic("default"):
            hold_still()
            with transaction.atomic(ALIAS):
                make_partitions()
                rows = copy_all(report)
                refuse_unlike()
        if connections[ALIAS].vendor == "postgresql":
            _owner_module().settle(connections[ALIAS], current(), login)
        return Moved(len(_models()), rows, verified())


@contextmanager
def attached(url: str, owner_url: str) -> Iterator[None]:
    """The other database, under `ALIAS`, while the body runs."""
    settings = database_settings(url, owner_url)
    here = connections.settings["default"]
    if settings["ENGINE"] == here["ENGINE"] and settings["NAME"] == here["NAME"]:
        raise MoveFailed("That is the database this store stands on. Name another.")
    if settings["ENGINE"] == here["ENGINE"] == "upheld.db.postgresql":
        raise MoveFailed("From PostgreSQL to PostgreSQL use pg_dump, then `upheld upgrade`.")
    connections.settings[ALIAS] = connections.configure_settings({"default": {}, ALIAS: settings})[
        ALIAS
    ]
    try:
        yield
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.settings[ALIAS]


@contextmanager
def as_owner_of(alias: str) -> Iterator[None]:
    """As the login that owns the tables, where the database has one."""
    if connections[alias].vendor != "postgresql":
        yield
        return
    with _owner_module().as_owner(connections[alias]):
        yield


def _owner_module() -> Any:
    return importlib.import_module("upheld.db.postgresql.owner")


def _refuse_unless_empty() -> None:
    try:
        there = connections[ALIAS].introspection.table_names()
    except DatabaseError as error:
        raise MoveFailed(f"The other database cannot be opened: {error}") from error
    if there:
        raise MoveFailed(
            f"The other database has {len(there)} tables already, such as {min(there)}. Name an "
            "empty one: a copy never overwrites."
        )


def _models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def hold_still() -> None:
    """Nobody writes here until the copy is made. On SQLite the transaction holds the lock."""
    if connections["default"].vendor == "postgresql":
        with connections["default"].cursor() as cursor:
            for model in _models():
                table = connections["default"].ops.quote_name(model._meta.db_table)
                cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")


def copy_all(report: _Report = lambda done, total: None) -> int:
    """Every row, from here to there, in any order: foreign keys are checked at the end of the
    transaction."""
    total = sum(model._base_manager.using("default").count() for model in _models())
    done = 0
    for model in _models():  # what migrating put there by itself
        model._base_manager.using(ALIAS).all()._raw_delete(ALIAS)
    for model in _models():
        for batch in _batches(model):
            fields = list(model._meta.local_concrete_fields)
            model._base_manager.using(ALIAS)._insert(  # type: ignore[attr-defined]
                batch, fields=fields, raw=True, using=ALIAS
            )
            done += len(batch)
            report(done, total)
    resets = connections[ALIAS].ops.sequence_reset_sql(no_style(), _models())
    with connections[ALIAS].cursor() as cursor:
        for text in resets:
            cursor.execute(text)
    return done


def make_partitions() -> None:
    """Each day's sealed values go into a partition of their own there, to be dropped in time."""
    if connections[ALIAS].vendor != "postgresql":
        return
    days = SealedValue.objects.using("default").values_list("day", flat=True).distinct()
    vaults = importlib.import_module("upheld.db.postgresql.vaults")
    with connections[ALIAS].cursor() as cursor:
        for text in vaults.partition_statements(days.order_by("day")):
            cursor.execute(text)


def _batches(model: type[models.Model]) -> Iterator[list[models.Model]]:
    names = [field.attname for field in model._meta.local_concrete_fields]
    batch: list[models.Model] = []
    for row in _rows(model, "default"):
        batch.append(model.from_db(ALIAS, names, row))
        if len(batch) == _BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _rows(model: type[models.Model], alias: str) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in model._meta.local_concrete_fields]
    rows = model._base_manager.using(alias).order_by("pk").values_list(*names)
    return iter(rows.iterator(chunk_size=_BATCH_ROWS))


def refuse_unlike() -> None:
    """Raises `MoveFailed` where a table there differs from the one here."""
    for model in _models():
        if _sum(model, "default") != _sum(model, ALIAS):
            raise MoveFailed(f"Table {model._meta.db_table} was not copied as it is.")


def _sum(model: type[models.Model], alias: str) -> tuple[int, int]:
    """Rows, and the sum of their digests: databases sort texts differently."""
    count, total = 0, 0
    for row in _rows(model, alias):
        text = json.dumps([_plain(value) for value in row], sort_keys=True)
        total += int.from_bytes(hashlib.sha256(text.encode()).digest())
        count += 1
    return count, total % _DIGEST_SIZE


def _plain(value: object) -> object:
    if isinstance(value, memoryview | bytes):
        return bytes(value).hex()
    return value if isinstance(value, dict | list | int | None) else str(value)


def verified() -> int:
    """The log, as the copy holds it. Raises `MoveFailed` where it does not verify."""
    here = connections["default"]
    connections["default"] = connections[ALIAS]
    try:
        found = ledger.verify()
    finally:
        connections["default"] = here
    if not found.ok:
        raise MoveFailed(f"The copied log does not verify at entry {found.index}.")
    return found.size
