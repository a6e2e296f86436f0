"""From cart to gateway and back."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from upheld.policy import current
from upheld.policy.errors import ActRefused
from upheld.promises.age import require_age
from upheld_store.cart.cart import Cart
from upheld_store.cart.quote import quote
from upheld_store.checkout.brake_free_orders import TooManyFreeOrders, brake_free_orders
from upheld_store.checkout.cancel_order import cancel_order
from upheld_store.checkout.confirm_payment import (
    confirm_payment,
    find_payment,
    settle_free_order,
)
from upheld_store.checkout.forms import CheckoutForm
from upheld_store.checkout.hear_event import hear_event
from upheld_store.checkout.place_order import OrderDetails, PlacedOrder, place_order
from upheld_store.checkout.start_payment import gateway_to_pay, start_payment
from upheld_store.customers.edit_profile import profile_of
from upheld_store.customers.models import Customer
from upheld_store.licensing.reserve_keys import SoldOut
from upheld_store.orders.models import Order, OrderState
from upheld_store.payments.gateway import BadEvent, GatewayUnavailable, PaymentGateway
from upheld_store.payments.gateways import chosen_gateway, gateway_named, gateways
from upheld_store.payments.refusals import log_refusal

RETRY_SECONDS = "30"


@require_age
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """The last page before the gateway: what is charged is what it showed."""
    cart, policy = Cart.read(request), current()
    priced = quote(cart, settings.UPHELD_STORE_FACTS.currency)
    if not priced.lines:
        return render(request, "checkout/empty.html", status=200 if not cart else 409)
    shown = priced.digest(policy.version)
    customer = request.user if isinstance(request.user, Customer) else None
    known = profile_of(customer) if customer else {}
    form = CheckoutForm(request.POST if request.method == "POST" else None, initial=known)
    form.offer(gateways(), priced.total_minor)
    context = {"form": form, "quote": priced, "policy": policy, "shown": shown, "known": known}
    if not form.is_valid():
        return _checkout_page(request, context, status=400 if form.is_bound else 200)
    if (said := form.cleaned_data)["shown"] != shown:
        return _checkout_page(request, context | {"changed": True}, status=409)
    details = OrderDetails(said["email"], said["name"], policy.version, customer)
    door = _door(said.get("gateway", ""))
    seed, now = secrets.token_bytes(10), timezone.now()
    try:
        brake_free_orders(request, cart, priced, details)
        placed = place_order(cart, priced, details, seed, gateway=door, now=now)
    except (SoldOut, TooManyFreeOrders) as refusal:
        return _refused(request, context, refusal)
    return _to_payment(request, placed, door)


def _door(name: str) -> PaymentGateway:
    return gateway_named(name) if name else chosen_gateway()


def _refused(request: HttpRequest, context: dict[str, Any], refusal: ActRefused) -> HttpResponse:
    context["form"].add_error(None, str(refusal))
    status = 429 if isinstance(refusal, TooManyFreeOrders) else 409
    return _checkout_page(request, context, status=status)


def _checkout_page(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    return render(request, "checkout/checkout.html", context, status=status)


def _to_payment(request: HttpRequest, placed: PlacedOrder, door: PaymentGateway) -> HttpResponse:
    """303 to the gateway for an unpaid order, to the order's page for any other."""
    order, now = placed.order, timezone.now()
    if order.total_minor == 0:
        settle_free_order(order, now)
    elif order.state == OrderState.AWAITING_PAYMENT:
        try:
            url = start_payment(order, placed.payment, door, now)
        except SoldOut as refusal:
            return render(request, "checkout/sold_out.html", {"why": refusal}, status=409)
        except GatewayUnavailable:
            page = "checkout/gateway_down.html"
            response = render(request, page, {"order": order}, status=503)
            response["Retry-After"] = RETRY_SECONDS
            return response
        if url:
            return _see_other(url)
        order.refresh_from_db(fields=["state"])
    return _to_order(request, order)


def _to_order(request: HttpRequest, order: Order) -> HttpResponse:
    """303 to the order's page. A cart that is paid for is empty from then on."""
    response = _see_other(order.page_path(order.first_token()))
    if order.is_paid and _is_cart_of(order, Cart.read(request)):
        Cart().write(response, request)
    return response


def _is_cart_of(order: Order, cart: Cart) -> bool:
    return bool(cart.id) and secrets.compare_digest(cart.digest, order.cart_digest)


def _see_other(url: str) -> HttpResponse:
    response = redirect(url)
    response.status_code = 303
    return response


@require_POST
def pay_again(request: HttpRequest, token: str) -> HttpResponse:
    """The order page's button for an order that is not paid yet."""
    order = Order.objects.by_token(token)
    if order is None:
        raise Http404
    return _to_payment(request, PlacedOrder(order, None), gateway_to_pay(order))


@require_POST
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """The order page's other button. The cart stays, as one that can become another order."""
    order, cart = Order.objects.by_token(token), Cart.read(request)
    if order is None:
        raise Http404
    try:
        cancel_order(order, timezone.now())
    except GatewayUnavailable:
        response = render(request, "checkout/gateway_down.html", {"order": order}, status=503)
        response["Retry-After"] = RETRY_SECONDS
        return response
    response = _see_other(order.page_path(token))
    if _is_cart_of(order, cart):
        Cart(secrets.token_urlsafe(16), cart.lines).write(response, request)
    return response


@require_POST
def webhook(request: HttpRequest, gateway: str) -> HttpResponse:
    """A signed event: 400 unless the signature holds, 200 however often it comes."""
    door, now = gateway_named(gateway), timezone.now()
    try:
        event = door.read_event(request.body, request.headers, now)
    except BadEvent as refusal:
        log_refusal(door.name, str(refusal), now)
        return _plain("not a signed event", status=400)
    try:
        hear_event(event, door, now)
    except GatewayUnavailable:  # not noted, so the gateway sends it again
        return _plain("the gateway does not answer", status=503)
    return _plain("noted")


def _plain(text: str, status: int = 200) -> HttpResponse:
    headers = {"Retry-After": RETRY_SECONDS} if status == 503 else {}
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain", headers=headers)


@require_safe
def payment_return(request: HttpRequest, gateway: str) -> HttpResponse:
    """Where the gateway sends the buyer back. It asks the gateway itself, so a webhook that
    is late or lost changes nothing; the order's link is given only to the browser whose cart
    it was (the gateway never learns it)."""
    door, reference = gateway_named(gateway), request.GET.get("session", "")
    payment = find_payment(reference, door)
    if payment is None:
        raise Http404
    order = payment.order
    # Without an answer the page shows "awaiting payment", and the reconciler settles it.
    with suppress(GatewayUnavailable):
        order = confirm_payment(payment, reference, door, timezone.now())
    if not _is_cart_of(order, Cart.read(request)):
        return render(request, "checkout/returned.html", {"order": order})
    return _to_order(request, order)
