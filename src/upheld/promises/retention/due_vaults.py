"""Vaults whose time is over: the key goes first, then the record of it, then the space.

Once its key is destroyed a value cannot be read by anyone, so whatever happens afterwards (a full
disk, a lost database, a kill) changes nothing about the promise and is done again later."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from upheld.ledger import append, newest_time
from upheld.ledger.events import DestructionHalted, KeyFoundAgain, VaultDestroyed
from upheld.ledger.models import LedgerEntry
from upheld.policy.errors import ActRefused
from upheld.promises.retention.due_rows import reclaim_space
from upheld.vault.age import is_over, newest_day_over
from upheld.vault.clock import Clock
from upheld.vault.keys import key_folder
from upheld.vault.models import SealedValue, VaultDay
from upheld.vault.partitions import days_with_partition, drop_partitions, make_partitions

_BATCH_ROWS = 500
_SAID_AGAIN_AFTER = timedelta(hours=24)
_BETWEEN_KEEPERS = timedelta(minutes=5)
_log = logging.getLogger("upheld.retention")


class KeyStands(ActRefused):
    """A key that must be gone could not be removed from the key folder."""


def destroy_due_vaults(now: datetime, clock: Clock) -> list[date]:
    """Destroy the key of every day that is over and record each. Returns the days recorded by
    this call: of two keepers at once, one. On a clock that cannot be believed nothing is
    destroyed, and the ledger says so; reads are refused by age all the same."""
    why = clock.why_implausible(now, newest_time())
    if why is not None:
        _say_halted(why, now)
        return []
    _note_found_again(now)
    on_disk = set(destroy_due_keys(now))
    unrecorded = VaultDay.objects.filter(destroyed_at=None, day__lte=newest_day_over(now))
    due = on_disk | set(unrecorded.values_list("day", flat=True))
    recorded = [day for day in sorted(due) if _record(day, now)]
    # A seal that had begun before may have made its key anew between the two.
    destroy_due_keys(now)
    return recorded


def destroy_due_keys(now: datetime) -> list[date]:
    """The keys alone, without any database. Returns the days whose files were there. Raises
    `KeyStands` where one cannot be removed."""
    folder = key_folder()
    due = [day for day in folder.days_on_disk() if is_over(day, now)]
    for day in due:
        try:
            folder.destroy_day(day)
        except OSError as error:
            _log.error("the key of vault %s cannot be removed: %s", day, type(error).__name__)
    left = [day for day in folder.days_on_disk() if is_over(day, now)]
    if left:
        raise KeyStands(
            f"The key of {left[0]} is past its period and could not be removed. Make the days "
            f"folder writable, or remove {left[0]}.key by hand."
        )
    return due


def destroyed_entry(day: date) -> int | None:
    """Which entry of the log says that the day's key was destroyed; the first, where a restored
    store had to say it again."""
    said = LedgerEntry.objects.filter(
        event=VaultDestroyed.__name__, facts__startswith=f'{{"day":"{day.isoformat()}"'
    )
    return said.order_by("index").values_list("index", flat=True).first()


def prepare_vaults(now: datetime) -> list[date]:
    """On PostgreSQL: a partition for today and for tomorrow, before anything is sealed into
    them. Returns the days that got one."""
    today = now.astimezone(UTC).date()
    return make_partitions([today, today + timedelta(days=1)])


def reclaim_vaults(rows_max: int) -> int:
    """Remove the values of destroyed vaults, which are noise by now: by the partition where the
    database has them, else in batches. Returns how many were deleted one by one; call again
    while it returns `rows_max`."""
    destroyed = VaultDay.objects.exclude(destroyed_at=None).values("day")
    if there := days_with_partition():
        gone = destroyed.filter(day__in=there).order_by("day")
        drop_partitions(gone.values_list("day", flat=True))
    deleted = 0
    while deleted < rows_max:
        size = min(_BATCH_ROWS, rows_max - deleted)
        with transaction.atomic():
            keys = list(
                SealedValue.objects.filter(day__in=destroyed).values_list("pk", flat=True)[:size]
            )
            SealedValue.objects.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < size:
            break
    if deleted:
        reclaim_space()
    return deleted


def _record(day: date, now: datetime) -> bool:
    """Mark the vault destroyed, with its ledger entry, unless another keeper just did."""
    opened = datetime.combine(day, time(), UTC)
    with transaction.atomic():
        # A key without a row is that of a seal that was rolled back.
        VaultDay.objects.bulk_create([VaultDay(day=day, opened_at=opened)], ignore_conflicts=True)
        open_still = VaultDay.objects.filter(day=day, destroyed_at=None)
        if not open_still.update(destroyed_at=now):
            return False
        append(VaultDestroyed(day, SealedValue.objects.filter(day=day).count()), now)
    return True


def _note_found_again(now: datetime) -> None:
    """Before they are destroyed once more. Another keeper may be between key and record, or the
    reverse, for a moment; later a key can only have been copied back."""
    over = [day for day in key_folder().days_on_disk() if is_over(day, now)]
    gone = VaultDay.objects.filter(day__in=over, destroyed_at__lt=now - _BETWEEN_KEEPERS)
    for day in gone.values_list("day", flat=True):
        with transaction.atomic():
            append(KeyFoundAgain(day), now)
        _log.error("the key of vault %s was destroyed and lay on the disk again", day)


def _say_halted(why: str, now: datetime) -> None:
    """Once a day, whichever process notices."""
    with transaction.atomic():
        said = LedgerEntry.objects.filter(event=DestructionHalted.__name__).order_by("-index")
        newest = said.first()
        if newest is None or abs(newest.at - now) >= _SAID_AGAIN_AFTER:
            append(DestructionHalted(why), now)
            _log.error("destruction of vault keys halted: the clock is implausible (%s)", why)
