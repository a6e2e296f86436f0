"""Grounds: what must stand behind a letter, and whether it does."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from upheld.db.prepared import Asked, Prepared
from upheld.policy import current
from upheld.policy.model import Basis
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
# What stands behind a letter that was asked for: an order, or a person's own request, which the
# law has us answer. Both are rows of a table that is declared a contract.
ASKED_FOR = frozenset({"contract", "legal_obligation"})


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
    basis = basis_of(kind)
    if basis in ASKED_FOR and row.kind == "contract":
        return contract_exists(row.table, row.key, subject)
    if basis == "consent" and row.kind == "consent" and row.key == str(subject):
        purpose = current().mails[kind].purpose
        if at is None:
            return consent.live(subject, purpose)
        return consent.live_at(subject, purpose, at)
    return False


def basis_of(kind: str) -> Basis | None:
    """The legal basis of a mail's purpose; None for a mail that nobody declared."""
    policy = current()
    mail = policy.mails.get(kind)
    return None if mail is None else policy.purposes[mail.purpose].basis


def contract_exists(table: str, key: str, subject: UUID) -> bool:
    """Whether the row `key` of the contract table `table` exists and is `subject`'s."""
    place = _owner_column(table)
    value = None if place is None else _key_of(place[0], key)
    if place is None or value is None:
        return False
    return [[subject]] == _owner_of_one(*place).rows(key=value)


def owners_of(table: str, keys: Collection[str]) -> dict[str, UUID]:
    """Whose the rows `keys` of the contract table `table` are; what is missing does not exist.
    Primary key and subject are keys, not personal data: this needs no purpose."""
    place = _owner_column(table)
    if place is None:
        return {}
    model, owner = place
    asked = {key: value for key in keys if (value := _key_of(model, key)) is not None}
    rows = model._base_manager.filter(pk__in=asked.values()).values_list("pk", owner)
    found = dict(rows)
    return {key: found[value] for key, value in asked.items() if value in found}


def _owner_column(table: str) -> tuple[type[models.Model], str] | None:
    """The model of a contract table, and where its rows name their subject."""
    declared, model = current().inventory.tables.get(table), _model_of(table)
    if declared is None or not declared.contract or not declared.subject or model is None:
        return None
    named = (f.attname for f in model._meta.concrete_fields if f.column == declared.subject)
    return model, next(named)


@functools.cache
def _owner_of_one(model: type[models.Model], owner: str) -> Prepared[Any]:
    return Prepared(lambda: model._base_manager.filter(pk=Asked("key")).values_list(owner))


def _key_of(model: type[models.Model], key: str) -> object | None:
    """`key` as the table's own type; None where it has another shape and so names no row."""
    try:
        value: object = model._meta.pk.to_python(key)
    except (ValueError, ValidationError):
        return None
    return value


def _model_of(table: str) -> type[models.Model] | None:
    return next((model for model in apps.get_models() if model._meta.db_table == table), None)
