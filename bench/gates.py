"""Placing an order with every gate, and with none."""

from __future__ import annotations

import itertools
import re
import secrets
import uuid
from datetime import UTC, datetime
from unittest.mock import patch

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import transaction

from bench.figures import Act, Report, at_most, in_turns, plain
from bench.off_switch import TwoConnections, application_without_gates, ungated
from bench.visitor import Application, Visitor
from upheld.db import entry_point, purpose
from upheld.promises.disclosure import Disclosure, disclose
from upheld_store.cart.cart import Cart
from upheld_store.cart.quote import quote
from upheld_store.catalog.models import Plan
from upheld_store.checkout.place_order import OrderDetails, place_order
from upheld_store.payments.gateway import GatewaySession
from upheld_store.payments.gateways import chosen_gateway
from upheld_store.payments.practice import PracticeGateway

_ROUNDS, _ORDERS = 21, 10
_SHOWN = re.compile(rb'name="shown" value="([0-9a-f]{64})"')
_ROUTE = "checkout:checkout"


def measure(report: Report) -> None:
    """The act alone, and the whole request with the network left out."""
    both, shared = TwoConnections(), _one_disclosure()
    plan = Plan.objects.filter(price_minor__gt=0)[0]
    try:
        _measure_act(report, both, shared, plan)
        _measure_request(report, both, shared, plan)
    finally:
        both.close()


def _one_disclosure() -> Disclosure:
    now = datetime.now(UTC)
    with entry_point("route", _ROUTE), purpose("take_payment"), transaction.atomic():
        return disclose(
            "gateway", subject=uuid.uuid4(), fields=("payment.reference",),
            purpose="take_payment", now=now,
        )  # fmt: skip


def _measure_act(report: Report, both: TwoConnections, shared: Disclosure, plan: Plan) -> None:
    door = chosen_gateway()

    def place() -> None:
        for _ in range(_ORDERS):
            cart = Cart(secrets.token_urlsafe(16), {plan.pk: 1})
            details = OrderDetails("ada@example.com", "Ada Example", 1)
            with entry_point("route", _ROUTE):
                priced = quote(cart, plan.currency)
                seed, now = secrets.token_bytes(10), datetime.now(UTC)
                place_order(cart, priced, details, seed, gateway=door, now=now)

    _say(report, "placing an order (the act)", place, ungated(place, both, shared))


def _measure_request(report: Report, both: TwoConnections, shared: Disclosure, plan: Plan) -> None:
    numbers = itertools.count()

    def through(application: Application) -> Act:
        def send() -> None:
            for _ in range(_ORDERS):
                _order_over(application, plan, next(numbers))

        return send

    def start(*_: object) -> GatewaySession:
        return GatewaySession(f"cs_test_{secrets.token_hex(12)}", settings.UPHELD_PRACTICE_URL)

    gated, bare = through(get_wsgi_application()), through(application_without_gates())
    with patch.object(PracticeGateway, "start", start):
        _say(report, "placing an order (cart to 303)", gated, ungated(bare, both, shared, _ROUTE))


def _say(report: Report, name: str, gated: Act, bare: Act) -> None:
    seconds = in_turns({"gated": gated, "bare": bare}, _ROUNDS)
    report.add(plain(f"{name}, gates on", seconds["gated"] / _ORDERS * 1000, "ms"))
    report.add(plain(f"{name}, gates off", seconds["bare"] / _ORDERS * 1000, "ms"))
    report.add(
        at_most(f"{name}: gates on against off", seconds["gated"] / seconds["bare"], 1.15, gated)
    )


def _order_over(application: Application, plan: Plan, number: int) -> None:
    visitor = Visitor(application)
    visitor.post("/cart/items/", {"plan": str(plan.pk), "quantity": "1"})
    shown = _SHOWN.search(visitor.get("/checkout/").body)
    answer = visitor.post(
        "/checkout/",
        {
            "email": f"buyer{number}@example.com",
            "name": "Ada Example",
            "shown": shown[1].decode() if shown else "",
        },
    )
    if answer.status != 303:
        raise RuntimeError(f"{answer.status} {answer.body[:300]!r}")
