"""The cart page, and the one form that changes it."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from upheld_store.cart.cart import LINES_MAX, Cart
from upheld_store.cart.forms import CartItemForm
from upheld_store.cart.quote import plans_on_sale, quote


def _page(request: HttpRequest, cart: Cart, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"quote": quote(cart, settings.UPHELD_STORE_FACTS.currency), "problem": problem}
    return render(request, "cart/cart.html", context, status=status)


@require_safe
def show_cart(request: HttpRequest) -> HttpResponse:
    """What is in the cart, at today's prices."""
    return _page(request, Cart.read(request))


@require_POST
def change_item(request: HttpRequest) -> HttpResponse:
    """Set the quantity of one plan; 0 removes it. Bad input leaves the cart as it was."""
    cart, form = Cart.read(request), CartItemForm(request.POST)
    if not form.is_valid():
        problem = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return _page(request, cart, problem, status=400)
    plan_id, quantity = form.cleaned_data["plan"], form.cleaned_data["quantity"]
    if not plans_on_sale([plan_id], settings.UPHELD_STORE_FACTS.currency):
        return _page(request, cart, "This product is not sold any more.", status=404)
    if plan_id not in cart.lines and len(cart.lines) >= LINES_MAX:
        return _page(request, cart, f"A cart holds {LINES_MAX} products at most.", status=400)
    response = redirect("cart:cart")
    response.status_code = 303
    cart.with_quantity(plan_id, quantity, secrets.token_urlsafe(16)).write(response, request)
    return response
