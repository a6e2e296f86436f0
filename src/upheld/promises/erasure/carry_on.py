"""Act: go on with one erasure, from wherever it was left, as far as it can go now.

Every step looks for what is still there, so a killed process leaves nothing half done that the
next round does not find: first the tombstones, then everything but the address, then the letter to
it, then the address and the number of the account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from upheld.db import purpose
from upheld.ledger import append
from upheld.ledger.events import RemainderErased, SubjectErased
from upheld.policy import current
from upheld.promises import mail
from upheld.promises.access.people import addresses_of as _addresses_of
from upheld.promises.access.people import guests_at, is_exempt, person_of_account
from upheld.promises.erasure.ask_others import ask_others as _ask_others
from upheld.promises.erasure.facts import erase_facts
from upheld.promises.erasure.models import (
    SETTLED,
    Erasure,
    ErasureRest,
    ErasureState,
    ErasureSubject,
    Redaction,
    Tombstone,
)
from upheld.promises.erasure.rows import (
    Rest,
    Round,
    erase_sealed,
    erase_table,
    holds_of,
    personal_with_owner,
)
from upheld.promises.mail.models import OutboxMail
from upheld.promises.retention.due_rows import PURPOSE, reclaim_space
from upheld.promises.retention.walk import model_of

__all__ = ["PURPOSE", "carry_on"]

RECEIPT = "erasure_receipt"
TABLE = Erasure._meta.db_table
# As long as a relay may be down before the address goes without its receipt.
_RECEIPT_WAITS_MAX = timedelta(days=3)


def carry_on(erasure: Erasure, now: datetime, *, ask_others: bool = True) -> Erasure:
    """Do what can be done now; the erasure as it then stands. Outside any transaction, at an
    entry point that may hold `forget` and the purpose of `[access]`. `ask_others=False` leaves
    the network to a later round."""
    if erasure.state == ErasureState.ASKED and not _begin(erasure, now):
        return erasure
    if erasure.state != ErasureState.BEGUN:
        return erasure
    subjects = frozenset(erasure.subjects.values_list("subject_id", flat=True))
    _drop_letters(subjects)
    if ask_others:
        _ask_others(erasure, _look(erasure, subjects, now))
    look = _look(erasure, subjects, now)
    tables = personal_with_owner(current())
    with purpose(PURPOSE):
        rests = [rest for t in tables if not t.address for rest in erase_table(erasure, t, look)]
        rests += erase_sealed(erasure, look)
    if not _receipt_is_out(erasure, look, rests):
        _keep_rests(erasure, rests)
        reclaim_space()
        return erasure
    with purpose(PURPOSE):
        rests += [rest for t in tables if t.address for rest in erase_table(erasure, t, look)]
        erase_facts(erasure, look)
    _conclude(erasure, rests, now)
    reclaim_space()
    return erasure


def _begin(erasure: Erasure, now: datetime) -> bool:
    """Who it is about is asked again: the window was time to order something more. Whoever has
    come to work here meanwhile keeps the account."""
    own = current().access.purpose
    with transaction.atomic():
        with purpose(own):
            subjects, exempt = _subjects_now(erasure)
        if exempt:
            Erasure.objects.filter(pk=erasure.pk).update(state=ErasureState.REVOKED, done_at=now)
            erasure.state = ErasureState.REVOKED
            return False
        if not erasure.begin(now):
            return False
        rows = [ErasureSubject(erasure=erasure, subject_id=subject) for subject in subjects]
        ErasureSubject.objects.bulk_create(rows, ignore_conflicts=True)
        Tombstone.set_up(subjects, now)
    return True


def _subjects_now(erasure: Erasure) -> tuple[set[UUID], bool]:
    named = list(erasure.subjects.all())
    found = {each.subject_id for each in named}
    if not erasure.has_receipt:  # after a restore: exactly those who were erased
        return found, False
    exempt = False
    for each in named:
        if each.is_account:
            exempt = exempt or is_exempt(each.subject_id)
            found |= person_of_account(each.subject_id).subjects
    if not any(each.is_account for each in named):
        for address in _addresses_of(found):
            found |= guests_at(address).subjects
    return found, exempt


def _drop_letters(subjects: Iterable[UUID]) -> None:
    """Letters that wait for the relay; those of the erasure itself have a number of their own."""
    OutboxMail.objects.filter(subject_id__in=subjects).delete()


def _look(erasure: Erasure, subjects: frozenset[UUID], now: datetime) -> Round:
    unsettled = erasure.redactions.exclude(state__in=SETTLED)
    pairs = unsettled.values_list("recipient", "subject_id")
    waiting = frozenset((recipient, subject) for recipient, subject in pairs if subject)
    return Round(subjects, holds_of(subjects, now), waiting, now)


def _receipt_is_out(erasure: Erasure, look: Round, rests: list[Rest]) -> bool:
    """Whether the address may go: the receipt was taken by the relay or refused for good, nobody
    can be written to, or it has waited long enough."""
    if not erasure.has_receipt or RECEIPT not in current().mails:
        return True
    if erasure.receipt_queued_at is None:
        with purpose(current().access.purpose):
            if not _addresses_of(look.subjects):
                return True
        _keep_rests(erasure, rests)
        with transaction.atomic():
            queue_letter(RECEIPT, erasure, look.now)
            erasure.note(receipt_queued_at=look.now)
        return False
    mine = OutboxMail.objects.filter(ground_table=TABLE, ground_key=str(erasure.pk))
    waiting = mine.exclude(state="refused")
    if waiting.exists() and look.now < erasure.receipt_queued_at + _RECEIPT_WAITS_MAX:
        return False
    mine.delete()
    return True


def queue_letter(kind: str, erasure: Erasure, now: datetime) -> OutboxMail:
    """A letter about this erasure, in the caller's transaction."""
    ground = mail.Contract(TABLE, str(erasure.pk))
    return mail.compose(kind, subject=erasure.subject_id, ground=ground, now=now).queue()


def _keep_rests(erasure: Erasure, rests: list[Rest]) -> None:
    with transaction.atomic():
        erasure.rests.all().delete()
        ErasureRest.objects.bulk_create(
            ErasureRest(
                erasure=erasure,
                model_label=model_of(rest.table)._meta.label,
                reason=rest.reason,
                until=rest.until,
                rows=rest.rows,
            )
            for rest in rests
        )


def _conclude(erasure: Erasure, rests: list[Rest], now: datetime) -> None:
    """Record the first time that only what must stay is left, and the end of it all."""
    waiting = erasure.redactions.exclude(state__in=SETTLED).exists()
    with transaction.atomic():
        _keep_rests(erasure, rests)
        if erasure.erased_at is None:
            append(SubjectErased(len(rests)), now)
            erasure.note(erased_at=now)
        elif not rests and not waiting:
            append(RemainderErased(1), now)
        if not rests and not waiting:
            erasure.note(state=ErasureState.DONE, done_at=now)
            erasure.subjects.all().delete()
            Redaction.objects.filter(erasure=erasure).update(subject_id=None)
