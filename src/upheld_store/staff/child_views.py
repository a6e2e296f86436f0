"""A customer turned out to be under the minimum age: everything of theirs goes, in two steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from upheld.policy import current
from upheld.promises.erasure import ErasureRefused
from upheld.promises.erasure.models import Erasure
from upheld_store.customers.models import Customer
from upheld_store.orders.models import Order
from upheld_store.staff.entrance import member_of
from upheld_store.staff.forget_child import forget_buyer, forget_customer
from upheld_store.staff.forms import ForgetForm
from upheld_store.staff.pages import staff_page


@require_POST
def forget_account(request: HttpRequest, number: int) -> HttpResponse:
    """An account, and all that belongs to it."""
    customer = get_object_or_404(Customer, pk=number)
    return _answer(request, f"customer {number}", lambda now: forget_customer(customer, now))


@require_POST
def forget_order(request: HttpRequest, number: str) -> HttpResponse:
    """Whoever bought: the order, or the account that it belongs to."""
    order = get_object_or_404(Order.objects.select_related("customer"), number=number)
    return _answer(request, f"order {number}", lambda now: forget_buyer(order, now))


def _answer(request: HttpRequest, what: str, forget: Callable[[datetime], Erasure]) -> HttpResponse:
    """First says what will go; `sure` then does it, and leads to the receipt."""
    context = {"what": what, "age": current().age_minimum_years, "refused": ""}
    form = ForgetForm(request.POST)
    if form.is_valid() and form.cleaned_data["sure"]:
        try:
            erasure = forget(timezone.now())
        except ErasureRefused as refusal:
            context["refused"] = str(refusal)
        else:
            response = redirect("upheld:erasure", token=erasure.token())
            response.status_code = 303
            return response
    status, page = (400 if context["refused"] else 200), "staff/forget_child.html"
    return staff_page(request, member_of(request), page, context, status=status)
