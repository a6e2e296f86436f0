"""The list of accounts, as numbers."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from upheld_store.customers.models import Customer
from upheld_store.orders.models import Order, OrderState

_DIGITS_MAX = 15


def listed_customers(asked: str) -> QuerySet[Customer]:
    """Newest first, each with the number of its paid orders. `asked` is an account's number, or
    the beginning of the number of one of its orders; empty asks for all."""
    paid = Count("orders", filter=Q(orders__state=OrderState.PAID))
    found = Customer.objects.annotate(paid_orders=paid).order_by("-pk")
    if not asked:
        return found
    theirs = Order.objects.filter(customer=OuterRef("pk"), number__startswith=asked)
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS_MAX
    by_number = Q(pk=int(asked)) if is_number else Q(pk=None)
    return found.filter(by_number | Exists(theirs))
