"""What the engine costs on whole requests: the same pages with every gate, and with none."""

from __future__ import annotations

import re
import secrets
import time
from statistics import median
from unittest.mock import patch

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from bench.accounts import PASSWORD, address, open_accounts
from bench.figures import Act, Report, at_most, plain, seconds_in_turns
from bench.off_switch import TwoConnections, application_without_gates, ungated
from bench.throwaway import BenchFailed
from bench.visitor import Application, Visitor
from upheld_store.catalog.models import Plan
from upheld_store.payments.gateway import GatewaySession
from upheld_store.payments.practice import PracticeGateway

_ROUNDS, _ORDERS = 100, 5
_NUMBER = 1_000_000  # a customer whom no other section has made
_SHOWN = re.compile(r'name="shown" value="([0-9a-f]{64})"')
# Each page, and the route that its acts ask for where no middleware has said so.
PAGES = {
    "catalog": ("/products/", "catalog:list"),
    "checkout": ("/checkout/", "checkout:checkout"),
    "order list": ("/account/orders/", "control_panel:orders"),
    "control panel": ("/account/", "control_panel:home"),
}


def measure(report: Report) -> None:
    """One customer with some orders and a filled cart, in this process. In seconds of the
    processor: these are small differences, and a neighbor's work would drown them."""
    both = TwoConnections()
    gated, bare = get_wsgi_application(), application_without_gates()
    try:
        visitor = _customer(gated)
        for name, (path, route) in PAGES.items():
            acts = {
                "on": _visit(visitor, gated, path),
                "off": ungated(_visit(visitor, bare, path), both, None, route),
            }
            _say(report, name, seconds_in_turns(acts, _ROUNDS, time.process_time))
    finally:
        both.close()


def _customer(application: Application) -> Visitor:
    """Signed in, with a few orders that wait for their money, and something in the cart."""
    open_accounts([_NUMBER])
    visitor = Visitor(application)
    visitor.post("/account/login/", {"email": address(_NUMBER), "password": PASSWORD})
    plan = str(Plan.objects.filter(price_minor__gt=0)[0].pk)
    with patch.object(PracticeGateway, "start", _start):
        for _ in range(_ORDERS):
            visitor.post("/cart/items/", {"plan": plan, "quantity": "1"})
            shown = _SHOWN.findall(visitor.get("/checkout/").body.decode())[0]
            form = {"email": address(_NUMBER), "name": "", "shown": shown}
            if visitor.post("/checkout/", form).status != 303:
                raise BenchFailed("no order was placed")
    visitor.post("/cart/items/", {"plan": plan, "quantity": "1"})
    return visitor


def _start(*_: object) -> GatewaySession:
    return GatewaySession(f"cs_test_{secrets.token_hex(12)}", settings.UPHELD_PRACTICE_URL)


def _visit(visitor: Visitor, application: Application, path: str) -> Act:
    def visit() -> None:
        visitor.application = application
        answer = visitor.get(path)
        if answer.status != 200:
            raise BenchFailed(f"{path}: {answer.status}")

    return visit


def _say(report: Report, name: str, seconds: dict[str, list[float]]) -> None:
    on, off = sorted(seconds["on"]), sorted(seconds["off"])
    report.add(plain(f"{name}, engine on", median(on) * 1000, "ms"))
    report.add(at_most(f"{name}: engine on against off, median", median(on) / median(off), 1.03))
    slow = len(on) * 95 // 100
    report.add(at_most(f"{name}: engine on against off, 95 of 100", on[slow] / off[slow], 1.05))
