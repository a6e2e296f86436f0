"""From cart to gateway and back."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from upheld.db import purpose
from upheld.policy import current
from upheld.promises.age import require_age
from upheld_store.cart.cart import Cart
from upheld_store.cart.quote import quote
from upheld_store.checkout.confirm_payment import confirm_payment, settle_free_order
from upheld_store.checkout.forms import CheckoutForm
from upheld_store.checkout.place_order import OrderDetails, place_order
from upheld_store.checkout.start_payment import start_payment
from upheld_store.orders.models import Order
from upheld_store.payments.gateway import BadEvent, GatewayUnavailable
from upheld_store.payments.gateways import chosen_gateway, gateway_named
from upheld_store.payments.models import GatewayEventRow, Payment


@require_age
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """The last page before the gateway: what is charged is what it showed."""
    cart, policy = Cart.read(request), current()
    priced = quote(cart, settings.UPHELD_STORE_FACTS.currency)
    shown = priced.digest(policy.version)
    form = CheckoutForm(request.POST or None, initial={"shown": shown})
    context = {"form": form, "quote": priced, "policy": policy, "changed": False, "shown": shown}
    if not priced.lines:
        return render(request, "checkout/empty.html", status=200 if not cart else 409)
    if request.method != "POST" or not form.is_valid():
        return render(request, "checkout/checkout.html", context, status=400 if form.errors else 200)
    if form.cleaned_data["shown"] != shown:
        context["changed"] = True
        return render(request, "checkout/checkout.html", context, status=409)
    details = OrderDetails(form.cleaned_data["email"], form.cleaned_data["name"], policy.version)
    placed = place_order(cart, priced, details, secrets.token_bytes(10), timezone.now())
    return to_payment(request, placed.order)


def to_payment(request: HttpRequest, order: Order) -> HttpResponse:
    """303 to the gateway for an unpaid order, to the order's page for any other."""
    now = timezone.now()
    if order.total_minor == 0:
        settle_free_order(order, now)
    elif order.state == "awaiting_payment":
        try:
            return _see_other(start_payment(order, chosen_gateway(), now))
        except GatewayUnavailable:
            return render(request, "checkout/gateway_down.html", {"order": order}, status=503,)
    return _see_other(order.page_path(order.newest_token()))


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
    return to_payment(request, order)


@require_POST
def webhook(request: HttpRequest, gateway: str) -> HttpResponse:
    """A signed event: 400 unless the signature holds, 200 however often it comes."""
    door, now = gateway_named(gateway), timezone.now()
    try:
        event = door.read_event(request.body, request.headers, now)
    except BadEvent:
        return HttpResponse("not a signed event\n", status=400, content_type="text/plain")
    if event.reference:
        confirm_payment(event.reference, door, now)
    GatewayEventRow.note(door.name, event, now)
    return HttpResponse("noted\n", content_type="text/plain")


@require_safe
def payment_return(request: HttpRequest, gateway: str) -> HttpResponse:
    """Where the gateway sends the buyer back. It asks the gateway itself, so a webhook that
    is late or lost changes nothing; the order's link is given only to the browser whose cart
    it was (the gateway never learns it)."""
    door, reference = gateway_named(gateway), request.GET.get("session", "")
    with purpose("take_payment"):
        payment = Payment.objects.by_reference(door.name, reference)
    if payment is None:
        raise Http404
    try:
        confirm_payment(reference, door, timezone.now())
    except GatewayUnavailable:
        pass  # the page shows "awaiting payment" and the reconciler settles it
    order, cart = Order.objects.get(pk=payment.order_id), Cart.read(request)
    if not secrets.compare_digest(cart.digest, order.cart_digest):
        return render(request, "checkout/returned.html", {"order": order})
    response = _see_other(order.page_path(order.newest_token()))
    if order.is_paid:
        Cart().write(response, request)
    return response
