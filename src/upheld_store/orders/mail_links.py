"""Act: mail a fresh link for each order of an address."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from upheld.db import for_purpose
from upheld.promises import mail
from upheld_store.orders.models import Order, OrderContact, OrderLink

LINKS_MAX = 10
WAIT = timedelta(minutes=10)


@for_purpose("deliver_order")
def mail_links(*, order_id: str, now: datetime) -> None:
    """The job: one mail for each of the newest orders under the address of this order. One whose
    link was mailed within ten minutes waits; one that was never paid is left out, because anyone
    can place it under anyone's address. Does nothing for an order that does not exist."""
    contact = OrderContact.objects.filter(order_id=order_id).first()
    if contact is None:
        return
    with transaction.atomic():
        for order in Order.objects.to_be_mailed(contact.email, LINKS_MAX):
            links = sorted(order.links.all(), key=lambda link: link.serial)
            if len(links) > 1 and links[-1].made_at > now - WAIT:
                continue
            OrderLink.make(order, links[-1].serial + 1, now)
            ground = mail.Contract("store_orders_order", str(order.pk))
            mail.compose("order_link", subject=order.subject_id, ground=ground, now=now).queue()
