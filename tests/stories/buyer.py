"""What a buyer does, step by step, on the pages that a buyer sees."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect

from tests.stories.running_store import RunningStore

PAID_PRODUCT = "tidewatch"
BORN = "1985"


def put_into_cart(page: Page, store: RunningStore, slug: str = PAID_PRODUCT) -> None:
    """From the product's page; the first plan."""
    page.goto(f"{store.origin}/products/{slug}/")
    page.get_by_role("button", name=re.compile("Add to cart")).first.click()
    expect(page.get_by_role("heading", name="Your cart")).to_be_visible()


def go_to_checkout(page: Page, year: str = BORN) -> None:
    """Past the age question, which comes once per browser."""
    page.get_by_role("link", name="Check out").click()
    page.wait_for_url("**/checkout/**")
    question = page.locator("[name=birth_year]")
    if question.count():
        question.fill(year)
        page.locator("main form button").first.click()


def fill_in(page: Page, email: str, name: str = "Ada Example") -> None:
    """The checkout form, not yet sent."""
    page.locator("[name=email]").fill(email)
    page.locator("[name=name]").fill(name)


def send_order(page: Page) -> None:
    """The one button of the checkout."""
    page.get_by_role("button", name=re.compile("^(Pay|Get it)")).click()


def pay(page: Page, number: str | None = None) -> None:
    """On the gateway's page, with the card it filled in or with another test card."""
    if number:
        page.locator("[name=number]").fill(number)
    page.get_by_role("button", name=re.compile("^Pay ")).click()


def buy(page: Page, store: RunningStore, email: str, slug: str = PAID_PRODUCT) -> str:
    """Everything at once; the address of the order's page."""
    put_into_cart(page, store, slug)
    go_to_checkout(page)
    fill_in(page, email)
    send_order(page)
    pay(page)
    page.wait_for_url(re.compile(r"/orders/"))
    return page.url


def order_facts(store: RunningStore, order_url: str) -> dict[str, Any]:
    """The order's page for machines."""
    path = order_url.split("?", maxsplit=1)[0].removeprefix(store.origin).rstrip("/")
    facts: dict[str, Any] = json.loads(store.get(f"{path}.json"))
    return facts


def trouble(store: RunningStore, **wishes: Any) -> None:
    """Make the practice gateway misbehave; `reset=True` begins anew."""
    request = urllib.request.Request(
        f"{store.gateway}/control",
        data=json.dumps(wishes).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    urllib.request.urlopen(request, timeout=10).close()
