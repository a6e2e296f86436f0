"""The page of one order, as every staff view of it shows it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse

from upheld.policy import current
from upheld.promises.purpose.models import Reveal
from upheld_store.orders.models import Order
from upheld_store.payments.models import Dispute, Payment, Refund
from upheld_store.staff.amounts import amount_of
from upheld_store.staff.entrance import member_of
from upheld_store.staff.forms import RefundForm, RevealForm
from upheld_store.staff.pages import staff_page
from upheld_store.staff.reveal_contact import PURPOSE
from upheld_store.staff.roles import Right


def order_page(
    request: HttpRequest, order: Order, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Everything about the order but who bought it."""
    member = member_of(request)
    payments = list(order.payments.order_by("started_at", "pk"))
    context = {
        "order": order,
        "lines": list(order.lines.order_by("pk")),
        "payments": payments,
        "refunds": Refund.objects.of_order(order),
        "disputes": Dispute.objects.of_order(order),
        "refund_forms": _refund_forms(payments) if member.may(Right.REFUND) else [],
        "reveals": Reveal.objects.of_subjects([order.subject_id]),
        "purpose": current().purposes[PURPOSE],
        "may_forget": member.may(Right.FORGET_CHILD),
        "age": current().age_minimum_years,
        "may_reveal": member.may(Right.REVEAL_CONTACT),
        "reveal_form": RevealForm(),
        "contact": None,
        **more,
    }
    return staff_page(request, member, "staff/order.html", context, status=status)


def _refund_forms(payments: list[Payment]) -> list[tuple[Payment, RefundForm]]:
    """A form for each payment of which something is left; each form is one refund."""
    return [
        (payment, RefundForm(auto_id=f"id_{number}_%s", initial=_initial(payment)))
        for number, payment in enumerate(payments)
        if payment.left_minor
    ]


def _initial(payment: Payment) -> dict[str, Any]:
    left = amount_of(payment.left_minor, payment.received_currency)
    return {"payment": payment.pk, "refund_id": uuid.uuid4(), "amount": left}
