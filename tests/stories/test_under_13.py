"""P33: what someone under 13 typed is in no byte of the store's folders."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.stories import buyer
from tests.stories.running_store import RunningStore

pytestmark = pytest.mark.browser
MARKER = "marker7f3kidtoo"


def test_refusal_leaves_nothing(own_store: Callable[..., RunningStore], page: Page) -> None:
    store = own_store()
    page.set_extra_http_headers({"User-Agent": MARKER, "X-Marker": MARKER})
    buyer.put_into_cart(page, store)
    buyer.go_to_checkout(page, year="2019")
    assert page.locator("[name=email]").count() == 0
    assert "cannot take orders" in page.locator("main").inner_text()
    # The back button and a form sent past the question meet the same answer.
    page.go_back()
    page.goto(f"{store.origin}/checkout/")
    assert page.locator("[name=email]").count() == 0
    answer = page.request.post(
        f"{store.origin}/checkout/",
        form={"email": f"{MARKER}@example.com", "name": MARKER, "shown": "x"},
        headers={"Origin": store.origin, "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status in (200, 403) and MARKER not in answer.text()
    found = [name for name, content in store.bytes_of_home().items() if MARKER.encode() in content]
    assert found == []
    cookies = {c["name"]: c["value"] for c in page.context.cookies()}
    assert cookies["age"] == "too_young"


def test_the_search_can_find(own_store: Callable[..., RunningStore], page: Page) -> None:
    """The same search over a store where the marker was let in."""
    store = own_store()
    buyer.buy(page, store, f"{MARKER}@example.com")
    found = [name for name, content in store.bytes_of_home().items() if MARKER.encode() in content]
    assert any(name.startswith(("home/store.sqlite3", "store in")) for name in found)
