"""The gateway's word arrives before, after, twice, out of order, forged, or never."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.stories import buyer
from tests.stories.running_store import RunningStore

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _calm(running_store: RunningStore) -> Iterator[None]:
    yield
    buyer.trouble(running_store, reset=True)


def to_gateway(page: Page, store: RunningStore, email: str) -> None:
    buyer.put_into_cart(page, store)
    buyer.go_to_checkout(page)
    buyer.fill_in(page, email)
    buyer.send_order(page)


def receipts(store: RunningStore, email: str) -> int:
    return len(
        [
            m
            for m in store.mails()
            if email in str(m["to"]) and "X-Upheld-Mail: receipt" in str(m["headers"])
        ]
    )


def settled(store: RunningStore, email: str) -> int:
    """Receipts after there was time for a second one."""
    deadline = time.monotonic() + 15
    while not receipts(store, email) and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(1.5)
    return receipts(store, email)


@pytest.mark.parametrize(
    ("name", "wishes"),
    [
        ("before", {"wait": True}),
        ("after", {"delay_seconds": 1.0}),
        ("twice", {"copies": 2}),
        ("forged", {"forge": "other_secret"}),
        ("never", {"lose": True}),
    ],
)
def test_paid_once(
    running_store: RunningStore, page: Page, name: str, wishes: dict[str, object]
) -> None:
    email = f"webhook-{name}@example.com"
    to_gateway(page, running_store, email)
    buyer.trouble(running_store, **wishes)
    buyer.pay(page)
    page.wait_for_url(re.compile("/orders/"))
    assert buyer.order_facts(running_store, page.url)["state"] == "paid"
    assert settled(running_store, email) == 1


def test_the_reconciler_settles_what_nobody_reported(
    running_store: RunningStore, page: Page
) -> None:
    """The browser is closed on the gateway's page and the webhook is lost."""
    email = "lost@example.com"
    to_gateway(page, running_store, email)
    buyer.trouble(running_store, lose=True)
    typed = {
        name: page.locator(f"[name={name}]").input_value()
        for name in ("number", "expiry", "cvc", "name")
    }
    paid = page.request.post(page.url, form=typed | {"do": "pay"}, max_redirects=0)
    assert paid.status == 303
    time.sleep(1)
    assert receipts(running_store, email) == 0
    assert running_store.run("reconcile").returncode == 0
    assert settled(running_store, email) == 1


def test_an_amount_that_is_not_ours_buys_nothing(running_store: RunningStore, page: Page) -> None:
    to_gateway(page, running_store, "mismatch@example.com")
    buyer.trouble(running_store, misstate={"amount_total": 1})
    buyer.pay(page)
    page.wait_for_url(re.compile("/orders/"))
    facts = buyer.order_facts(running_store, page.url)
    assert (facts["state"], facts["downloads"], facts["licenses"]) == ("review", [], [])
