"""License keys of vendors: the pools, what is left in each, and the import of more. A page never
shows a key, because whoever sees one can use it."""

from __future__ import annotations

import secrets
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from upheld_store.catalog.models import KeyPool
from upheld_store.licensing.import_keys import ImportRefused, import_keys
from upheld_store.staff.entrance import member_of
from upheld_store.staff.forms import ImportKeysForm, KeyPoolForm
from upheld_store.staff.pages import staff_page


def _counted() -> QuerySet[Any, Any]:
    """Every pool with how many of its keys are free, set aside and sold."""
    unsold = Q(keys__sold_at=None)
    return KeyPool.objects.annotate(
        free=Count("keys", filter=unsold & Q(keys__line=None)),
        aside=Count("keys", filter=unsold & Q(keys__line__isnull=False)),
        sold=Count("keys", filter=Q(keys__sold_at__isnull=False)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pools(request: HttpRequest) -> HttpResponse:
    """The pools with their counts, and the form for one more."""
    form = KeyPoolForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = form.save()
        response = redirect("staff:key_pool", made.pk)
        response.status_code = 303
        return response
    context = {"form": form, "pools": _counted().prefetch_related("plans__product")}
    status = 400 if form.errors else 200
    return staff_page(request, member_of(request), "staff/pools.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def pool(request: HttpRequest, pool_id: int) -> HttpResponse:
    """One pool, and the import. What was imported is told by numbers of lines."""
    held = get_object_or_404(KeyPool, pk=pool_id)
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ImportKeysForm(*bound)
    done = None
    if form.is_valid():
        try:
            text = form.cleaned_data["text"]
            done = import_keys(held, text, secrets.token_bytes, timezone.now())
            form = ImportKeysForm()
        except ImportRefused as refusal:
            form.add_error(None, str(refusal))
    context = {"form": form, "pool": _counted().get(pk=held.pk), "done": done}
    context["plans"] = held.plans.select_related("product")
    status = 400 if form.errors else 200
    return staff_page(request, member_of(request), "staff/pool.html", context, status=status)
