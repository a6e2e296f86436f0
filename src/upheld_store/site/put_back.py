"""`upheld restore`: a backup put back, what was erased since erased again, and only then served."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, connection, transaction

from upheld import keeping, ledger
from upheld.ledger.events import ErasuresMissing, StoreRestored
from upheld.policy.errors import ActRefused
from upheld.promises.erasure.tombstones import apply_list
from upheld.promises.retention import keep as retention
from upheld.promises.retention.closing import closed_mark
from upheld.promises.retention.models import Backup
from upheld.promises.retention.scratch import scratch_folder
from upheld.vault.archive import Archive, ArchiveBroken, archives_in
from upheld.vault.keys import lasting_key
from upheld.web.content import ContentVersion
from upheld_store.site.back_up import CHECKPOINT, DATABASE, read_manifest, unpack
from upheld_store.site.copy_store import check_restored, copy_in
from upheld_store.site.environment import Environment
from upheld_store.site.tombstone_list import read_tombstones
from upheld_store.site.whole_file import write_whole

# Versions of pages that other processes have in memory must not come again.
_VERSIONS_APART = 1_000_000
_RUNS_MAX = 1000


@dataclass(frozen=True, slots=True)
class PutBack:
    """Which archive, how many subjects were erased again, how many rows were due, and whether
    the list of erasures was missing."""

    archive: Archive
    erased: int
    purged: int
    lacks_list: bool


def put_back(
    given: Path, environment: Environment, now: datetime, *, accept_missing: bool = False
) -> PutBack:
    """Put the newest archive of the folder back, or the archive that is given itself. Until it has
    come to its end the store answers 503. Raises `ActRefused`, and nothing has changed, where the
    archive or the list of erasures is not good."""
    chosen = _choose(given)
    listed = read_tombstones(chosen.path.parent, accept_missing=accept_missing)
    with scratch_folder(environment.home) as scratch:
        unpacked = unpack(chosen.path, lasting_key("backup"), scratch / "restored")
        rows = read_manifest(unpacked, chosen.path)["rows"]
        check_restored(unpacked / DATABASE, {name: int(count) for name, count in rows.items()})
        known = _newest_known(chosen.path.parent)
        with _closed():
            version = _content_version()
            copy_in(unpacked / DATABASE)
            _bring_media(unpacked / "media", environment.home / "media")
            return _settle(chosen, listed, known, max(version, _content_version()), now)


def _choose(given: Path) -> Archive:
    folder, name = (given, None) if given.is_dir() else (given.parent, given.name)
    found = [each for each in archives_in(folder) if name in {None, each.path.name}]
    if not found:
        raise ActRefused(f"{given} holds no backup of a store. Name the folder of its archives.")
    return found[0]


def _newest_known(folder: Path) -> list[ledger.Checkpoint]:
    """The checkpoints of this store within reach, those of its own key alone."""
    found = []
    for note in (_file_of(folder / CHECKPOINT), _kept_beside_keys(), _of_the_old()):
        try:
            point = ledger.read_checkpoint(note) if note else None
        except ledger.NoteUnreadable:
            continue
        if point and point.is_signed_by(ledger.Signer().public):
            found.append(point)
    return found


def _file_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _kept_beside_keys() -> bytes | None:
    try:
        outside = ledger.kept_outside()
    except ledger.NoteUnreadable:
        return None
    return outside.note if outside else None


def _of_the_old() -> bytes | None:
    """Of the database that is about to go, if there is one that can be read."""
    try:
        newest = ledger.newest_checkpoint()
    except DatabaseError:
        return None
    return newest.note if newest else None


@contextmanager
def _closed() -> Iterator[None]:
    """The mark stays where the body fails: half a store must not open."""
    write_whole(closed_mark(), b"")
    yield
    closed_mark().unlink()


def _content_version() -> int:
    try:
        row = ContentVersion.objects.values_list("version", flat=True).first()
    except DatabaseError:
        return 0
    return row or 0


def _bring_media(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)


def _settle(
    chosen: Archive,
    listed: bytes | None,
    known: list[ledger.Checkpoint],
    version: int,
    now: datetime,
) -> PutBack:
    """What the restored store must do before it may answer, in this order: its log gets another
    name before it signs anything; no key of a day that is over lives, nobody who was erased,
    nothing past its period."""
    connection.close()
    _go_on(known, now)
    keeping.before_first_answer(now)
    erased = apply_list(listed, now) if listed else 0
    purged = _remove_due(now)
    with transaction.atomic():
        ContentVersion.objects.update_or_create(
            pk=1, defaults={"version": version + _VERSIONS_APART}
        )
        day = chosen.made_at.date()
        ledger.append(StoreRestored(day, erased), now)
        if listed is None:
            ledger.append(ErasuresMissing(day), now)
        # The archive tells of those before it; itself it could not.
        Backup.objects.get_or_create(
            name=chosen.path.name,
            folder=str(chosen.path.parent.resolve()),
            defaults={"made_at": chosen.made_at, "size": chosen.path.stat().st_size},
        )
    if not ledger.verify().ok:
        raise ArchiveBroken("The restored log does not verify.")
    ledger.keep_outside()
    return PutBack(chosen, erased, purged, listed is None)


def _remove_due(now: datetime) -> int:
    """All of it: one run stops at the policy's cap."""
    removed = 0
    for _ in range(_RUNS_MAX):
        run = sum(retention.remove_due(now).values())
        removed += run
        if not run:
            break
    return removed


def _go_on(known: list[ledger.Checkpoint], now: datetime) -> None:
    """Two histories under one name would be what the log is there to show."""
    own = ledger.newest_checkpoint()
    points = [*known, *([own] if own else [])]
    if points:
        with transaction.atomic():
            ledger.go_on(max(points, key=lambda point: point.age_rank), now)
