"""Act: whose is this e-mail address, as someone typed it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress

from upheld.db import for_purpose
from upheld.promises.purpose.record_reveal import Looked, Viewer, Why, record_reveals
from upheld_store.customers.models import Customer
from upheld_store.orders.models import Order
from upheld_store.staff.reveal_contact import CUSTOMERS, ORDERS, PURPOSE

ORDERS_MAX = 20


@dataclass(frozen=True, slots=True)
class Found:
    """The account with the address, and the newest orders that were placed under it."""

    customer: Customer | None
    orders: list[Order]

    def __bool__(self) -> bool:
        return self.customer is not None or bool(self.orders)


@for_purpose(PURPOSE)
def find_customer(email: str, viewer: Viewer, why: Why, now: datetime) -> Found:
    """By the exact address alone: there is nothing to browse by. To be told that an address is
    known is to be shown something of its person, so it is recorded before it is returned."""
    owner = (
        EmailAddress.objects.filter(email=email.lower(), verified=True)
        .values_list("user_id", flat=True)
        .first()
    )
    customer = Customer.objects.filter(pk=owner).first() if owner else None
    keys = list(Order.objects.placed_under(email).values_list("pk", flat=True)[:ORDERS_MAX])
    orders = list(Order.objects.filter(pk__in=keys).order_by("-placed_at"))
    looks = [Looked(o.subject_id, ORDERS, str(o.pk), ("order.email",)) for o in orders]
    if customer is not None:
        looks.append(Looked(customer.subject_id, CUSTOMERS, str(customer.pk), ("customer.email",)))
    record_reveals(looks, viewer, why, now, shown_for=PURPOSE)
    return Found(customer, orders)
