"""Act: the bank account that a refund goes to, sealed into the vault of the day it was given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from upheld.db import for_purpose
from upheld.policy.errors import ActRefused, Expired
from upheld.promises import retention
from upheld.promises.collection import DeclaredForm, declared_input
from upheld.vault import SealedRef, VaultKeyLost
from upheld.vault.age import destroyed_from, kept_days
from upheld.vault.forms import is_iban
from upheld_store.payments.models import Refund, RefundState
from upheld_store.payments.transfer import TransferGateway

FIELD = "payment.bank_account"
_TABLE = "store_payments_refund"
_NOT_ONE = (
    "This is not an IBAN: its check digits do not fit. Compare it with your bank’s card or app. It "
    "begins with two letters and two digits, such as DE02 1203 0000 0000 2020 51."
)


class AccountRefused(ActRefused):
    """The account cannot be taken; the message names the way out."""


class Iban(forms.Field):
    """An IBAN with the right check digits, without the spaces it is written with. Nothing else
    has that form, a card's number included."""

    def to_python(self, value: Any) -> str:
        """Raises `ValidationError`."""
        plain = "".join(str(value or "").split()).upper()
        if plain and not is_iban(plain):
            raise ValidationError(_NOT_ONE, code="iban")
        return plain


class BankAccountForm(DeclaredForm):
    """Where money goes back to that came by transfer."""

    key = "bank_account"

    iban = declared_input(
        FIELD,
        kind=Iban,
        required=True,
        label="IBAN",
        widget=forms.TextInput(attrs={"maxlength": 60, "spellcheck": "false"}),
        error_messages={"required": "Type the IBAN of the account that the money goes to."},
    )


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account as it was given. Its text form shows nothing of it."""

    iban: str = field(repr=False)
    until: date

    @property
    def grouped(self) -> str:
        """In groups of four, as people compare it."""
        return " ".join(self.iban[n : n + 4] for n in range(0, len(self.iban), 4))

    @property
    def end(self) -> str:
        """Enough to know it again."""
        return self.iban[-4:]


def waits_for_account(refund: Refund) -> bool:
    """Whether a person has yet to send this money by transfer."""
    return refund.state == RefundState.ASKED and refund.payment.gateway == TransferGateway.name


@for_purpose("take_payment")
def give_account(refund: Refund, iban: str, now: datetime) -> None:
    """Seal the account; a later one takes its place and lives no longer than the first. Raises
    `AccountRefused`."""
    with transaction.atomic():
        held = Refund.objects.select_for_update().get(pk=refund.pk)
        if held.state != RefundState.ASKED:
            raise AccountRefused("This refund is done, so no account is needed any more.")
        try:
            ref = retention.seal(
                {FIELD: iban}, table=_TABLE, row=str(held.pk), day=now.date(), now=now
            )
        except (Expired, retention.VaultShut) as shut:
            raise AccountRefused(
                "The account cannot be kept safely at the moment, so it was not taken. Please try "
                "again in an hour."
            ) from shut
        Refund.objects.filter(pk=held.pk).update(account_sealed_on=ref.day)


@for_purpose("take_payment")
def account_of(refund: Refund, now: datetime) -> BankAccount | None:
    """The account, while its day's vault can be opened; None where none was given, or no longer."""
    day = refund.account_sealed_on
    if day is None:
        return None
    try:
        opened = retention.open_sealed(SealedRef(_TABLE, str(refund.pk), day), now, (FIELD,))
    except (Expired, VaultKeyLost):
        return None
    until = destroyed_from(day, kept_days(day)).date()
    return BankAccount(opened[FIELD], until) if FIELD in opened else None
