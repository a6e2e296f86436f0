"""Act: send the buyer of an unpaid order to the gateway's page."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse

from upheld.db import for_purpose
from upheld.db.insertion import insert
from upheld_store.checkout.confirm_payment import settle_payment
from upheld_store.checkout.intend_payment import intend_payment
from upheld_store.licensing.reserve_keys import reserve_keys
from upheld_store.orders.models import Order, OrderState
from upheld_store.payments.gateway import GatewayCheckout, GatewayUnavailable, PaymentGateway
from upheld_store.payments.gateways import chosen_gateway, gateway_named
from upheld_store.payments.models import Payment, PaymentReference, PaymentState


@for_purpose("take_payment")
def start_payment(
    order: Order, intended: Payment | None, gateway: PaymentGateway, now: datetime
) -> str | None:
    """The address of the gateway's page for this order, or None where nothing is left to pay.
    `intended` is the payment that was just placed with the order. Asked again, the page that is
    open answers; one that has expired is replaced, and so is one at a gateway that the buyer has
    left for this one. Raises `GatewayUnavailable`; the intent is kept and the next try goes on
    with it. Raises `SoldOut` where what was set aside for the order has gone meanwhile."""
    payment = intended
    if payment is None:
        _keep_set_aside(order, gateway, now)
        payment = Payment.objects.open_of(order)
        if payment and payment.gateway != gateway.name:
            payment = None if leave_page(payment, now) else payment
        reference = payment.reference_or_none() if payment and gateway.has_page else None
        if payment and reference:
            url = _page_of(payment, gateway, reference, now)
            if url:
                return url
            payment = None
    payment = payment or _intend_again(order, gateway, now)
    return _open_page(order, payment, gateway) if payment and gateway.has_page else None


@for_purpose("take_payment")
def gateway_to_pay(order: Order) -> PaymentGateway:
    """Where the buyer of an unpaid order was going to pay; the store's first gateway where none
    was begun, or one that the store does not use any more."""
    payment = Payment.newest_of(order)
    with suppress(Http404):
        if payment:
            return gateway_named(payment.gateway)
    return chosen_gateway()


def _keep_set_aside(order: Order, gateway: PaymentGateway, now: datetime) -> None:
    """Whoever goes on to pay has their keys for another while; one that is paid needs none."""
    with transaction.atomic():
        known = Order.objects.select_for_update().filter(pk=order.pk)
        if known.values_list("state", flat=True).first() == OrderState.AWAITING_PAYMENT:
            reserve_keys(order.lines.all(), now + gateway.patience, now)


@for_purpose("take_payment")
def leave_page(payment: Payment, now: datetime) -> bool:
    """The buyer has chosen another gateway, or gives the order up: take the page away, so that
    nobody pays on it. What was paid there meanwhile is settled. Returns whether nothing waits
    there any more. Raises `GatewayUnavailable`."""
    door, reference = gateway_named(payment.gateway), payment.reference_or_none()
    if reference is None:
        return payment.close(PaymentState.FAILED)
    truth = door.close_page(payment.disclosure, reference)
    settle_payment(payment, truth, now)
    return payment.state != PaymentState.OPEN


def _page_of(
    payment: Payment, gateway: PaymentGateway, reference: str, now: datetime
) -> str | None:
    truth = gateway.retrieve(payment.disclosure, reference)
    if truth.state != "open":
        settle_payment(payment, truth, now)
        return None
    if not truth.url:
        raise GatewayUnavailable("the gateway names no page for an open payment")
    return truth.url


def _intend_again(order: Order, gateway: PaymentGateway, now: datetime) -> Payment | None:
    """A further payment of an order that is still unpaid at this moment, or None."""
    try:
        with transaction.atomic():
            known = Order.objects.select_for_update().filter(pk=order.pk)
            if known.values_list("state", flat=True).first() != OrderState.AWAITING_PAYMENT:
                return None
            return intend_payment(order, gateway, now)
    except IntegrityError:  # another tab was first
        return Payment.objects.open_of(order)


def _open_page(order: Order, payment: Payment, gateway: PaymentGateway) -> str:
    """The payment's id is the gateway's idempotency key: two tabs get one page."""
    session = gateway.start(payment.disclosure, _checkout(order, payment, gateway))
    with suppress(IntegrityError):  # the other tab has noted it
        insert(PaymentReference(payment=payment, reference=session.reference))
    return session.url


def _checkout(order: Order, payment: Payment, gateway: PaymentGateway) -> GatewayCheckout:
    back = settings.UPHELD_ORIGIN + reverse("checkout:return", args=[gateway.name])
    return GatewayCheckout(
        order_number=order.number,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        description=f"Order {order.number}",
        success_url=f"{back}?session={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{settings.UPHELD_ORIGIN}{reverse('cart:cart')}",
        idempotency_key=str(payment.id),
    )
