"""Act: settle what no webhook brought and no buyer came back for."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.http import Http404

from upheld.db import for_purpose
from upheld_store.checkout.confirm_payment import confirm_payment
from upheld_store.checkout.hear_event import hear_event
from upheld_store.checkout.refund_order import ask_for_refund
from upheld_store.payments.gateway import GatewayUnavailable, PaymentGateway
from upheld_store.payments.gateways import gateways_with_page
from upheld_store.payments.models import GatewayEventRow, Payment, PaymentState, Refund
from upheld_store.payments.overdue import count_overdue

PAYMENTS_PER_RUN = 500
REFUNDS_PER_RUN = 200
# Where the gateway has never answered there is no page to pay on; after a day it has also
# forgotten the idempotency key, so the next try begins anew.
UNANSWERED_FOR = timedelta(days=1)
EVENTS_SINCE = timedelta(days=7)
_log = logging.getLogger("upheld.reconcile")


@for_purpose("take_payment")
def reconcile_open_payments(now: datetime) -> int:
    """Read the events that could not be delivered, ask about open payments, finish refunds.
    Returns how many payments and refunds were settled. A gateway that does not answer is asked
    no more in this run, and does not stop the others; what stays unknown for an hour is said
    aloud, here and wherever an operator looks."""
    silent = set[str]()
    heard = sum(_hear_undelivered(door, silent, now) for door in gateways_with_page())
    settled = heard + _ask_about_payments(silent, now) + _finish_refunds(silent, now)
    overdue = count_overdue(now)
    if overdue.any:
        _log.error("the gateway has not settled for over an hour: %s", overdue)
    return settled


def _hear_undelivered(door: PaymentGateway, silent: set[str], now: datetime) -> int:
    """Asking for events tells the gateway of nobody, so any disclosure to it permits that."""
    newest = Payment.objects.newest_disclosed(door.name)
    if newest is None:
        return 0
    before = Payment.objects.filter(state=PaymentState.OPEN).count()
    try:
        events = door.undelivered(newest.disclosure, now - EVENTS_SINCE)
        for event in GatewayEventRow.unknown(door.name, events):
            hear_event(event, door, now)
    except GatewayUnavailable:
        _note_silence(door.name, silent)
    return max(0, before - Payment.objects.filter(state=PaymentState.OPEN).count())


def _ask_about_payments(silent: set[str], now: datetime) -> int:
    doors = {door.name: door for door in gateways_with_page()}
    settled, answered = 0, []
    for payment, reference in Payment.objects.open_with_references(doors, PAYMENTS_PER_RUN):
        if reference is None:
            if payment.started_at < now - UNANSWERED_FOR:
                payment.close(PaymentState.FAILED)
            continue
        if payment.gateway in silent:
            continue
        try:
            confirm_payment(payment, reference, doors[payment.gateway], now)
        except GatewayUnavailable:
            _note_silence(payment.gateway, silent)
            continue
        settled += payment.state != PaymentState.OPEN
        answered.append(payment.pk)
    if answered:
        Payment.objects.filter(pk__in=answered, state=PaymentState.OPEN).update(answered_at=now)
    return settled


def _finish_refunds(silent: set[str], now: datetime) -> int:
    finished = 0
    for refund in Refund.objects.asked(REFUNDS_PER_RUN):
        gateway = refund.payment.gateway
        if gateway in silent:
            continue
        try:
            ask_for_refund(refund, now)
        except (GatewayUnavailable, Http404):
            _note_silence(gateway, silent)
            continue
        refund.refresh_from_db(fields=["state"])
        finished += refund.settled
    return finished


def _note_silence(gateway: str, silent: set[str]) -> None:
    silent.add(gateway)
    _log.warning("gateway %s does not answer", gateway)
