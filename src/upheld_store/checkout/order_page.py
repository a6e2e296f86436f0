"""The order's page, as page and as JSON: where files and keys meet the order."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from upheld.policy import current
from upheld.promises.purpose.looks import looks_at
from upheld_store.delivery.links import offers_of
from upheld_store.licensing.issue_keys import keys_of
from upheld_store.licensing.reserve_keys import set_aside_until
from upheld_store.orders.models import Order, OrderLine
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
    facts = _facts(token)
    order: Order = facts["order"]
    payment = Payment.newest_of(order)
    facts["went_back"] = _went_back(order, payment)
    facts["payment"], facts["card"] = payment, sealed_card(order, payment, timezone.now())
    if payment and payment.gateway == TransferGateway.name:
        facts["transfer"] = settings.UPHELD_STORE_FACTS.transfer
    facts["looks"] = looks_at([order.subject_id], current())
    return render(request, "checkout/order.html", facts)


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
