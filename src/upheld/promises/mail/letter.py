"""`compose()` and the letter that it alone can make."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Never, final
from urllib.parse import urlsplit
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import transaction

from upheld import jobs
from upheld.db.insertion import insert
from upheld.policy import current
from upheld.policy.errors import NoProofOfConsent
from upheld.promises.mail.grounds import Contract, Ground, GroundRow, as_row, stands
from upheld.promises.mail.models import OutboxMail


@dataclass(frozen=True, slots=True)
class _Found:
    """What a letter is about. It lives beside the letter, so that a letter made in any other
    way than by `compose()` is empty."""

    kind: str
    subject: UUID
    ground: GroundRow
    now: datetime


_found: WeakKeyDictionary[Letter, _Found] = WeakKeyDictionary()


@final
class Letter:
    """A mail whose ground was found. Made by `compose()` and by nothing else: it has no
    constructor that could be called, and a copy is not a letter."""

    __slots__ = ("__weakref__",)

    def __init__(self, never: Never) -> None:
        raise TypeError("Letters are made by compose(), which finds their ground.")

    def queue(self) -> OutboxMail:
        """Store the letter in the caller's transaction and have it sent by a durable job. A
        letter is queued once; a second time, or a forged one, raises `NoProofOfConsent`."""
        found = _found.pop(self, None)
        if found is None:
            raise NoProofOfConsent(
                clause="P07",
                field="a letter",
                problem="was not made by compose(), or is queued",
                remedy="Compose it, then queue it once.",
            )
        with transaction.atomic(savepoint=False):
            row = OutboxMail(
                kind=found.kind,
                subject_id=found.subject,
                ground_kind=found.ground.kind,
                ground_table=found.ground.table,
                ground_key=found.ground.key,
                message_id=_new_message_id(),
                queued_at=found.now,
            )
            insert(row)
            jobs.enqueue("send_mail", key=f"send_mail:{row.pk}", now=found.now, outbox_id=row.pk)
        return row


def compose(kind: str, *, subject: UUID, ground: Ground, now: datetime) -> Letter:
    """A letter of `kind` to `subject`, once its ground is found. Raises `NoProofOfConsent` for
    an undeclared kind, a ground of the wrong sort, a contract that does not exist or is
    another's, a consent that is not live."""
    mail = current().mails.get(kind)
    if mail is None:
        raise NoProofOfConsent(
            clause="P07",
            field=kind,
            problem="is no declared mail",
            remedy=f"Declare [mail.{kind}] in policy.toml, or write no such mail.",
        )
    row = as_row(ground, subject)
    fits = isinstance(ground, Contract) or ground.purpose == mail.purpose
    if not fits or not stands(kind, subject, row):
        raise NoProofOfConsent(
            clause="P07",
            field=kind,
            problem=f"to this person has no ground for {mail.purpose}",
            remedy="Pass the order it is about (its own subject's), or wait for a live consent.",
        )
    letter = object.__new__(Letter)
    _found[letter] = _Found(kind, subject, row, now)
    return letter


def _new_message_id() -> str:
    """Random, under the store's own name: tells neither the time nor the machine. It stays the
    same however often the letter is tried, so a mailbox shows it once."""
    return f"<{secrets.token_hex(16)}@{urlsplit(current().controller.site).hostname}>"
