"""Acts: show what one order or one account says of its person, after the showing was recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from allauth.account.models import EmailAddress

from upheld.db import purpose
from upheld.promises.purpose.record_reveal import Looked, Viewer, Why, record_reveals
from upheld_store.customers.models import Customer, CustomerProfile
from upheld_store.orders.models import Order, OrderContact

PURPOSE = "support"
ORDERS, CUSTOMERS = "store_orders_order", "store_customers_customer"
CONTACT_FIELDS = ("order.email", "order.name")
ACCOUNT_FIELDS = ("customer.email", "customer.name", "customer.phone")


@dataclass(frozen=True, slots=True)
class RevealedContact:
    """What was shown. Its text form shows none of it."""

    email: str = field(repr=False)
    name: str = field(repr=False)
    phone: str = field(default="", repr=False)


def reveal_contact(order: Order, viewer: Viewer, why: Why, now: datetime) -> RevealedContact | None:
    """The contact of `order`, once it is on record who is shown it and why. None where the
    contact is gone, which is recorded too."""
    look = Looked(order.subject_id, ORDERS, str(order.pk), CONTACT_FIELDS)
    record_reveals([look], viewer, why, now, shown_for=PURPOSE)
    with purpose(PURPOSE):
        contact = OrderContact.objects.filter(order=order).first()
    return RevealedContact(contact.email, contact.name) if contact else None


def reveal_account(
    customer: Customer, viewer: Viewer, why: Why, now: datetime
) -> RevealedContact | None:
    """The same for an account: address, name and phone number."""
    look = Looked(customer.subject_id, CUSTOMERS, str(customer.pk), ACCOUNT_FIELDS)
    record_reveals([look], viewer, why, now, shown_for=PURPOSE)
    with purpose(PURPOSE):
        address = EmailAddress.objects.filter(user=customer, primary=True).first()
        profile = CustomerProfile.objects.filter(customer=customer).first() or CustomerProfile()
    return RevealedContact(address.email, profile.name, profile.phone) if address else None
