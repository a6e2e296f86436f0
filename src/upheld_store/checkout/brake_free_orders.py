"""Act: let nobody fill a mailbox that is not theirs with receipts of free orders."""

from __future__ import annotations

from django.http import HttpRequest

from upheld.policy.errors import ActRefused
from upheld_store.cart.cart import Cart
from upheld_store.cart.quote import Quote
from upheld_store.checkout.place_order import OrderDetails
from upheld_store.customers.limits import may_try
from upheld_store.orders.models import Order


class TooManyFreeOrders(ActRefused):
    """Enough for an hour; the message says so."""


def brake_free_orders(
    request: HttpRequest, cart: Cart, quote: Quote, details: OrderDetails
) -> None:
    """Count one more free order for this address, and for this client's. What is paid for is not
    counted, and neither is a cart that has become an order already. Tags behind a plus sign end
    in the same mailbox. The counts hold no address (see `rate_cache`). Raises
    `TooManyFreeOrders`."""
    if quote.total_minor:
        return
    if Order.objects.of_cart(cart.digest, quote.digest(details.policy_version)):
        return
    name, _, host = details.email.rpartition("@")
    if not may_try(request, "free_order", f"{name.partition('+')[0]}@{host}"):
        raise TooManyFreeOrders(
            "Enough free orders have gone to this address, or come from your connection, for the "
            "moment: we mail no more receipts there within the hour. Please try again later. Your "
            "cart stays as it is."
        )
