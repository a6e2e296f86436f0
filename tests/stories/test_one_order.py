"""However often it is sent: one order, one payment page, one charge."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.stories import buyer
from tests.stories.running_store import RunningStore

pytestmark = pytest.mark.browser


def sessions(store: RunningStore, email: str) -> set[str]:
    """Order numbers in receipts to this address: one an order that was paid."""
    found = [
        re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", str(m["subject"]))
        for m in store.mails()
        if email in str(m["to"])
    ]
    return {numbers[0] for numbers in found if numbers}


def to_checkout(page: Page, store: RunningStore, email: str) -> None:
    buyer.put_into_cart(page, store)
    buyer.go_to_checkout(page)
    buyer.fill_in(page, email)


def test_double_click(running_store: RunningStore, page: Page) -> None:
    to_checkout(page, running_store, "double@example.com")
    page.get_by_role("button", name=re.compile("^Pay")).dblclick()
    page.wait_for_url(re.compile("/pay/"))
    session = page.url
    page.go_back()
    buyer.go_to_checkout(page) if page.get_by_role("link", name="Check out").count() else None
    buyer.fill_in(page, "double@example.com")
    buyer.send_order(page)
    assert page.url == session


def test_two_tabs(running_store: RunningStore, visitor: BrowserContext) -> None:
    one, other = visitor.new_page(), visitor.new_page()
    to_checkout(one, running_store, "tabs@example.com")
    other.goto(f"{running_store.origin}/checkout/")
    buyer.fill_in(other, "tabs@example.com")
    buyer.send_order(one)
    buyer.send_order(other)
    assert one.url == other.url
    buyer.pay(one)
    one.wait_for_url(re.compile("/orders/"))
    other.reload()
    assert "This is paid" in other.locator("main").inner_text()


def test_reload_and_back_after_paying(running_store: RunningStore, page: Page) -> None:
    url = buyer.buy(page, running_store, "reload@example.com")
    number = buyer.order_facts(running_store, url)["number"]
    page.reload()
    page.go_back()
    page.goto(url)
    assert buyer.order_facts(running_store, page.url)["number"] == number
    page.goto(f"{running_store.origin}/checkout/")
    assert "empty" in page.locator("main").inner_text()


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def test_twenty_submits_at_once(running_store: RunningStore, page: Page) -> None:
    to_checkout(page, running_store, "many@example.com")
    shown = page.locator("[name=shown]").input_value()
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
    body = urlencode({"email": "many@example.com", "name": "", "shown": shown}).encode()

    def submit(_: int) -> str:
        request = Request(
            f"{running_store.origin}/checkout/",
            data=body,
            headers={
                "Cookie": cookies,
                "Origin": running_store.origin,
                "Sec-Fetch-Site": "same-origin",
            },
        )
        opener = build_opener(_Stay, HTTPCookieProcessor(CookieJar()))
        try:
            with opener.open(request, timeout=30) as answer:
                return f"{answer.status}"
        except OSError as redirect:
            return str(getattr(redirect, "headers", {}).get("Location", redirect))

    with ThreadPoolExecutor(20) as pool:
        places = set(pool.map(submit, range(20)))
    assert len(places) == 1 and "/pay/" in places.pop()
