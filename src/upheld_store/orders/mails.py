"""The mails an order sends. Rendered at the moment of sending, never stored."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string

from upheld.db import for_purpose
from upheld.db.prepared import Asked, Prepared
from upheld.promises.mail import Content
from upheld_store.orders.models import OrderContact, OrderLine

_CONTACT = Prepared(
    lambda: OrderContact.objects.select_related("order").filter(order=Asked("order"))
)
_LINES = Prepared(lambda: OrderLine.objects.filter(order=Asked("order")).order_by("pk"))


def render(template: str, key: str, title: str, **more: object) -> Content:
    """A mail about the order with this id: `template` is its path without `.txt`, `.html`.
    Raises `OrderContact.DoesNotExist`."""
    contact = _CONTACT.first(order=key)
    if contact is None:
        raise OrderContact.DoesNotExist
    order = contact.order
    context = {
        "order": order,
        "lines": _LINES.all(order=order.pk),
        # Anyone can order something free under anyone's address: such a letter carries none of
        # their words.
        "name": contact.name if order.total_minor else "",
        "page_url": settings.UPHELD_ORIGIN + order.page_path(order.newest_token()),
        **more,
    }
    return Content(
        to=contact.email,
        subject=title.format(number=order.number),
        text=render_to_string(f"{template}.txt", context),
        html=render_to_string(f"{template}.html", context),
    )


@for_purpose("deliver_order")
def render_receipt(key: str, now: datetime) -> Content:
    """The receipt of the order with this id."""
    return render("orders/receipt", key, "Your order {number}")


@for_purpose("deliver_order")
def render_order_link(key: str, now: datetime) -> Content:
    """The link to the order's page, mailed again on request."""
    return render("orders/order_link", key, "The link to your order {number}")
