"""Every page, light and dark, desktop and phone: no violation that axe knows of, and no page
wider than the phone that shows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.stories import buyer
from tests.stories.running_store import RunningStore

pytestmark = pytest.mark.browser

PUBLIC = (
    "/",
    "/products/",
    "/products/?q=nothing-like-it",
    "/products/rename-rook/",
    "/terms/",
    "/contact/",
    "/pages/about/",
    "/privacy/",
    "/privacy/promises/",
    "/privacy/rights/",
    "/privacy/changes/",
    "/privacy/versions/1/",
    "/no/such/page/",
)
SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(
    params=[(screen, scheme) for screen in SCREENS for scheme in ("light", "dark")],
    ids=lambda p: f"{p[0]}-{p[1]}",
)
def screen(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A tab of this size in this color scheme."""
    name, scheme = request.param
    width, height = SCREENS[name]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    yield context.new_page()
    context.close()


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands, and overflow to the side."""
    found = [
        f"{page.url}: {v['id']} {[node['target'] for node in v['nodes']][:3]}"
        for v in Axe().run(page).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append(f"{page.url}: wider than the screen")
    return found


def test_public_pages(running_store: RunningStore, screen: Page) -> None:
    found = []
    for path in PUBLIC:
        screen.goto(running_store.origin + path)
        found += violations(screen)
    assert found == []


def test_the_way_to_the_order(running_store: RunningStore, screen: Page) -> None:
    found = []
    screen.goto(f"{running_store.origin}/orders/find/")
    found += violations(screen)  # the age question
    buyer.put_into_cart(screen, running_store)
    found += violations(screen)
    buyer.go_to_checkout(screen)
    found += violations(screen)
    buyer.fill_in(screen, "not an address")
    buyer.send_order(screen)
    assert screen.get_by_role("alert").count()
    found += violations(screen)
    buyer.fill_in(screen, "look@example.com")
    buyer.send_order(screen)
    found += violations(screen)  # the gateway's page
    buyer.pay(screen)
    screen.wait_for_url("**/orders/**")
    found += violations(screen)
    for path in ("/orders/find/", "/demo/mail/", "/cart/"):
        screen.goto(running_store.origin + path)
        found += violations(screen)
    assert found == []


def test_axe_can_find_something(screen: Page) -> None:
    screen.set_content("<html><body><img src='data:,'><input></body></html>")
    assert len(violations(screen)) >= 2
