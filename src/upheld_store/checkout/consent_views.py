"""The consents given with an order, for whoever has its link: most buyers have no account."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from upheld.web import consent_page
from upheld_store.orders.models import Order


@require_http_methods(["GET", "HEAD", "POST"])
def order_consents(request: HttpRequest, token: str) -> HttpResponse:
    """What was agreed to; a POST gives a consent or takes one back."""
    order, problem = _order(token), ""
    people, here = _people(order), reverse("checkout:consents", args=[token])
    if request.method == "POST":
        problem = consent_page.answer(request, people, timezone.now())
        if not problem:
            return redirect(here)
    context = {
        "order": order,
        "order_path": order.page_path(token),
        "standings": consent_page.standings(people),
        "problem": problem,
        "answer_url": here,
        "receipts_url": reverse("checkout:consent_receipts", args=[token]),
    }
    return render(request, "checkout/consents.html", context, status=400 if problem else 200)


@require_safe
def consent_receipts(request: HttpRequest, token: str) -> HttpResponse:
    """Receipts of all of it, to keep."""
    return consent_page.receipts(_people(_order(token)))


def _order(token: str) -> Order:
    order = Order.objects.by_token(token)
    if order is None:
        raise Http404
    return order


def _people(order: Order) -> consent_page.People:
    return {order.number: order.subject_id}
