"""Act: pass an address to the one company that its owner agreed to, and to nobody before that.

A consent is found by the clock, not by the page it was given on, so whichever page asks need not
know of this. The gate looks at the consent at the moment of sending."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from upheld import jobs
from upheld.db import for_purpose
from upheld.jobs import own_transactions
from upheld.policy import current
from upheld.promises import consent
from upheld.promises.consent import ConsentRecord
from upheld.promises.disclosure import Disclosure, disclose, egress
from upheld_store.orders.models import OrderContact

PURPOSE = "share_address"
_BATCH_ROWS = 100


class NotTaken(Exception):
    """The company did not take it now; the queue tries again."""


def find_shares(now: datetime) -> int:
    """The act of that name: a job for each consent that nothing has followed yet. Returns how
    many were found."""
    recipient = recipient_of_shares()
    if recipient is None:
        return 0
    followed = Disclosure.objects.filter(
        subject_id=OuterRef("subject_id"), recipient=recipient, at__gte=OuterRef("at")
    )
    taken_back = ConsentRecord.objects.filter(
        subject_id=OuterRef("subject_id"), purpose=PURPOSE, pk__gt=OuterRef("pk")
    )
    given = ConsentRecord.objects.filter(purpose=PURPOSE, action="given").order_by("pk")
    open_still = given.exclude(Exists(followed)).exclude(Exists(taken_back))
    found = list(open_still.values_list("pk", flat=True)[:_BATCH_ROWS])
    with transaction.atomic():
        for key in found:
            jobs.enqueue("share_address", key=f"share_address:{key}", now=now, consent_id=key)
    return len(found)


@own_transactions
@for_purpose(PURPOSE)
def share_address(consent_id: int, now: datetime) -> bool:
    """The job: record, commit, send. Returns whether anything left: not where the consent was
    taken back meanwhile, nor where the address is gone. Raises `EgressFailed` or `NotTaken`."""
    given = ConsentRecord.objects.get(pk=consent_id)
    recipient, (field, email) = recipient_of_shares(), _address_of(given.subject_id)
    if recipient is None or not email or not consent.live(given.subject_id, PURPOSE):
        return False
    row = Disclosure.objects.filter(
        subject_id=given.subject_id, recipient=recipient, purpose=PURPOSE, at__gte=given.at
    ).first()
    if row is None:
        subject = given.subject_id
        row = disclose(recipient, subject=subject, fields=[field], purpose=PURPOSE, now=now)
    answer = egress.request(
        row, "POST", settings.UPHELD_SHARE_URL,
        headers={"Content-Type": "application/json"}, body=json.dumps({"email": email}).encode(),
    )  # fmt: skip
    if answer.status // 100 != 2:
        raise NotTaken(f"{recipient} answers {answer.status}")
    return True


def recipient_of_shares() -> str | None:
    """The company that the policy names for this purpose, and the address it takes them at; None
    where the owner shares with nobody."""
    named = [name for name, each in current().recipients.items() if PURPOSE in each.purposes]
    return min(named) if named and settings.UPHELD_SHARE_URL else None


def _address_of(subject: UUID) -> tuple[str, str | None]:
    """Field and address: of the order that the subject number is of, or of the account."""
    contacts = OrderContact.objects.filter(order__subject_id=subject)
    found = contacts.values_list("email", flat=True).first()
    if found:
        return "order.email", found
    own = EmailAddress.objects.filter(user__subject_id=subject, primary=True)
    return "customer.email", own.values_list("email", flat=True).first()
