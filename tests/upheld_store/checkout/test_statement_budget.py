"""A guest order costs at most 40 SQL statements over all its requests, transactions included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.upheld_store.buyer import Buyer
from upheld_store.catalog.models import Plan

pytestmark = pytest.mark.django_db(transaction=True)

STATEMENTS_MAX = 40


class Counted:
    """Runs requests and keeps what each of them said to the database."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, str]] = []

    def __call__(self, name: str, request: Callable[[], Any]) -> Any:
        with CaptureQueriesContext(connection) as captured:
            answer = request()
            if getattr(answer, "streaming", False):
                b"".join(answer.streaming_content)
        self.statements += [(name, query["sql"]) for query in captured.captured_queries]
        return answer

    def __str__(self) -> str:
        return "\n".join(
            f"{n:2} {name:14} {sql[:160]}" for n, (name, sql) in enumerate(self.statements, 1)
        )


def test_a_guest_order(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Cart, cart page, age, checkout, order, webhook, return, order page, download."""
    client, counted = buyer.client, Counted()
    del client.cookies["age"]
    plan = stock["licensed"]
    counted("cart add", lambda: buyer.put(plan))
    counted("cart page", lambda: client.get("/cart/"))
    counted("age question", lambda: client.get("/checkout/"))
    counted("age answer", lambda: client.post("/checkout/", {"birth_year": "1985"}))
    shown = counted("checkout page", buyer.shown)
    url = counted("checkout", lambda: buyer.send(shown=shown))["Location"]
    location = buyer.pay(url)
    assert counted("webhook", buyer.hear).content == b"noted\n"
    page = counted("return", lambda: buyer.come_back(location))["Location"]
    assert counted("order page", lambda: client.get(page)).status_code == 200
    file = buyer.facts(page)["downloads"][0]["url"]
    assert counted("download", lambda: client.get(file)).status_code == 200
    print(counted)
    assert len(counted.statements) <= STATEMENTS_MAX, str(counted)
