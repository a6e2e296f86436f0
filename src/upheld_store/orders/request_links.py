"""Act: have the links of an address mailed, in the same steps whether anyone shops under it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from upheld import jobs
from upheld.db import for_purpose
from upheld_store.orders.models import Order

# One request a stretch and address: a page that mails must not flood someone's mailbox.
STRETCH_SECONDS = 600


@for_purpose("deliver_order")
def request_links(email: str, decoy: UUID, now: datetime) -> None:
    """Queue a job about the newest order of this address, or, where there is none, about an
    order that does not exist (`decoy`, drawn at random). The page does the same work for both,
    so that neither its words nor its time tells who shops here."""
    order_id = Order.objects.newest_of(email) or decoy
    stretch = int(now.timestamp()) // STRETCH_SECONDS
    with transaction.atomic():
        jobs.enqueue(
            "mail_links", key=f"mail_links:{order_id}:{stretch}", now=now, order_id=str(order_id)
        )
