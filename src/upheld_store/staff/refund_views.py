"""Money back, in two steps: what it will be, then the doing. The id of the refund is made with
the form, so pressing its button twice is one refund."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from upheld.policy.errors import ActRefused
from upheld_store.checkout.intend_refund import RefundRefused
from upheld_store.checkout.refund_order import refund_payment
from upheld_store.orders.models import Order
from upheld_store.payments.models import Payment
from upheld_store.staff.amounts import minor_of
from upheld_store.staff.entrance import member_of
from upheld_store.staff.forms import RefundForm
from upheld_store.staff.order_page import order_page
from upheld_store.staff.pages import staff_page


@require_POST
def refund(request: HttpRequest, number: str) -> HttpResponse:
    """First shows what would go back; `sure` then sends it."""
    order = get_object_or_404(Order, number=number)
    form = RefundForm(request.POST)
    if not form.is_valid():
        return order_page(request, order, refused_form=form, status=400)
    said = form.cleaned_data
    payments = Payment.objects.settled_of(order)
    payment = next((each for each in payments if each.pk == said["payment"]), None)
    try:
        if payment is None:
            raise RefundRefused("This order has no such payment. Open the order anew.")
        amount = minor_of(said["amount"], payment.received_currency)
        if not said["sure"]:
            return _ask(request, order, payment, form, amount)
        reason, now, key = said["reason"], timezone.now(), said["refund_id"]
        refund_payment(payment, amount, reason, now, refund_id=key)
    except ActRefused as refusal:
        form.add_error(None, str(refusal))
        return order_page(request, order, refused_form=form, status=400)
    return _see_other(order)


def _ask(
    request: HttpRequest, order: Order, payment: Payment, form: RefundForm, amount: int
) -> HttpResponse:
    if not 0 < amount <= payment.left_minor:
        raise RefundRefused("No more can go back than is left of this payment, and no less than 1.")
    context = {
        "order": order,
        "payment": payment,
        "form": form,
        "amount_minor": amount,
        "left_minor": payment.left_minor - amount,
    }
    return staff_page(request, member_of(request), "staff/refund.html", context)


def _see_other(order: Order) -> HttpResponse:
    response = redirect("staff:order", order.number)
    response.status_code = 303
    return response
