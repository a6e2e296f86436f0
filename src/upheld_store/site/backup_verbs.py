"""The verbs that copy the store and bring it back, and the one that brings it to this version."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from upheld import ledger
from upheld.db import entry_point
from upheld.db.schema_change import schema_change
from upheld.policy.errors import ActRefused
from upheld.promises.retention.closing import is_closed
from upheld.vault.keys import key_folder
from upheld.vault.recovery import write_recovery
from upheld_store.site.back_up import back_up, write_checked
from upheld_store.site.environment import Environment, read_environment
from upheld_store.site.put_back import put_back


def backup(arguments: argparse.Namespace) -> int:
    """An archive in DIR, good because it was restored once."""
    _refuse_closed()
    made = back_up(arguments.folder, read_environment(), datetime.now(UTC))
    print(f"{made.path}: {made.rows} rows, restored to a scratch place and checked.")
    for path in made.removed:
        print(f"removed, because its period is over: {path}")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """The newest archive of DIR; the store answers 503 until this has ended."""
    _make_folders()
    done = put_back(
        arguments.folder,
        read_environment(),
        datetime.now(UTC),
        accept_missing=arguments.accept_missing_erasures,
    )
    print(
        f"restored: {done.archive.path}, made {done.archive.made_at:%Y-%m-%d %H:%M} UTC. "
        f"Erased again: {done.erased}; rows past their period removed: {done.purged}. "
        "The log goes on under a new name, and the promises page says so."
    )
    if done.lacks_list:
        print(
            "Nobody knows who was erased since that day: the promises page shows it as broken.",
            file=sys.stderr,
        )
    return 0


def upgrade_store() -> None:
    """Everything of `upheld upgrade` but the check: new lasting keys, a backup where the schema
    is about to change, the schema, the log's name. Raises `ActRefused`."""
    _refuse_closed()
    _make_folders()
    environment, now = read_environment(), datetime.now(UTC)
    _make_new_keys(environment, now)
    if _is_behind():
        _back_up_first(environment, now)
    with entry_point("command", "upgrade"), schema_change():
        call_command("migrate", interactive=False, verbosity=0)
    # No longer as one who may change the schema: that login has no rights of its own.
    with entry_point("command", "check"), transaction.atomic():
        ledger.settle_name(ledger.kept_outside(), now)


def _refuse_closed() -> None:
    if is_closed():
        raise ActRefused(
            "A backup is being put back, or that was ended half-way. Wait for it, or run `upheld "
            "restore DIR` again: until then the store stays closed."
        )


def _make_folders() -> None:
    for folder in (settings.UPHELD_HOME, settings.STATIC_ROOT, settings.MEDIA_ROOT):
        folder.mkdir(parents=True, exist_ok=True)


def _make_new_keys(environment: Environment, now: datetime) -> None:
    """Keys that this version has and the last had not; the recovery file lacks them."""
    new = key_folder().make_new_keys()
    if not new:
        return
    target = environment.store.with_name(
        f"{environment.store.name}-recovery-{now:%Y%m%d%H%M%S}.txt"
    )
    write_recovery(environment.keys, new, target, now.date().isoformat())
    print(
        f"New lasting keys: {', '.join(new)}. Your recovery file lacks them: {target} holds them. "
        "Put it with the other, away from this machine."
    )


def _is_behind() -> bool:
    """Whether a database with something in it is about to be migrated."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return bool(plan) and bool(executor.loader.applied_migrations)


def _back_up_first(environment: Environment, now: datetime) -> None:
    if connection.vendor != "sqlite":
        print(
            "The schema is about to change. PostgreSQL's own backup is the one to go back to: "
            "make it first (pg_dump or your snapshots) if you have not."
        )
        return
    folder = environment.home.with_name(f"{environment.home.name}-backups")
    path, _ = write_checked(folder, environment, now)
    print(f"Backed up first: {path}")
