"""Archives and their period: what lies where, and what must go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from upheld.ledger import append
from upheld.ledger.events import BackupMade
from upheld.policy import current
from upheld.policy.errors import ActRefused
from upheld.promises.retention.models import Backup
from upheld.promises.retention.scratch import sweep
from upheld.vault.archive import Archive, archives_in


def backup_days() -> int:
    """The policy's number. Raises `ActRefused` where it has none."""
    days = current().retention.backup_days
    if days is None:
        raise ActRefused(
            "The policy does not say how long a backup is kept, so none may be made. Add\n"
            "backup_days = 30\nto [retention] in policy.toml, and say so in clauses/retention.md."
        )
    return days


def note_made(archive: Path, rows: int, now: datetime) -> None:
    """Remember where the archive is, and log that it was found good."""
    with transaction.atomic():
        Backup.objects.create(
            made_at=now,
            folder=str(archive.parent),
            name=archive.name,
            size=archive.stat().st_size,
        )
        append(BackupMade(rows), now)


def remove_over(folder: Path, now: datetime) -> list[Path]:
    """Remove the archives of this folder whose period is over. Returns them."""
    days = backup_days()
    over = [archive.path for archive in archives_in(folder) if archive.is_over(days, now)]
    for path in over:
        path.unlink(missing_ok=True)
    return over


def prune_backups(now: datetime) -> int:
    """The act of that name: in every folder that is known and within reach, for an owner who has
    stopped making backups. Returns how many archives were removed."""
    sweep(Path(settings.UPHELD_HOME))
    if current().retention.backup_days is None:
        return 0
    removed = 0
    for folder in known_folders():
        removed += len(remove_over(folder, now))
    for backup in Backup.objects.all():
        folder = Path(backup.folder)
        if folder.is_dir() and not (folder / backup.name).exists():
            backup.delete()
    return removed


def known_folders() -> list[Path]:
    """Where archives were made to, as far as the folders are there."""
    names = Backup.objects.values_list("folder", flat=True).distinct().order_by("folder")
    return [folder for folder in map(Path, names) if folder.is_dir()]


def archives_within_reach() -> Iterable[Archive]:
    """Every archive in the known folders, newest first."""
    found = [archive for folder in known_folders() for archive in archives_in(folder)]
    return sorted(found, key=lambda archive: archive.made_at, reverse=True)
