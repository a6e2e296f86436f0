"""Word that an erasure was asked for, and its receipt. Written at the moment of sending."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings

from upheld.promises.access.mails import first_address, letter
from upheld.promises.erasure.models import Erasure
from upheld.promises.erasure.receipt import receipt_of
from upheld.promises.mail.content import Content


def render_asked(key: str, now: datetime) -> Content:
    """To the person, and to whoever else reads that mailbox: there is time to take it back."""
    erasure = Erasure.objects.get(pk=UUID(key))
    return _letter(erasure, "erasure/mail_asked", "Your data will be erased", now)


def render_receipt(key: str, now: datetime) -> Content:
    """The last letter: what went, what stays, why, and until when."""
    erasure = Erasure.objects.get(pk=UUID(key))
    return _letter(erasure, "erasure/mail_receipt", "Your data is erased", now)


def _letter(erasure: Erasure, template: str, subject: str, now: datetime) -> Content:
    subjects = list(erasure.subjects.order_by("-is_account").values_list("subject_id", flat=True))
    facts = {
        "receipt": receipt_of(erasure, now),
        "page": f"{settings.UPHELD_ORIGIN}/privacy/erasures/{erasure.token()}/",
    }
    return letter(template, subject, first_address(subjects), facts)
