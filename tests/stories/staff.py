"""What an owner does to come in: set a password, set up an authenticator app, and use it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time

from playwright.sync_api import Page, expect

from tests.stories.running_store import RunningStore

PASSWORD = "heron on a moonlit pond"


def code_of(secret: str, step: int = 0) -> str:
    """What the app shows, so many half minutes from now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + step)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def set_password(page: Page, store: RunningStore, email: str) -> None:
    """`upheld create-owner`, and the page behind its link."""
    made = store.run("create-owner", email)
    link = re.search(r"http\S+/staff/welcome/\S+", made.stdout)
    assert made.returncode == 0 and link, made.stderr
    page.goto(link[0])
    page.locator("[name=birth_year]").fill("1990")
    page.locator("main form button").first.click()
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/account/login/**")


def sign_in(page: Page, email: str) -> None:
    """From the sign-in page, by address and password."""
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()


def set_up_app(page: Page) -> str:
    """From the page that asks for a second factor; returns the app's secret."""
    page.get_by_role("link", name="Set up an authenticator app").click()
    page.wait_for_url("**/account/**")
    if page.locator("main [name=password]").count():
        page.locator("main [name=password]").fill(PASSWORD)
        page.locator("main form button").first.click()
    expect(page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()
    secret = page.locator("main code").first.inner_text()
    page.locator("main [name=code]").fill(code_of(secret))
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    return secret


def use_app(page: Page, secret: str) -> None:
    """Where a code is asked for. A code is good once, so it is the next one."""
    page.locator("main [name=code]").fill(code_of(secret, 1))
    page.locator("main form button").first.click()


def come_in(page: Page, store: RunningStore, email: str) -> None:
    """Everything, from nothing to the desk."""
    set_password(page, store, email)
    sign_in(page, email)
    page.goto(f"{store.origin}/staff/")
    secret = set_up_app(page)
    page.goto(f"{store.origin}/staff/")
    use_app(page, secret)
    expect(page.get_by_role("heading", name="Desk")).to_be_visible()
