"""Act: show one buyer's contact to one staff member, after the showing was recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from upheld.db import purpose
from upheld.ledger import append
from upheld.ledger.events import DataRevealed
from upheld_store.orders.models import Order, OrderContact
from upheld_store.staff.models import Reveal, StaffMember

PURPOSE = "support"
FIELDS = ("order.email", "order.name")


@dataclass(frozen=True, slots=True)
class RevealedContact:
    """What was shown. Its text form shows none of it."""

    email: str = field(repr=False)
    name: str = field(repr=False)


def reveal_contact(
    order: Order, member: StaffMember, reason: str, now: datetime
) -> RevealedContact | None:
    """The contact of `order`, once the ledger has the fact and `Reveal` the words: that
    transaction is committed before anything is read. None where the contact is gone, which is
    recorded too."""
    with purpose("oversee"), transaction.atomic(durable=True):
        append(DataRevealed(purpose=PURPOSE, fields=len(FIELDS)), now)
        Reveal(
            staff=member, order=order, fields=" ".join(FIELDS), purpose=PURPOSE,
            reason=reason.strip(), at=now,
        ).save(force_insert=True)  # fmt: skip
    with purpose(PURPOSE):
        contact = OrderContact.objects.filter(order=order).first()
    return RevealedContact(contact.email, contact.name) if contact else None
