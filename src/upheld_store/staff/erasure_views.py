"""Erasures that wait for somebody else's part, and what a person heard from there. Nobody's name is
on it: a payment is found at its gateway by the order's number."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from upheld.policy import current
from upheld.policy.facts import plain
from upheld.promises.erasure.models import SETTLED, Erasure, Redaction, RedactionState
from upheld_store.orders.models import Order
from upheld_store.staff.entrance import member_of
from upheld_store.staff.pages import staff_page

PAGE_SIZE = 50


def _waiting() -> list[tuple[Redaction, str, list[str]]]:
    found = list(
        Redaction.objects.exclude(state__in=SETTLED).order_by("asked_at", "pk")[:PAGE_SIZE]
    )
    numbers: dict[Any, list[str]] = {}
    of = Order.objects.filter(subject_id__in={each.subject_id for each in found})
    for subject, number in of.values_list("subject_id", "number").order_by("number"):
        numbers.setdefault(subject, []).append(number)
    recipients = current().recipients
    return [
        (each, plain(recipients[each.recipient].words), numbers.get(each.subject_id, []))
        for each in found
        if each.recipient in recipients
    ]


@require_safe
def erasures(request: HttpRequest) -> HttpResponse:
    """What others have yet to erase, and how many erasures are under way."""
    context = {"waiting": _waiting(), "open": Erasure.objects.unfinished().count()}
    return staff_page(request, member_of(request), "staff/erasures.html", context)


@require_POST
def settle(request: HttpRequest, redaction_id: uuid.UUID) -> HttpResponse:
    """What was heard: it is erased there, or must be kept there by a duty. The keeper then erases
    what was needed to ask."""
    redaction = get_object_or_404(Redaction, pk=redaction_id)
    heard = RedactionState.MUST_KEEP if "must_keep" in request.POST else RedactionState.CONFIRMED
    if redaction.state not in SETTLED:
        redaction.settle(heard, timezone.now())
    response = redirect("staff:erasures")
    response.status_code = 303
    return response
