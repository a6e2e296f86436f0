"""An owner comes in, changes the catalog, serves a buyer, and sends money back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.stories import buyer, customer, staff
from tests.stories.running_store import RunningStore
from tests.stories.test_accessibility import violations

pytestmark = pytest.mark.browser

PAGES = (
    "", "orders/", "customers/", "customers/find/", "review/", "reveals/", "holds/", "team/",
    "promises/", "transfers/", "disputes/", "erasures/", "keys/", "catalog/product/",
    "catalog/product/add/", "catalog/release/",
    "catalog/release/add/", "catalog/category/", "catalog/category/add/",
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(running_store: RunningStore, chromium: Browser) -> Iterator[BrowserContext]:
    """A browser in which an owner has come in; no page of it may break the content policy."""
    context = chromium.new_context()
    refused: list[str] = []

    def watch(page: Page) -> None:
        page.on("console", lambda m: refused.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: refused.append(str(error)))

    context.on("page", watch)
    page = context.new_page()
    staff.come_in(page, running_store, "owner@example.com")
    page.close()
    yield context
    context.close()
    assert [text for text in refused if "Content Security Policy" in text] == []
    assert [text for text in refused if "status of" not in text] == []


def test_what_the_owner_changes_is_public_within_a_second(
    running_store: RunningStore, desk: BrowserContext
) -> None:
    path = "/products/night-tide/"
    running_store.get(path)
    page = desk.new_page()
    page.goto(f"{running_store.origin}/staff/catalog/product/?q=night")
    page.get_by_role("link", name=re.compile("Night", re.I)).first.click()
    page.locator("[name=summary]").fill("Changed by the owner, for all to see.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("changed successfully")
    deadline = time.monotonic() + 5
    while "Changed by the owner" not in running_store.get(path):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_an_order_is_looked_at_revealed_and_refunded(
    running_store: RunningStore, desk: BrowserContext, page: Page
) -> None:
    order_url = buyer.buy(page, running_store, "grace.hidden@example.com")
    facts = buyer.order_facts(running_store, order_url)
    seat = desk.new_page()
    seat.goto(f"{running_store.origin}/staff/orders/")
    seat.locator("[name=q]").fill(facts["number"])
    seat.get_by_role("button", name="Find").click()
    assert "grace.hidden" not in seat.content()
    seat.get_by_role("link", name=facts["number"]).click()
    assert "grace.hidden" not in seat.content() and violations(seat) == []
    seat.locator("[name=reason]").first.wait_for()
    contact = seat.locator("#contact")
    contact.locator("[name=cause]").select_option("delivery")
    contact.locator("[name=reason]").fill("The buyer cannot open the file.")
    contact.get_by_role("button", name="Show the contact").click()
    expect(contact).to_contain_text("grace.hidden@example.com")
    assert violations(seat) == []
    page.goto(order_url)
    expect(page.get_by_text("something you bought did not arrive")).to_be_visible()
    assert violations(page) == []
    seat.goto(f"{running_store.origin}/staff/orders/{facts['number']}/")
    assert "grace.hidden" not in seat.content()
    seat.get_by_role("button", name="Refund …").click()
    assert violations(seat) == []
    seat.get_by_role("button", name=re.compile("^Send .* back$")).click()
    expect(seat.get_by_text("Went back")).to_be_visible()
    assert buyer.order_facts(running_store, order_url)["state"] == "refunded"


def test_a_customer_is_found_shown_and_signed_out(
    running_store: RunningStore, desk: BrowserContext, page: Page
) -> None:
    store, email = running_store, "grace.account@example.com"
    customer.register(page, store, email)
    seat = desk.new_page()
    seat.goto(f"{store.origin}/staff/customers/")
    assert "grace.account" not in seat.content()
    seat.get_by_role("link", name="Find someone by e-mail address").click()
    seat.locator("[name=email]").fill(email)
    seat.get_by_role("button", name="Find").click()
    assert seat.get_by_role("alert").count() and violations(seat) == []
    seat.locator("[name=cause]").select_option("asked")
    seat.locator("[name=reason]").fill("On the phone: cannot sign in.")
    seat.get_by_role("button", name="Find").click()
    assert violations(seat) == []
    seat.get_by_role("link", name=re.compile("^customer ")).click()
    assert "grace.account" not in seat.content() and violations(seat) == []
    seat.get_by_role("button", name="Sign out everywhere").click()
    expect(seat.get_by_role("status")).to_contain_text("Sessions ended: 1")
    page.goto(f"{store.origin}/account/looks/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    customer.sign_in(page, store, email)
    page.goto(f"{store.origin}/account/looks/")
    expect(page.get_by_role("heading", name="Who looked")).to_be_visible()
    expect(page.get_by_text("you asked us for help")).to_be_visible()
    assert violations(page) == []


def test_every_page_is_accessible(running_store: RunningStore, desk: BrowserContext) -> None:
    page, found = desk.new_page(), []
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 850})
        for path in PAGES:
            answer = page.goto(f"{running_store.origin}/staff/{path}")
            assert answer and answer.ok and page.url.endswith(f"/staff/{path}")
            found += violations(page)
    assert found == []


def test_a_stranger_is_sent_to_sign_in(running_store: RunningStore, page: Page) -> None:
    page.goto(f"{running_store.origin}/staff/team/")
    assert "/account/login/" in page.url and "Team" not in page.content()
