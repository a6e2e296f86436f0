"""`make screenshots`: draw docs/screenshots/ anew from the running demo.

Each page on a desktop, on a phone, and on a desktop in the dark: the window a visitor sees, not
the whole page. Starts a store of its own in a temporary folder, buys on the practice gateway,
opens accounts and comes in as its owner."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.stories import buyer, customer, staff
from tests.stories.conftest import CHROMIUM_ARGUMENTS
from tests.stories.running_store import RunningStore
from tests.template import ROOT

FOLDER = ROOT / "docs" / "screenshots"
SIZE_MAX = 200_000
# name → width, height, color scheme
SCREENS = {
    "desktop": (1280, 860, "light"),
    "phone": (390, 844, "light"),
    "dark": (1280, 860, "dark"),
}
PRODUCT = "tidewatch"
# On a desktop the ledger of promises is shown down to its first rows that were proven.
HEIGHTS = {"promises": 1500}
PAGES = {
    "home": "/",
    "list": "/products/",
    "product": f"/products/{PRODUCT}/",
    "policy": "/privacy/",
    "promises": "/privacy/promises/",
}


ACCOUNT = {"account": "", "profile": "profile/", "security": "security/"}


def draw(store: RunningStore, browser: Browser, folder: Path) -> Iterator[Path]:
    """Every picture, as it is drawn. Raises `RuntimeError` where one grows too large to keep."""
    folder.mkdir(parents=True, exist_ok=True)
    for screen, (width, height, scheme) in SCREENS.items():
        for pictures in (_shop, _account, _staff):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                reduced_motion="reduce",
            )
            yield from pictures(store, context.new_page(), folder, screen)
            context.close()


def _shop(store: RunningStore, page: Page, folder: Path, screen: str) -> Iterator[Path]:
    width, height, _ = SCREENS[screen]
    for name, path in PAGES.items():
        tall = HEIGHTS.get(name, height) if screen != "phone" else height
        page.set_viewport_size({"width": width, "height": tall})
        page.goto(store.origin + path)
        yield _keep(page, folder / f"{name}-{screen}.png")
    page.set_viewport_size({"width": width, "height": height})
    buyer.put_into_cart(page, store, PRODUCT)
    buyer.go_to_checkout(page)
    buyer.fill_in(page, "ada@example.com")
    yield _keep(page, folder / f"checkout-{screen}.png")
    buyer.send_order(page)
    buyer.pay(page)
    page.wait_for_url("**/orders/**")
    page.get_by_text("Paid.").wait_for()
    yield _keep(page, folder / f"order-{screen}.png")


def _account(store: RunningStore, page: Page, folder: Path, screen: str) -> Iterator[Path]:
    """A guest who opens an account later, and finds the order in it."""
    email = f"grace.{screen}@example.com"
    buyer.buy(page, store, email, PRODUCT)
    customer.register(page, store, email)
    for name, path in ACCOUNT.items():
        page.goto(f"{store.origin}/account/{path}")
        yield _keep(page, folder / f"{name}-{screen}.png")


def _staff(store: RunningStore, page: Page, folder: Path, screen: str) -> Iterator[Path]:
    """The owner's desk, a customer by number, an order, and the step before money goes back."""
    staff.come_in(page, store, f"owner.{screen}@example.com")
    yield _keep(page, folder / f"staff-desk-{screen}.png")
    page.goto(f"{store.origin}/staff/customers/")
    yield _keep(page, folder / f"staff-customers-{screen}.png")
    page.goto(f"{store.origin}/staff/orders/")
    page.locator("main table a").first.click()
    page.get_by_role("button", name="Refund …").wait_for()
    yield _keep(page, folder / f"staff-order-{screen}.png")
    page.get_by_role("button", name="Refund …").click()
    page.get_by_text("This cannot be taken back").wait_for()
    yield _keep(page, folder / f"staff-refund-{screen}.png")


def _keep(page: Page, path: Path) -> Path:
    # The pictures of a list load as they come into view.
    page.wait_for_load_state("networkidle")
    page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
    page.screenshot(path=path, animations="disabled")
    if path.stat().st_size > SIZE_MAX:
        raise RuntimeError(f"{path.name} has {path.stat().st_size} bytes, {SIZE_MAX} at most.")
    return path


def main() -> int:
    """Exit 0 with every picture drawn."""
    store = RunningStore()
    try:
        store.start()
        proven = store.run("prove")
        if proven.returncode > 1:
            print(proven.stderr, file=sys.stderr)
            return 1
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
            )
            for path in draw(store, browser, FOLDER):
                print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")
            browser.close()
    finally:
        store.stop()
        shutil.rmtree(store.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
