"""An account from the first letter to the last session, on the pages a customer sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.stories import buyer
from tests.stories.customer import PASSWORD, mailed_code, once_more, register, sign_in
from tests.stories.running_store import RunningStore
from tests.stories.staff import code_of
from tests.stories.test_accessibility import violations

pytestmark = pytest.mark.browser


def test_from_guest_to_customer(running_store: RunningStore, page: Page) -> None:
    """A guest buys, opens an account under that address, corrects it, signs out everywhere."""
    store, email = running_store, "story.ada@example.com"
    buyer.buy(page, store, email)
    number = page.locator("h1 .code").inner_text()
    register(page, store, email)
    found = violations(page)
    paths = ("orders/", "licenses/", "profile/", "security/", "consents/", "disclosures/", "looks/")
    for path in (*paths, f"orders/{number}/"):
        page.goto(f"{store.origin}/account/{path}")
        found += violations(page)
        if path == "orders/":
            expect(page.get_by_role("link", name=number, exact=True)).to_be_visible()
    page.goto(f"{store.origin}/account/profile/address/")
    found += violations(page)
    once_more(page)
    page.locator("[name=email]").fill("story.lovelace@example.com")
    page.get_by_role("button", name="Mail me the code").click()
    found += violations(page)
    page.locator("[name=code]").fill(mailed_code(store, "story.lovelace@example.com"))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("story.lovelace@example.com")).to_be_visible()
    page.goto(f"{store.origin}/account/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert page.context.cookies() == []
    for path in ("register/", "login/", "password/reset/"):
        page.goto(f"{store.origin}/account/{path}")
        found += violations(page)
    assert found == []


def test_authenticator_app(running_store: RunningStore, page: Page) -> None:
    """The second step is asked from then on; another browser is signed out from afar."""
    store, email = running_store, "story.totp@example.com"
    register(page, store, email)
    page.goto(f"{store.origin}/account/security/app/")
    once_more(page)
    secret = page.locator("main code").inner_text()
    found = violations(page)
    page.locator("[name=code]").fill(code_of(secret))
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    found += violations(page)
    other = page.context.browser.new_context()  # type: ignore[union-attr]
    second = other.new_page()
    sign_in(second, store, email)
    found += violations(second)
    second.locator("[name=code]").fill(code_of(secret, 1))
    second.get_by_role("button", name="Sign in").click()
    expect(second.get_by_role("heading", name="Your account")).to_be_visible()
    page.goto(f"{store.origin}/account/security/")
    page.get_by_role("button", name="Sign out everywhere else").click()
    second.goto(f"{store.origin}/account/")
    expect(second.get_by_role("heading", name="Sign in")).to_be_visible()
    other.close()
    assert found == []


@pytest.fixture
def on_localhost(running_store: RunningStore) -> Iterator[str]:
    """Passkeys belong to a name, and an address of numbers is none."""
    yield running_store.origin.replace("127.0.0.1", "localhost")


def test_passkey(running_store: RunningStore, visitor: BrowserContext, on_localhost: str) -> None:
    """Added with the device, then signed in with it alone."""
    page, email = visitor.new_page(), "story.passkey@example.com"
    register(page, running_store, email)
    devtools = visitor.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{on_localhost}/account/login/")
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{on_localhost}/account/security/passkeys/add/")
    once_more(page)
    found = violations(page)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{on_localhost}/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{on_localhost}/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    assert found == []


def test_no_limit_holds_an_address(running_store: RunningStore, page: Page) -> None:
    """What was typed by someone unknown is nowhere in the store's files."""
    sign_in(page, running_store, "story.nobody@example.com")
    expect(page.get_by_role("alert")).to_be_visible()
    held = running_store.bytes_of_home()
    assert [name for name, data in held.items() if b"story.nobody@example.com" in data] == []
