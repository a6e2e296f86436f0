"""Act: mail a fresh link for each order of an address."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from upheld.db import for_purpose
from upheld.promises import mail
from upheld_store.orders.models import Order, OrderLink

# A page that mails must not become a way to flood someone's mailbox.
LINKS_MAX = 10
WAIT = timedelta(minutes=10)


@for_purpose("deliver_order")
def mail_links(email: str, now: datetime) -> int:
    """Queue one mail for each of the newest orders of this address whose last link is older
    than ten minutes. Returns how many; the caller must not show it."""
    with transaction.atomic():
        orders = Order.objects.filter(contact__email__iexact=email).order_by("-placed_at")
        queued = 0
        for order in orders.prefetch_related("links")[:LINKS_MAX]:
            links = sorted(order.links.all(), key=lambda link: link.serial)
            if len(links) > 1 and links[-1].made_at > now - WAIT:
                continue
            OrderLink.make(order, links[-1].serial + 1, now)
            ground = mail.Contract("store_orders_order", str(order.pk))
            mail.compose("order_link", subject=order.subject_id, ground=ground, now=now).queue()
            queued += 1
    return queued
