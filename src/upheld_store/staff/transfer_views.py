"""Money on the bank account: whoever reads the statement says what arrived for which order."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from upheld.policy.errors import ActRefused
from upheld_store.checkout.match_transfer import match_transfer
from upheld_store.payments.models import Payment, PaymentState, Refund
from upheld_store.payments.transfer import TransferGateway
from upheld_store.staff.amounts import minor_of
from upheld_store.staff.entrance import member_of
from upheld_store.staff.forms import TransferForm
from upheld_store.staff.pages import staff_page

PAGE_SIZE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def transfers(request: HttpRequest) -> HttpResponse:
    """Orders that wait for a transfer, and the form for one that came."""
    form = TransferForm(request.POST if request.method == "POST" else None)
    number = _matched(form, timezone.now()) if form.is_valid() else None
    if number:
        response = redirect("staff:order", number)
        response.status_code = 303
        return response
    waiting = Payment.objects.filter(gateway=TransferGateway.name, state=PaymentState.OPEN)
    page = Paginator(waiting.select_related("order").order_by("started_at", "pk"), PAGE_SIZE)
    context = {
        "form": form,
        "to_send": Refund.objects.to_send()[:PAGE_SIZE],
        "page": page.get_page(request.GET.get("page")),
    }
    status = 400 if form.errors else 200
    return staff_page(request, member_of(request), "staff/transfers.html", context, status=status)


def _matched(form: TransferForm, now: datetime) -> str | None:
    """The number of the order that the money settled; None, and the form says why not."""
    said = form.cleaned_data
    try:
        amount = minor_of(said["amount"], settings.UPHELD_STORE_FACTS.currency)
        return match_transfer(said["order"], amount, now).number
    except ActRefused as refusal:
        form.add_error(None, str(refusal))
        return None
