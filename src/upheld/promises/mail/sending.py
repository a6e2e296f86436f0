"""The job `send_mail`: the ground is found again, then the letter is rendered and handed over."""

from __future__ import annotations

import importlib
import logging
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from upheld import ledger
from upheld.db import purpose
from upheld.db.insertion import insert
from upheld.db.prepared import Asked, Prepared, PreparedChange
from upheld.jobs import own_transactions
from upheld.policy import Policy, current
from upheld.policy.model import Mail
from upheld.promises.disclosure import Disclosure, disclose, refuse_undeclared
from upheld.promises.mail.content import Content, Envelope, UnfitContent, build_message
from upheld.promises.mail.grounds import GroundRow, stands
from upheld.promises.mail.models import OutboxMail, OutboxState, SentMail
from upheld.promises.mail.relay import RelayFailed, RelayRefused, hand_over, read_relay

RELAY = "mail_relay"
# Longer than a hand-over lasts: until then a marked row belongs to whoever marked it. Shorter
# than a job's lease, so that the run after a crash finds the row free.
SENDING_SECONDS_MAX = 240
_log = logging.getLogger("upheld.mail")
_OUTBOX = Prepared(lambda: OutboxMail.objects.select_for_update().filter(pk=Asked("pk")))
_REMOVE = PreparedChange(lambda: OutboxMail.objects.filter(pk=Asked("pk")))


class StillSending(Exception):
    """Another worker has marked this letter; only time tells whether it lives."""


@own_transactions
def send_mail(outbox_id: int, now: datetime) -> None:
    """Send the outbox row, or drop it where its ground is gone. A row that is not there was
    sent or dropped before. Raises `RelayFailed` or `StillSending` for a later try; a letter
    that is refused for good stays in the outbox in state `refused`."""
    row = _mark(outbox_id, now)
    if row is None:
        return
    mail = current().mails[row.kind]
    try:
        with purpose(mail.purpose):
            content = _render(row.kind, row.ground_key, now)
        _hand_over(row, content, now)
    except ObjectDoesNotExist:
        _drop(row, "what it is about is gone")
    except UnfitContent:
        _refuse(row, None)
    except RelayRefused as refusal:
        _refuse(row, refusal.code)
    except Exception:
        row.put_back()
        raise
    else:
        _note_sent(row, now)


def _mark(outbox_id: int, now: datetime) -> OutboxMail | None:
    """The row, marked and disclosed, once that is committed; None where nothing is to be sent."""
    with transaction.atomic():
        row = _OUTBOX.first(pk=outbox_id)
        if row is None or row.state == OutboxState.REFUSED:
            return None
        if row.is_being_sent(now, SENDING_SECONDS_MAX):
            raise StillSending
        if not stands(row.kind, row.subject_id, _ground_of(row)):
            _drop(row, "its ground is gone")
            return None
        with purpose(current().mails[row.kind].purpose):
            row.mark_sending(_disclosure_of(row, now), now)
    return row


def _ground_of(row: OutboxMail) -> GroundRow:
    return GroundRow(row.ground_kind, row.ground_table, row.ground_key)


def _disclosure_of(row: OutboxMail, now: datetime) -> Disclosure:
    """One disclosure a letter, however often it is tried; may it leave is asked each time."""
    policy = current()
    mail = policy.mails[row.kind]
    fields = carried_fields(policy, mail)
    if row.disclosure is None:
        return disclose(RELAY, subject=row.subject_id, fields=fields, purpose=mail.purpose, now=now)
    refuse_undeclared(RELAY, fields=fields, purpose=mail.purpose, now=now)
    return row.disclosure


def carried_fields(policy: Policy, mail: Mail) -> tuple[str, ...]:
    """The fields that a letter may carry: all that the policy lets the relay have for its
    purpose. Nobody can look into a template, so none of them is left out of the record."""
    return tuple(
        sorted(
            field.name
            for field in policy.fields.values()
            if RELAY in field.recipients and mail.purpose in field.purposes
        )
    )


def _render(kind: str, ground_key: str, now: datetime) -> Content:
    module, _, function = current().inventory.mails[kind].partition(":")
    renderer = getattr(importlib.import_module(module), function)
    return cast(Content, renderer(ground_key, now))


def _hand_over(row: OutboxMail, content: Content, now: datetime) -> None:
    controller = current().controller
    newest = ledger.newest_checkpoint()
    envelope = Envelope(
        row.kind, row.message_id, controller, now, checkpoint=newest.note if newest else None
    )
    message = build_message(content, envelope)
    name = urlsplit(controller.site).hostname or "localhost"
    if row.disclosure is None:
        raise RelayFailed("no disclosure")
    hand_over(row.disclosure, message, read_relay(settings.UPHELD_SMTP_URL), name)


def _note_sent(row: OutboxMail, now: datetime) -> None:
    with transaction.atomic():
        sent = SentMail(
            message_id=row.message_id,
            kind=row.kind,
            subject_id=row.subject_id,
            ground_kind=row.ground_kind,
            ground_table=row.ground_table,
            ground_key=row.ground_key,
            sent_at=now,
        )
        insert(sent, keep_existing=True)
        _REMOVE.run(pk=row.pk)


def _drop(row: OutboxMail, why: str) -> None:
    _log.info("mail %s %s dropped: %s", row.kind, row.pk, why)
    OutboxMail.objects.filter(pk=row.pk).delete()


def _refuse(row: OutboxMail, code: int | None) -> None:
    _log.warning("mail %s %s refused for good, code %s", row.kind, row.pk, code)
    row.refuse(code)
