"""A stranger buys: product, cart, age, checkout, the gateway's page, files, key, receipt."""

from __future__ import annotations

import hashlib
import io
import re
import time
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.stories import buyer
from tests.stories.running_store import RunningStore

pytestmark = pytest.mark.browser


def receipts(store: RunningStore, email: str) -> list[dict[str, object]]:
    """Receipts that reached this address; waits for the first one."""
    deadline = time.monotonic() + 20
    found: list[dict[str, object]] = []
    while not found and time.monotonic() < deadline:
        found = [
            m
            for m in store.mails()
            if m["to"] == email and "X-Upheld-Mail: receipt" in str(m["headers"])
        ]
        time.sleep(0.2)
    return found


def test_a_guest_buys_and_gets_files_key_and_receipt(
    running_store: RunningStore, page: Page
) -> None:
    url = buyer.buy(page, running_store, "ada@example.com")
    expect(page.get_by_role("status")).to_contain_text("Paid")
    facts = buyer.order_facts(running_store, url)
    assert facts["state"] == "paid"
    assert len(facts["licenses"]) == 1
    expect(page.locator("body")).to_contain_text(facts["licenses"][0]["key"])
    with page.expect_download() as begun:
        page.get_by_role("link", name=re.compile("^Download")).first.click()
    content = begun.value.path().read_bytes()
    assert hashlib.sha256(content).hexdigest() == facts["downloads"][0]["sha256"]
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    mails = receipts(running_store, "ada@example.com")
    assert len(mails) == 1
    assert url.split("?")[0] in str(mails[0]["text"])


def test_a_free_product_needs_no_gateway(running_store: RunningStore, page: Page) -> None:
    buyer.put_into_cart(page, running_store, "dust-sheet")
    buyer.go_to_checkout(page)
    buyer.fill_in(page, "free@example.com")
    buyer.send_order(page)
    page.wait_for_url(re.compile(r"/orders/"))
    facts = buyer.order_facts(running_store, page.url)
    assert (facts["state"], facts["total_minor"]) == ("paid", 0)


def test_decline_then_another_card(running_store: RunningStore, page: Page) -> None:
    buyer.put_into_cart(page, running_store)
    buyer.go_to_checkout(page)
    buyer.fill_in(page, "retry@example.com")
    buyer.send_order(page)
    buyer.pay(page, "4000 0000 0000 0002")
    expect(page.get_by_role("alert")).to_be_visible()
    buyer.pay(page, "4000 0025 0000 3155")
    page.get_by_role("button", name="Yes, pay").click()
    page.wait_for_url(re.compile(r"/orders/"))
    assert buyer.order_facts(running_store, page.url)["state"] == "paid"


def test_leaving_the_gateway_keeps_the_cart(running_store: RunningStore, page: Page) -> None:
    buyer.put_into_cart(page, running_store)
    buyer.go_to_checkout(page)
    buyer.fill_in(page, "later@example.com")
    buyer.send_order(page)
    page.get_by_role("link", name="Back to the store without paying").click()
    expect(page.locator("body")).to_contain_text("Tidewatch")
    buyer.go_to_checkout(page)
    buyer.fill_in(page, "later@example.com")
    buyer.send_order(page)
    buyer.pay(page)
    page.wait_for_url(re.compile(r"/orders/"))
    assert buyer.order_facts(running_store, page.url)["state"] == "paid"


def test_the_link_is_mailed_again_and_tells_no_one_who_shops_here(
    running_store: RunningStore, page: Page
) -> None:
    buyer.buy(page, running_store, "again@example.com")
    answers = []
    for email in ("again@example.com", "nobody@example.com"):
        page.goto(f"{running_store.origin}/orders/find/")
        page.locator("[name=email]").fill(email)
        page.locator("main form button").first.click()
        answers.append(page.locator("main").inner_text())
    assert answers[0] == answers[1]
    deadline = time.monotonic() + 20
    links: list[str] = []
    while not links and time.monotonic() < deadline:
        links = [
            found[0]
            for mail in running_store.mails()
            if "X-Upheld-Mail: order_link" in str(mail["headers"])
            and "again@example.com" in str(mail["to"])
            and (found := re.findall(r"http://\S+/orders/\S+/", str(mail["text"])))
        ]
        time.sleep(0.2)
    page.goto(links[0])
    expect(page.get_by_role("status")).to_contain_text("Paid")
    assert not [m for m in running_store.mails() if "nobody@example.com" in str(m["to"])]
