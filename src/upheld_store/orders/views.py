"""The form that mails an order's link again."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from upheld.promises.age import require_age
from upheld_store.orders.forms import FindOrdersForm
from upheld_store.orders.request_links import request_links


@require_age
@require_http_methods(["GET", "HEAD", "POST"])
def find_orders(request: HttpRequest) -> HttpResponse:
    """Mails fresh links to the address given. The answer is the same whether it is known."""
    form = FindOrdersForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        request_links(form.cleaned_data["email"], uuid.uuid4(), timezone.now())
        return render(request, "orders/find_sent.html")
    return render(request, "orders/find.html", {"form": form}, status=400 if form.errors else 200)
