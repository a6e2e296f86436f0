"""Placing an order with every gate, and with none."""

from __future__ import annotations

import io
import itertools
import re
import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import transaction

from bench.figures import Act, Report, at_most, in_turns, plain
from bench.off_switch import TwoConnections, application_without_gates, no_gates
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
_COOKIE = re.compile(r"(cart=[^;]+)")
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

    _say(report, "placing an order (the act)", place, _without(place, both, shared))


def _measure_request(report: Report, both: TwoConnections, shared: Disclosure, plan: Plan) -> None:
    numbers = itertools.count()

    def through(application: Callable[..., Any]) -> Act:
        def send() -> None:
            for _ in range(_ORDERS):
                _order_over(application, plan, next(numbers))

        return send

    def start(*_: object) -> GatewaySession:
        return GatewaySession(f"cs_test_{secrets.token_hex(12)}", settings.UPHELD_PRACTICE_URL)

    gated, bare = through(get_wsgi_application()), through(application_without_gates())
    with patch.object(PracticeGateway, "start", start):
        _say(report, "placing an order (cart to 303)", gated, _without(bare, both, shared, _ROUTE))


def _without(act: Act, both: TwoConnections, shared: Disclosure, route: str = "") -> Act:
    def run() -> None:
        # Without its middleware a request has no entry point; the acts ask for one all the same.
        with both.without_monitor(), no_gates(shared), entry_point("route", route):
            act()

    return run


def _say(report: Report, name: str, gated: Act, bare: Act) -> None:
    seconds = in_turns({"gated": gated, "bare": bare}, _ROUNDS)
    report.add(plain(f"{name}, gates on", seconds["gated"] / _ORDERS * 1000, "ms"))
    report.add(plain(f"{name}, gates off", seconds["bare"] / _ORDERS * 1000, "ms"))
    report.add(
        at_most(f"{name}: gates on against off", seconds["gated"] / seconds["bare"], 1.15, gated)
    )


def _order_over(application: Callable[..., Any], plan: Plan, number: int) -> None:
    form = {"plan": str(plan.pk), "quantity": "1"}
    _, headers, _ = _ask(application, "/cart/items/", "age=old_enough", form)
    cart = _COOKIE.search(str(headers))
    cookies = f"age=old_enough; {cart[1] if cart else ''}"
    shown = _SHOWN.search(_ask(application, "/checkout/", cookies)[2])
    form = {
        "email": f"buyer{number}@example.com",
        "name": "Ada Example",
        "shown": shown[1].decode() if shown else "",
    }
    status, _, body = _ask(application, "/checkout/", cookies, form)
    if not status.startswith("303"):
        raise RuntimeError(f"{status} {body[:300]!r}")


def _ask(
    application: Callable[..., Any], path: str, cookies: str, form: dict[str, str] | None = None
) -> tuple[str, list[tuple[str, str]], bytes]:
    body = urlencode(form or {}).encode()
    origin = urlsplit(settings.UPHELD_ORIGIN)
    environ = {
        "REQUEST_METHOD": "POST" if form else "GET", "PATH_INFO": path, "QUERY_STRING": "",
        "SCRIPT_NAME": "", "SERVER_NAME": origin.hostname, "SERVER_PORT": str(origin.port),
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": origin.netloc, "HTTP_COOKIE": cookies,
        "HTTP_SEC_FETCH_SITE": "same-origin", "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded" if form else "",
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
        "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    started: list[Any] = []
    answer = application(environ, lambda *words: started.extend(words))
    try:
        return started[0], started[1], b"".join(answer)
    finally:
        answer.close()
