"""The whole purchase by keyboard alone: no pointer, every step reached by Tab and seen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.stories import buyer
from tests.stories.running_store import RunningStore

pytestmark = pytest.mark.browser

_STEPS_MAX = 60
_FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  return {
    says: (at.labels?.[0]?.innerText || at.getAttribute("aria-label") || at.innerText || "").trim(),
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
    shown: at.getBoundingClientRect().bottom > 0,
  };
}"""


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what says these words has the focus, and shows that it has."""
    met = []
    for _ in range(_STEPS_MAX):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        met.append(focused["says"])
        if re.search(words, focused["says"]):
            assert focused["seen"] and focused["shown"], f"{words} has the focus and does not show"
            return
    raise AssertionError(f"Tab does not reach {words}; it reached {met}")


def test_a_purchase(running_store: RunningStore, page: Page) -> None:
    page.goto(f"{running_store.origin}/products/{buyer.PAID_PRODUCT}/")
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUSED)["says"] == "Skip to the content"
    page.keyboard.press("Enter")
    tab_to(page, "Add to cart")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your cart")).to_be_visible()
    tab_to(page, "Check out")
    page.keyboard.press("Enter")
    expect(page.locator("[name=birth_year]")).to_be_visible()
    tab_to(page, "Year of birth")
    page.keyboard.type(buyer.BORN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Checkout")).to_be_visible()
    tab_to(page, "E-mail address")
    page.keyboard.type("not an address")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    # the list of what is wrong leads to the input
    tab_to(page, "^E-mail address$")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "email"
    page.keyboard.press("Control+A")
    page.keyboard.type("keys@example.com")
    tab_to(page, "^Pay ")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{running_store.gateway}/**")
    page.wait_for_load_state()
    tab_to(page, "^Pay ")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/orders/"))
    expect(page.get_by_role("status")).to_contain_text("Paid")
    tab_to(page, "^Download")
    with page.expect_download() as begun:
        page.keyboard.press("Enter")
    assert begun.value.path().stat().st_size


def test_signing_in_and_out(running_store: RunningStore, page: Page) -> None:
    page.goto(f"{running_store.origin}/account/login/")
    for words in ("E-mail address", "Password", "^Sign in$", "Forgot the password", "passkey"):
        tab_to(page, words)
    tab_to(page, "Open one")
    page.keyboard.press("Enter")
    expect(page.locator("[name=birth_year]")).to_be_visible()


@pytest.mark.parametrize(
    "broken",
    ["<button tabindex='-1'>Pay</button>", "<button style='outline: none'>Pay</button>"],
)
def test_what_the_keyboard_cannot_reach_or_show_is_found(page: Page, broken: str) -> None:
    """Negative control."""
    page.set_content(f"<p><a href='#x'>Something else</a></p>{broken}")
    with pytest.raises(AssertionError, match="Pay"):
        tab_to(page, "^Pay$")
