"""Act: somebody asks to be erased, or thinks better of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from upheld.db import purpose
from upheld.policy import current
from upheld.policy.errors import ActRefused
from upheld.promises.access.people import Person, is_exempt
from upheld.promises.erasure.carry_on import queue_letter
from upheld.promises.erasure.models import Erasure, ErasureSubject


class ErasureRefused(ActRefused):
    """This person cannot be erased as things are; the message names the way out."""


ASKED = "erasure_asked"
STAFF = (
    "This account works here, so what it did stays signed. Let an owner end the work on the page "
    "Team first; the account can be erased then."
)


def request_erasure(person: Person, now: datetime, *, at_once: bool = False) -> Erasure:
    """The erasure of this person, due after the window of the policy; the one that is under way
    already, where there is one. Word of it is mailed. Raises `ErasureRefused`."""
    with transaction.atomic():
        with purpose(current().access.purpose):
            if person.account and is_exempt(person.account):
                raise ErasureRefused(STAFF)
        erasure = unfinished_of(person.subjects)
        if erasure is None:
            window = timedelta(days=0 if at_once else current().erasure.undo_days)
            erasure = Erasure.ask(person.account, now, now + window)
            rest = person.subjects - {person.account}
            ErasureSubject.objects.bulk_create(
                ErasureSubject(erasure=erasure, subject_id=subject) for subject in sorted(rest)
            )
            if window and ASKED in current().mails:
                queue_letter(ASKED, erasure, now)
        elif at_once and erasure.due_at > now:
            erasure.note(due_at=now)
    return erasure


def unfinished_of(subjects: frozenset[UUID]) -> Erasure | None:
    """The erasure that is asked for or under way for any of these, or None."""
    mine = Erasure.objects.unfinished().filter(subjects__subject_id__in=subjects)
    return mine.order_by("asked_at").first()
