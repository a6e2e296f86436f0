"""How many SQL statements a guest order costs, from the cart to the downloaded file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.figures import Figure, Report
from bench.visitor import Visitor
from bench.wire import Line
from practice_gateway.practice import Options, Practice
from upheld import jobs
from upheld.vault import lasting_key
from upheld_store.catalog.models import Plan

STATEMENTS_MAX = 40
_CARD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "Ada Example"}
_WEBHOOK = "/payments/practice/webhook/"
_SHOWN = re.compile(r'name="shown" value="([0-9a-f]{64})"')
_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


def measure(report: Report) -> None:
    """In this process, with a practice gateway in a thread whose webhook is delivered by hand."""
    with _gateway() as gateway:
        steps = _buy(gateway, settings.UPHELD_ORIGIN)
    total = sum(count for _, count in steps)
    name = f"SQL statements of a guest order over {len(steps)} requests of the store"
    met = total <= STATEMENTS_MAX
    report.add(Figure(name, str(total), f"<= {STATEMENTS_MAX}", met, number=total))
    report.add(Figure("  of which", ", ".join(f"{step} {count}" for step, count in steps)))


def buy_ten() -> None:
    """Ten whole orders and their receipts, for a profile: nothing is counted here, and no test
    client stands in between."""
    with _gateway() as gateway:
        plan = Plan.objects.filter(licensed=True, price_minor__gt=0)[0]
        application = get_wsgi_application()
        for number in range(10):
            _buy_plainly(Visitor(application), gateway, str(plan.pk), f"ada{number}@example.com")
        jobs.run_due(lambda: datetime.now(UTC))


def _buy_plainly(visitor: Visitor, gateway: Practice, plan: str, email: str) -> None:
    visitor.post("/cart/items/", {"plan": plan, "quantity": "1"})
    page = visitor.get("/checkout/").body.decode()
    form = {"email": email, "name": "Ada Example", "shown": _SHOWN.findall(page)[0]}
    till = visitor.post("/checkout/", form).headers["location"]
    back = _pay(gateway, till).removeprefix(settings.UPHELD_ORIGIN)
    body, headers = gateway.sender.sealed(gateway.sender.events[-1])
    visitor.deliver(_WEBHOOK, body, headers)
    link = visitor.get(back).headers["location"]
    if b"Paid" not in visitor.get(link).body:
        raise RuntimeError(f"not paid: {link}")


def _pay(gateway: Practice, till: str) -> str:
    """Where the gateway sends whoever has paid."""
    line = Line(gateway.origin)
    path, card = till.removeprefix(gateway.origin), urlencode(_CARD).encode()
    try:
        return line.ask("POST", path, _FORM, card).headers["location"]
    finally:
        line.close()


@contextmanager
def _gateway() -> Iterator[Practice]:
    origin = settings.UPHELD_ORIGIN
    smtp = urlsplit(settings.UPHELD_SMTP_URL).port
    options = Options(
        port=0,
        smtp_port=smtp,
        store_origin=origin,
        webhook_url=f"{origin}{_WEBHOOK}",
        secret=lasting_key("practice_gateway").hex(),
        post=lambda url, body, headers: 200,
    )
    with (
        Practice(options) as gateway,
        patch.object(settings, "UPHELD_PRACTICE_URL", gateway.origin),
    ):
        yield gateway


def _buy(gateway: Practice, origin: str) -> list[tuple[str, int]]:
    client = Client(headers={"host": origin.partition("//")[2]}, HTTP_SEC_FETCH_SITE="same-origin")
    steps: list[tuple[str, int]] = []

    def step(name: str, request: Callable[[], Any]) -> Any:
        with CaptureQueriesContext(connection) as captured:
            answer = request()
            if getattr(answer, "streaming", False):
                b"".join(answer.streaming_content)
        steps.append((name, len(captured)))
        return answer

    plan = Plan.objects.filter(licensed=True, price_minor__gt=0)[0]
    step("add", lambda: client.post("/cart/items/", {"plan": plan.pk, "quantity": 1}))
    step("cart", lambda: client.get("/cart/"))
    step("age", lambda: client.get("/checkout/"))
    step("answer", lambda: client.post("/checkout/", {"birth_year": "1985"}))
    page = step("checkout", lambda: client.get("/checkout/")).content.decode()
    shown = _SHOWN.findall(page)[0]
    form = {"email": "ada@example.com", "name": "Ada Example", "shown": shown}
    till = step("order", lambda: client.post("/checkout/", form))["Location"]
    back = _pay(gateway, till).removeprefix(origin)
    step("webhook", lambda: _hear(gateway, client))
    link = step("return", lambda: client.get(back))["Location"]
    step("page", lambda: client.get(link))
    file = client.get(f"{link.rstrip('/')}.json").json()["downloads"][0]["url"]
    step("file", lambda: client.get(file))
    return steps


def _hear(gateway: Practice, client: Client) -> Any:
    body, headers = gateway.sender.sealed(gateway.sender.events[-1])
    kind = headers.pop("Content-Type")
    return client.post(_WEBHOOK, body, content_type=kind, headers=headers)
