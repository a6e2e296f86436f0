"""A refund that a person sends by transfer: the account, shown once and recorded, and the word that
it was sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from upheld.policy.errors import ActRefused
from upheld.promises.purpose.models import Cause
from upheld.promises.purpose.record_reveal import Looked, Why, record_reveals
from upheld_store.checkout.send_transfer import mark_sent
from upheld_store.payments.bank_account import (
    FIELD,
    BankAccount,
    BankAccountForm,
    account_of,
    give_account,
    waits_for_account,
)
from upheld_store.payments.models import Refund
from upheld_store.staff.entrance import member_of
from upheld_store.staff.forms import SendBackForm
from upheld_store.staff.pages import staff_page
from upheld_store.staff.reveal_contact import ORDERS

_WHY = Why(Cause.PAYMENT, "to send a refund by transfer")


@require_http_methods(["GET", "HEAD", "POST"])
def send_back(request: HttpRequest, refund_id: uuid.UUID) -> HttpResponse:
    """What is to be sent; `show` the account, take one as `account`, or note that it was `sent`."""
    refund, now = _waiting(refund_id), timezone.now()
    wish, form, refused = SendBackForm(request.POST), BankAccountForm(), ""
    do = wish.cleaned_data["do"] if request.method == "POST" and wish.is_valid() else ""
    try:
        if do == "sent":
            mark_sent(refund, now)
            return _see_other("staff:order", refund.payment.order.number)
        if do == "account":
            form = BankAccountForm(request.POST)
            if _taken(form, refund, now):
                return _see_other("staff:send_back", refund.pk)
    except ActRefused as refusal:
        refused = str(refusal)
    shown = _shown(request, refund, now) if do == "show" else None
    context = {"refund": refund, "form": form, "shown": shown, "refused": refused}
    status = 400 if form.errors or refused else 200
    return _page(request, context, now, status)


def _shown(request: HttpRequest, refund: Refund, now: datetime) -> BankAccount | None:
    """The account, once it is on record who is shown it."""
    order = refund.payment.order
    look = Looked(order.subject_id, ORDERS, str(order.pk), (FIELD,))
    record_reveals([look], member_of(request).viewer, _WHY, now, shown_for="take_payment")
    return account_of(refund, now)


def _page(
    request: HttpRequest, context: dict[str, Any], now: datetime, status: int
) -> HttpResponse:
    refund: Refund = context["refund"]
    context["order"], context["is_there"] = (
        refund.payment.order,
        account_of(refund, now) is not None,
    )
    return staff_page(request, member_of(request), "staff/send_back.html", context, status=status)


def _waiting(refund_id: uuid.UUID) -> Refund:
    refund = Refund.objects.select_related("payment__order").filter(pk=refund_id).first()
    if refund is None or not waits_for_account(refund):
        raise Http404
    return refund


def _taken(form: BankAccountForm, refund: Refund, now: datetime) -> bool:
    if not form.is_valid():
        return False
    give_account(refund, form.cleaned_data["iban"], now)
    return True


def _see_other(route: str, *arguments: Any) -> HttpResponse:
    response = redirect(route, *arguments)
    response.status_code = 303
    return response
