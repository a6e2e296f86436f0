"""Staff pages that are not plain lists of the catalog. Each stands behind `guarded`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from upheld.db import for_purpose
from upheld.policy import current
from upheld.promises.disclosure.agreements import standings
from upheld.promises.retention.models import Hold
from upheld.web import promise_page
from upheld_store.orders.hold_order import HoldRefused, hold_order, lift_hold
from upheld_store.orders.models import Order, OrderState
from upheld_store.payments.models import Dispute, Payment, PaymentState
from upheld_store.staff.entrance import member_of
from upheld_store.staff.forms import HoldForm
from upheld_store.staff.order_page import order_page
from upheld_store.staff.pages import staff_page

PAGE_SIZE = 50


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for someone, and the ways to everything else."""
    context = {
        "open": Order.objects.filter(state=OrderState.AWAITING_PAYMENT).count(),
        "paid": Order.objects.filter(state=OrderState.PAID).count(),
        "review": Payment.objects.filter(state=PaymentState.REVIEW).count(),
        "disputed": Dispute.objects.undecided().count(),
    }
    return staff_page(request, member_of(request), "staff/desk.html", context)


@require_safe
def list_orders(request: HttpRequest) -> HttpResponse:
    """Numbers, states and amounts, newest first. Nobody's name."""
    number, state = request.GET.get("q", "").strip().upper(), request.GET.get("state", "")
    found = Order.objects.order_by("-placed_at", "pk")
    if number:
        found = found.filter(number__startswith=number[:16])
    if state in OrderState.values:
        found = found.filter(state=state)
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "q": number,
        "state": state,
        "states": OrderState.choices,
    }
    return staff_page(request, member_of(request), "staff/orders.html", context)


@require_safe
def show_order(request: HttpRequest, number: str) -> HttpResponse:
    """One order. Who bought stays hidden."""
    return order_page(request, get_object_or_404(Order, number=number))


@require_safe
def list_review(request: HttpRequest) -> HttpResponse:
    """Payments that a person has to look at: money and order disagree."""
    waiting = Payment.objects.filter(state=PaymentState.REVIEW).select_related("order")
    page = Paginator(waiting.order_by("started_at", "pk"), PAGE_SIZE)
    context = {"page": page.get_page(request.GET.get("page"))}
    return staff_page(request, member_of(request), "staff/review.html", context)


@require_safe
def list_disputes(request: HttpRequest) -> HttpResponse:
    """What payers dispute at their banks, the next to be answered first, and what to do."""
    undecided = Dispute.objects.undecided()
    order = (F("respond_by").asc(nulls_last=True), "opened_at", "pk")
    decided = Dispute.objects.exclude(pk__in=undecided.values("pk"))
    decided = decided.select_related("payment__order").order_by("-opened_at", "pk")
    context = {
        "waiting": undecided.select_related("payment__order").order_by(*order)[:PAGE_SIZE],
        "page": Paginator(decided, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return staff_page(request, member_of(request), "staff/disputes.html", context)


@for_purpose("oversee")
def _holds() -> list[tuple[Hold, list[str]]]:
    holds = list(Hold.objects.order_by("until", "pk")[:PAGE_SIZE])
    numbers: dict[Any, list[str]] = {}
    of = Order.objects.filter(subject_id__in={hold.subject_id for hold in holds})
    for subject, number in of.values_list("subject_id", "number").order_by("number"):
        numbers.setdefault(subject, []).append(number)
    return [(hold, numbers.get(hold.subject_id, [])) for hold in holds]


@require_http_methods(["GET", "HEAD", "POST"])
def holds(request: HttpRequest) -> HttpResponse:
    """What is kept beyond its period, why, and until when; and the form for one more."""
    form = HoldForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _held(form, timezone.now()):
        return _see_other("staff:holds")
    context = {"form": form, "holds": _holds()}
    return staff_page(
        request, member_of(request), "staff/holds.html", context, status=400 if form.errors else 200
    )


@for_purpose("oversee")
def _held(form: HoldForm, now: datetime) -> bool:
    said = form.cleaned_data
    try:
        hold_order(said["order"], said["reason"], said["until"], now)
    except HoldRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@require_POST
def lift(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Let one hold go; a second press does nothing more."""
    lift_hold(hold_id)
    return _see_other("staff:holds")


@require_safe
def list_promises(request: HttpRequest) -> HttpResponse:
    """How each promise stands, as the public page says it."""
    shown = promise_page.rows(current(), timezone.now())
    context = {
        "rows": shown,
        "checked_at": promise_page.checked_at(shown),
        "recipients": standings(current(), timezone.now().astimezone(UTC).date()),
    }
    return staff_page(request, member_of(request), "staff/promises.html", context)


def _see_other(route: str) -> HttpResponse:
    response = redirect(route)
    response.status_code = 303
    return response
