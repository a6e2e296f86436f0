"""Sealing and opening private financial data. Age is asked before anything else."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import transaction
from django.db.models import Q

from upheld.db.insertion import insert
from upheld.db.prepared import Asked, Prepared
from upheld.db.purpose import in_force
from upheld.policy import Policy, current
from upheld.policy.errors import CardNumberRefused, Expired, UndeclaredPurpose, UnsealedField
from upheld.vault.age import is_over
from upheld.vault.cipher import decrypt, encrypt, place
from upheld.vault.forms import has_form, holds_card_data, is_iban
from upheld.vault.keys import fingerprint, key_folder
from upheld.vault.models import SealedValue, VaultDay

_CLAUSE = "P20"
# The vault of a day, and that of the day on which a row was sealed before: one statement, because
# it is in the way of every sale. Nothing is sealed without its vault's row.
_VAULTS = Prepared(
    lambda: VaultDay.objects.filter(
        Q(day=Asked("day"))
        | Q(
            day__in=SealedValue.objects.filter(
                table_name=Asked("table"), row_key=Asked("row")
            ).values("day")
        )
    )
)


@functools.cache
def _values(count: int) -> Prepared[SealedValue]:
    """So many fields of one row."""
    return Prepared(
        lambda: SealedValue.objects.filter(
            table_name=Asked("table"),
            row_key=Asked("row"),
            day=Asked("day"),
            field__in=Asked.each("field", count),
        )
    )


class VaultKeyLost(Exception):
    """The day's key is not on this machine, so its values cannot be read, now or ever."""


class VaultShut(Exception):
    """The key folder takes no key, so nothing can be sealed. The caller's transaction is whole and
    may go on without."""


@dataclass(frozen=True, slots=True)
class SealedRef:
    """What a store keeps instead of the values: where they are sealed and on which day."""

    table: str
    row: str
    day: date


def seal(values: Mapping[str, str], *, table: str, row: str, day: date, now: datetime) -> SealedRef:
    """Seal declared fields of one row into the vault of `day`. What was sealed before for this
    row keeps its original day, so correcting a value never lengthens its life. Raises
    `UnsealedField`, `CardNumberRefused`, `UndeclaredPurpose` or `Expired` before any write, and
    `VaultShut`."""
    _refuse_other_than_declared(values)
    with transaction.atomic(savepoint=False):
        vaults = {vault.day: vault for vault in _VAULTS.all(day=day, table=table, row=row)}
        day = next((first_day for first_day in vaults if first_day != day), day)
        if day > now.astimezone(UTC).date():
            raise ValueError("A vault of a later day cannot be sealed into today.")
        refuse_by_age(day, now, next(iter(values), "*"))
        key = _key_of_open_vault(vaults.get(day), day, now)
        if key is not None:
            _write(values, SealedRef(table, row, day), key)
    # Raised inside, it would doom the caller's transaction.
    if key is None:
        raise VaultShut("The key folder takes no key.")
    return SealedRef(table, row, day)


def open_sealed(
    ref: SealedRef, now: datetime, fields: Iterable[str] | None = None
) -> dict[str, str]:
    """The values behind `ref`: those in `fields`, or all that the purpose in force may use.
    Raises `Expired` by age alone, whether or not the key still exists; `UndeclaredPurpose`;
    `VaultKeyLost`; `cipher.SealBroken`."""
    refuse_by_age(ref.day, now, "*")
    permitted = _permitted(fields)
    rows = _values(len(permitted)).all(table=ref.table, row=ref.row, day=ref.day, field=permitted)
    opened = {}
    for value in rows:
        opened[value.field] = _open(value)
    return opened


def refuse_by_age(day: date, now: datetime, field: str) -> None:
    """Raises `Expired` from 00:00 UTC of day + the policy's days."""
    if is_over(day, now):
        raise Expired(
            clause=_CLAUSE,
            field=field,
            remedy="Its period is over; there is no way to read it. Ask the customer again.",
        )


def _open(value: SealedValue) -> str:
    try:
        key = key_folder().day_key(value.day)
    except OSError:  # a folder that cannot be read holds no key for us
        key = None
    if key is None or fingerprint(key) != value.key_fingerprint:
        raise VaultKeyLost(f"The key that sealed values of {value.day} is lost.")
    where = place(value.table_name, value.row_key, value.field, value.day)
    return decrypt(key, bytes(value.ciphertext), where)


def _key_of_open_vault(vault: VaultDay | None, day: date, now: datetime) -> bytes | None:
    if vault is None:  # the day's first seal; another process may be as far
        insert(VaultDay(day=day, opened_at=now), keep_existing=True)
    elif vault.destroyed_at is not None:
        raise Expired(clause=_CLAUSE, field="*", remedy="The vault of this day is destroyed.")
    try:
        return key_folder().make_day_key(day)
    except OSError:
        return None


def _write(values: Mapping[str, str], ref: SealedRef, key: bytes) -> None:
    rows = [
        SealedValue(
            table_name=ref.table,
            row_key=ref.row,
            field=field,
            day=ref.day,
            key_fingerprint=fingerprint(key),
            ciphertext=encrypt(key, value, place(ref.table, ref.row, field, ref.day)),
        )
        for field, value in values.items()
    ]
    SealedValue.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["table_name", "row_key", "field", "day"],
        update_fields=["key_fingerprint", "ciphertext"],
    )


def _refuse_other_than_declared(values: Mapping[str, str]) -> None:
    policy = current()
    for field, value in values.items():
        declared = policy.fields.get(field)
        if declared is None or not declared.sealed or declared.form is None:
            raise UnsealedField(
                clause=_CLAUSE,
                field=field,
                remedy="Declare it in policy.toml, sealed = true and with a form, or keep it not.",
            )
        # An account number has its own check digits; its digits are no card's.
        if holds_card_data(value) and not (declared.form == "bank_account" and is_iban(value)):
            raise CardNumberRefused(
                clause=_CLAUSE,
                field=field,
                remedy="Card numbers and track data are never kept. Leave them to the gateway.",
            )
        if not has_form(value, declared.form):
            raise UnsealedField(
                clause=_CLAUSE,
                field=field,
                remedy=f"The vault takes it only in the exact form {declared.form!r}.",
            )
        _refuse_other_purpose(policy, field)


def _permitted(fields: Iterable[str] | None) -> list[str]:
    policy = current()
    if fields is not None:
        named = list(fields)
        for field in named:
            _refuse_other_purpose(policy, field)
        return named
    sealed = [name for name, declared in policy.fields.items() if declared.sealed]
    allowed = [name for name in sealed if in_force() in policy.fields[name].purposes]
    if not allowed:
        _refuse_other_purpose(policy, sealed[0] if sealed else "*")
    return allowed


def _refuse_other_purpose(policy: Policy, field: str) -> None:
    declared = policy.fields.get(field)
    purposes = declared.purposes if declared and declared.sealed else frozenset()
    if in_force() not in purposes:
        may = ", ".join(sorted(purposes)) or "none"
        raise UndeclaredPurpose(
            clause=_CLAUSE,
            field=field,
            remedy=f"In force: {in_force() or 'none'}. Purposes that may use it: {may}.",
        )
