"""A purchase through Stripe's SDK: the practice gateway stands in for Stripe."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.stories import buyer
from tests.stories.running_store import RunningStore, free_port

pytestmark = pytest.mark.browser


def through_stripe(port: int) -> dict[str, str]:
    return {
        "UPHELD_GATEWAY": "stripe",
        "UPHELD_STRIPE_API_BASE": f"http://127.0.0.1:{port + 1}",
        "UPHELD_STRIPE_API_KEY": "sk_test_twin",
        "UPHELD_STRIPE_WEBHOOK_SECRET": "whsec_twin",
    }


def test_a_guest_buys_through_stripe(own_store: Callable[..., RunningStore], page: Page) -> None:
    port = free_port()
    store = own_store(port=port, more=through_stripe(port))
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append((answer.status, answer.url)))
    buyer.put_into_cart(page, store)
    buyer.go_to_checkout(page)
    buyer.fill_in(page, "stripe@example.com")
    buyer.send_order(page)
    page.wait_for_url(re.compile(f"{store.gateway}/pay/"))
    assert (303, f"{store.origin}/checkout/") in answers
    buyer.trouble(store, wait=True)
    buyer.pay(page)
    page.wait_for_url(re.compile("/orders/"))
    expect(page.get_by_role("status")).to_contain_text("Paid")
    facts = buyer.order_facts(store, page.url)
    assert (facts["state"], len(facts["licenses"])) == ("paid", 1)
    deadline = time.monotonic() + 15
    while not store.mails() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert [("X-Upheld-Mail: receipt" in str(m["headers"])) for m in store.mails()] == [True]
    assert '"overdue": "0 payments, 0 refunds"' in store.run("status", "--json").stdout
    log = (store.folder / "server.log").read_text("utf-8", errors="replace")
    assert "sk_test_twin" not in log and "whsec_twin" not in log
