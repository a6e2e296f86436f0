"""A customer's consents: their own, and those given with their orders."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from upheld.web import consent_page
from upheld_store.orders.models import Order


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: HttpRequest) -> HttpResponse:
    """What was agreed to; a POST gives a consent or takes one back."""
    people, problem = _people(request), ""
    if request.method == "POST":
        problem = consent_page.answer(request, people, timezone.now())
        if not problem:
            return redirect("control_panel:consents")
    here = reverse("control_panel:consents")
    context = {
        "standings": consent_page.standings(people),
        "problem": problem,
        "answer_url": here,
        "receipts_url": reverse("control_panel:consent_receipts"),
    }
    return render(request, "control_panel/consents.html", context, status=400 if problem else 200)


@login_required
@require_safe
def consent_receipts(request: HttpRequest) -> HttpResponse:
    """Receipts of all of it, to keep."""
    return consent_page.receipts(_people(request))


def _people(request: HttpRequest) -> consent_page.People:
    customer: Any = request.user
    orders = Order.objects.of(customer).values_list("number", "subject_id")
    return {"": customer.subject_id, **dict(orders)}
