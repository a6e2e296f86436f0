"""Who bought, shown once; and the record of who was shown what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from upheld.db import for_purpose
from upheld.promises.purpose.models import Reveal
from upheld_store.orders.models import Order
from upheld_store.staff.entrance import member_of
from upheld_store.staff.forms import RevealForm
from upheld_store.staff.order_page import order_page
from upheld_store.staff.pages import staff_page
from upheld_store.staff.reveal_contact import ORDERS, reveal_contact

PAGE_SIZE = 50


@require_POST
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """The order's page with the contact in it, once. Each showing is recorded, a reload too."""
    order = get_object_or_404(Order, number=number)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return order_page(request, order, reveal_form=form, status=400)
    contact = reveal_contact(order, member_of(request).viewer, form.why(), timezone.now())
    return order_page(request, order, contact=contact, is_gone=contact is None)


@require_safe
def list_reveals(request: HttpRequest) -> HttpResponse:
    """Who was shown what of whom, when and why."""
    page = _shown(request.GET.get("page"))
    numbers = _numbers(page.object_list)
    rows = [(row, numbers.get(row.pk)) for row in page.object_list]
    context = {"page": page, "rows": rows}
    return staff_page(request, member_of(request), "staff/reveals.html", context)


@for_purpose("oversee")
def _shown(page: str | None) -> Any:
    shown = Paginator(Reveal.objects.order_by("-pk"), PAGE_SIZE).get_page(page)
    shown.object_list = list(shown.object_list)
    return shown


def _numbers(rows: Iterable[Reveal]) -> dict[int, str]:
    """Reveal → the number of its order; an account has none but its key."""
    keys = {row.pk: UUID(row.about_row) for row in rows if row.about_table == ORDERS}
    found = dict(Order.objects.filter(pk__in=keys.values()).values_list("pk", "number"))
    return {reveal: found[key] for reveal, key in keys.items() if key in found}
