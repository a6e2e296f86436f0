"""Grounds: what must stand behind a letter, and whether it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from upheld.policy import current
from upheld.promises import consent

_CONSENT_TABLE = "upheld_consent_record"


@dataclass(frozen=True, slots=True)
class Contract:
    """An order, or any row of a table that its inventory declares as `contract = true`."""

    table: str
    key: str


@dataclass(frozen=True, slots=True)
class Consented:
    """The live consent of the letter's subject to its purpose."""

    purpose: str


Ground = Contract | Consented


@dataclass(frozen=True, slots=True)
class GroundRow:
    """A ground as outbox and record of sending keep it: three short texts, no person."""

    kind: str
    table: str
    key: str


def as_row(ground: Ground, subject: UUID) -> GroundRow:
    """How `ground` is stored. A consent's key is its subject, which is what a renderer needs."""
    match ground:
        case Contract(table, key):
            return GroundRow("contract", table, key)
        case Consented():
            return GroundRow("consent", _CONSENT_TABLE, str(subject))
        case _:
            assert_never(ground)


def stands(kind: str, subject: UUID, row: GroundRow, at: datetime | None = None) -> bool:
    """Whether a letter of `kind` to `subject` has its ground: the contract is that subject's
    and exists, or the consent is live (with `at`: was live at that moment). The basis of the
    mail's purpose decides which of the two is asked; the other is no ground."""
    policy = current()
    mail = policy.mails.get(kind)
    if mail is None:
        return False
    basis = policy.purposes[mail.purpose].basis
    if basis == "contract" and row.kind == "contract":
        return contract_exists(row.table, row.key, subject)
    if basis == "consent" and row.kind == "consent" and row.key == str(subject):
        if at is None:
            return consent.live(subject, mail.purpose)
        return consent.live_at(subject, mail.purpose, at)
    return False


def contract_exists(table: str, key: str, subject: UUID) -> bool:
    """Whether the row `key` of the contract table `table` exists and is `subject`'s."""
    declared = current().inventory.tables.get(table)
    model = _model_of(table)
    if declared is None or not declared.contract or not declared.subject or model is None:
        return False
    owner = next(f.attname for f in model._meta.concrete_fields if f.column == declared.subject)
    try:
        # Primary key and subject are keys, not personal data: this needs no purpose.
        return model._base_manager.filter(pk=key, **{owner: subject}).exists()
    except (ValueError, ValidationError):  # a key of another shape names no row
        return False


def _model_of(table: str) -> type[models.Model] | None:
    return next((model for model in apps.get_models() if model._meta.db_table == table), None)
