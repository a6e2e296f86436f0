"""P20: a vault past its days refuses, one within them opens, and no key outlives its day."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from upheld.db import purpose
from upheld.db.purpose import now_in_force
from upheld.ledger.events import DestructionHalted, KeyFoundAgain
from upheld.ledger.models import LedgerEntry
from upheld.policy import Policy
from upheld.policy.errors import Expired, UndeclaredPurpose
from upheld.promises.proof import Proof, State
from upheld.promises.retention import open_sealed, seal
from upheld.vault.age import kept_days, newest_day_over
from upheld.vault.keys import fingerprint, key_folder
from upheld.vault.models import SealedValue, VaultDay
from upheld.vault.sealing import SealedRef, VaultKeyLost

_SCRATCH_TABLE = "upheld_scratch"
# One value of each form that means nothing; the vault asks for the form.
_SCRATCH_VALUES = {
    "card_brand": "unknown",
    "country": "US",
    "expiry": "01/00",
    "last4": "0000",
    "name": "Scratch",
    "postal_code": "A0000",
    "reference": "scratch_000000",
    "street": "Scratch 1",
}
_LATE_MAX = timedelta(hours=24)
_OLD_VALUES_TRIED_MAX = 100


@dataclass(frozen=True, slots=True)
class _Keys:
    """What lies in the folder of day keys."""

    on_disk: int
    over: list[date]
    strangers: int


def prove_vaults(policy: Policy, now: datetime) -> Proof:
    """Opens scratch values of day - 60 and day - 59 through the real gate, tries what is left of
    destroyed vaults, and looks at every key file."""
    days = kept_days(now.astimezone(UTC).date())
    holder = _purpose_that_may(policy)
    if holder is None:
        return _proof("unproven", None, "No purpose of a sealed field may be held by this command.")
    field, purpose_name = holder
    with purpose(purpose_name):
        wrong = _try_scratch(policy, field, days, now) or _try_old_values(now)
    keys = _look_at_keys(now)
    vaults = VaultDay.objects.count()
    population = vaults + keys.on_disk + 2
    if wrong:
        return _proof("broken", population, wrong)
    return _judge_keys(keys, population, vaults, now)


def _judge_keys(keys: _Keys, population: int, vaults: int, now: datetime) -> Proof:
    if keys.strangers:
        text = f"Files in the key folder that belong to no day: {keys.strangers}."
        return _proof("broken", population, text)
    if keys.over:
        return _judge_over(keys.over, population, now)
    again = LedgerEntry.objects.filter(
        event=KeyFoundAgain.__name__, at__gte=now - _LATE_MAX
    ).count()
    if again:
        text = f"Keys found again after their vaults had been destroyed: {again}."
        return _proof("late", population, text)
    lost = _lost_days(now)
    if lost:
        text = f"Days whose key is lost: {lost}; nobody can read their values."
        return _proof("unproven", population, text)
    return _proof(
        "kept",
        population,
        f"Vaults looked at: {vaults}; keys on disk: {keys.on_disk}, none past its day. A scratch "
        "value of the last day opened, one of the day after was refused.",
    )


def _judge_over(over: list[date], population: int, now: datetime) -> Proof:
    """Late until a keeper had its chance: it recorded the day as destroyed, or a day went by."""
    claimed = VaultDay.objects.filter(day__in=over).exclude(destroyed_at=None).exists()
    late = now - _end_of(newest_day_over(now), over[0], now) <= _LATE_MAX and not claimed
    text = f"Keys on the disk past their day: {len(over)}, the oldest of {over[0]}."
    halted = LedgerEntry.objects.filter(
        event=DestructionHalted.__name__, at__gte=now - _LATE_MAX
    ).exists()
    if halted:
        text += " Destruction is halted: the clock cannot be believed."
    return _proof("late" if late else "broken", population, text)


def _end_of(newest_over: date, day: date, now: datetime) -> datetime:
    """00:00 UTC of the day on which the key of `day` was to go."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return midnight - (newest_over - day)


def _purpose_that_may(policy: Policy) -> tuple[str, str] | None:
    """A sealed field and a purpose of it that this entry point may hold."""
    place = now_in_force()
    if place.kind == "none":
        return None
    held = (
        frozenset(policy.purposes)
        if place.kind == "test"
        else policy.inventory.purposes_of(place.kind, place.name)
    )
    for name in sorted(policy.fields):
        field = policy.fields[name]
        for purpose_name in sorted(field.purposes & held):
            if field.sealed and field.form in _SCRATCH_VALUES:
                return name, purpose_name
    return None


def _try_scratch(policy: Policy, field: str, days: int, now: datetime) -> str | None:
    """Seals a value today and reads it as of the last day it may be read, then as of the next.
    The clock moves instead of the day, so that no key of a day that is over is ever made."""
    value = _SCRATCH_VALUES[policy.fields[field].form or ""]
    today = now.astimezone(UTC).date()
    end = datetime.combine(today + timedelta(days=days), time(), UTC)
    row = f"scratch-{secrets.token_hex(8)}"
    with transaction.atomic():
        ref = seal({field: value}, table=_SCRATCH_TABLE, row=row, day=today, now=now)
        opened = _opens(ref, end - timedelta(seconds=1), field)
        outlived = _opens(ref, end, field)
        transaction.set_rollback(True)
    if outlived:
        return f"A value of day - {days} could be read."
    return None if opened == value else f"A value of day - {days - 1} could not be read."


def _try_old_values(now: datetime) -> str | None:
    """What is still stored of days that are over: none of it may open."""
    old = SealedValue.objects.filter(day__lte=newest_day_over(now)).order_by("day")
    for value in old[:_OLD_VALUES_TRIED_MAX]:
        ref = SealedRef(value.table_name, value.row_key, value.day)
        if _opens(ref, now, value.field) is not None:
            return f"A value of {value.day} could be read."
    return None


def _opens(ref: SealedRef, now: datetime, field: str) -> str | None:
    try:
        return open_sealed(ref, now, [field]).get(field)
    except (Expired, VaultKeyLost, UndeclaredPurpose):
        return None


def _look_at_keys(now: datetime) -> _Keys:
    folder = key_folder()
    on_disk = folder.days_on_disk()
    newest = newest_day_over(now)
    strangers = len(folder.strangers()) + len(folder.copies())
    return _Keys(len(on_disk), [d for d in on_disk if d <= newest], strangers)


def _lost_days(now: datetime) -> int:
    """Days within their period with values that no key on this machine opens."""
    folder, lost = key_folder(), set()
    living = SealedValue.objects.filter(day__gt=newest_day_over(now))
    for day, print_ in living.values_list("day", "key_fingerprint").distinct():
        key = folder.day_key(day)
        if key is None or fingerprint(key) != print_:
            lost.add(day)
    return len(lost)


def _proof(state: State, population: int | None, figure: str) -> Proof:
    return Proof("P20", state, None if population is None else "tested", population, figure)
