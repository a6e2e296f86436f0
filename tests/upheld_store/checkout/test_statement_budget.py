"""What a guest order costs, counted and never timed: at most 40 SQL statements over all its
requests, transactions included; five commits; two calls of the gateway; and, from the second
order on, hardly a statement whose text is built anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models.sql.compiler import (
    SQLCompiler,
    SQLDeleteCompiler,
    SQLInsertCompiler,
    SQLUpdateCompiler,
)
from django.test.utils import CaptureQueriesContext

from tests.upheld_store.buyer import Buyer
from upheld.promises.disclosure import egress, pinned
from upheld_store.catalog.models import Plan

pytestmark = pytest.mark.django_db(transaction=True)

STATEMENTS_MAX = 40
# The order, the gateway's name for its payment, all that follows from the money, and the count
# of downloads, which is looked for before it is begun.
COMMITS_MAX = 5
CALLS_MAX = 2
# The insert of the sealed card, which corrects what is there, and the look whether somebody of the
# staff has seen the buyer's contact.
BUILT_MAX = 2
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


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

    def commits(self) -> int:
        """Transactions, and writes that stand outside of one."""
        commits, inside = 0, False
        for _, sql in self.statements:
            if sql.startswith("BEGIN"):
                inside = True
            elif sql.startswith("COMMIT"):
                commits, inside = commits + 1, False
            else:
                commits += sql.startswith(_WRITES) and not inside
        return commits

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
    assert len(counted.statements) <= STATEMENTS_MAX, str(counted)
    assert counted.commits() <= COMMITS_MAX, str(counted)


def test_the_second_order_asks_with_ready_words(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer.buy(stock["licensed"])
    built: list[str] = []
    calls: list[str] = []

    def count(compiler: type[SQLCompiler]) -> None:
        original = compiler.as_sql

        def as_sql(self: Any, *args: Any, **options: Any) -> Any:
            found = original(self, *args, **options)
            built.append(str(found))
            return found

        monkeypatch.setattr(compiler, "as_sql", as_sql)

    def connect(host: str, port: int, deadline: float) -> Any:
        calls.append(host)
        return pinned.connect(host, port, deadline)

    for compiler in (SQLCompiler, SQLInsertCompiler, SQLUpdateCompiler, SQLDeleteCompiler):
        count(compiler)
    monkeypatch.setattr(egress, "connect", connect)
    page = buyer.buy(stock["licensed"], email="grace@example.com")
    assert buyer.client.get(page).status_code == 200
    assert len(built) <= BUILT_MAX, "\n".join(built)
    assert 0 < len(calls) <= CALLS_MAX
