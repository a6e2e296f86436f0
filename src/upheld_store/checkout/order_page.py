"""The order's page, as page and as JSON: where files and keys meet the order."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from upheld.policy import current
from upheld.promises.disclosure.listing import disclosures_of
from upheld.promises.purpose.looks import looks_at
from upheld.vault.age import kept_days
from upheld_store.delivery.links import offers_of
from upheld_store.licensing.issue_keys import keys_of
from upheld_store.licensing.reserve_keys import set_aside_until
from upheld_store.orders.models import Order, OrderLine
from upheld_store.payments.bank_account import (
    AccountRefused,
    BankAccount,
    BankAccountForm,
    account_of,
    give_account,
    waits_for_account,
)
from upheld_store.payments.models import Dispute, Payment, Refund, RefundState
from upheld_store.payments.sealed_card import sealed_card
from upheld_store.payments.transfer import TransferGateway


def _facts(token: str) -> dict[str, Any]:
    lines = OrderLine.by_token(token)
    if not lines:
        raise Http404
    order = lines[0].order
    return {
        "order": order,
        "token": token,
        "lines": lines,
        "set_aside": set_aside_until(order) if any(line.pool_id for line in lines) else None,
        "licenses": keys_of(order) if order.is_paid else [],
        "downloads": offers_of(order, lines),
    }


@require_safe
def order_page(request: HttpRequest, token: str) -> HttpResponse:
    """State, files and keys of one order, for whoever holds its link."""
    return _page(request, _facts(token))


@require_POST
def bank_account(request: HttpRequest, token: str, refund_id: UUID) -> HttpResponse:
    """Where a refund shall go that a person sends by transfer. It comes back filled where it is
    no account; then nothing was kept."""
    facts, form = _facts(token), BankAccountForm(request.POST)
    refund = Refund.objects.to_send().filter(payment__order=facts["order"], pk=refund_id).first()
    if refund is None:
        raise Http404
    if form.is_valid():
        try:
            give_account(refund, form.cleaned_data["iban"], timezone.now())
        except AccountRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            response = redirect("checkout:order", token)
            response.status_code = 303
            return response
    return _page(request, facts, {refund.pk: form}, status=400)


def _page(
    request: HttpRequest,
    facts: dict[str, Any],
    typed: dict[UUID, BankAccountForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    order: Order = facts["order"]
    payment = Payment.newest_of(order)
    facts["went_back"] = _went_back(order, payment)
    if facts["went_back"]:
        facts["kept_days"] = kept_days(timezone.now().date())
        facts["to_send"] = _to_send(facts["went_back"]["refunds"], typed or {}, timezone.now())
    facts["payment"], facts["card"] = payment, sealed_card(order, payment, timezone.now())
    if payment and payment.gateway == TransferGateway.name:
        facts["transfer"] = settings.UPHELD_STORE_FACTS.transfer
    facts["disclosures"] = disclosures_of([order.subject_id])
    facts["looks"] = looks_at([order.subject_id], current())
    return render(request, "checkout/order.html", facts, status=status)


def _to_send(
    refunds: list[Refund], typed: dict[UUID, BankAccountForm], now: datetime
) -> list[tuple[Refund, BankAccount | None, BankAccountForm]]:
    """Each refund that goes by transfer, the account it has, and the form for one."""
    return [
        (each, account_of(each, now), typed.get(each.pk) or BankAccountForm(auto_id=f"id_{n}_%s"))
        for n, each in enumerate(refunds)
        if waits_for_account(each)
    ]


def _went_back(order: Order, payment: Payment | None) -> dict[str, Any] | None:
    """Refunds and disputes, where there are any. Mostly there are none, and nothing is asked."""
    if payment is None or not (payment.refunded_minor or payment.disputed_minor):
        return None
    refunds = Refund.objects.of_order(order)
    return {
        "refunds": [refund for refund in refunds if refund.state != RefundState.FAILED],
        "disputes": Dispute.objects.of_order(order),
    }


@require_safe
def order_json(request: HttpRequest, token: str) -> JsonResponse:
    """The same for machines."""
    facts = _facts(token)
    order: Order = facts["order"]
    return JsonResponse(
        {
            "number": order.number,
            "state": order.state,
            "lines": [
                {
                    "product": line.product_name,
                    "plan": line.plan_name,
                    "quantity": line.quantity,
                    "unit_minor": line.unit_minor,
                }
                for line in facts["lines"]
            ],
            "licenses": [{"product": name, "key": key} for name, key in facts["licenses"]],
            "downloads": [
                {
                    "name": offer.name,
                    "version": offer.version,
                    "size": offer.size,
                    "sha256": offer.sha256,
                    "url": offer.url,
                }
                for offer in facts["downloads"]
            ],
            "total_minor": order.total_minor,
            "currency": order.currency,
        }
    )
