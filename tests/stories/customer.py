"""What a customer does, step by step, on the pages of an account."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from tests.stories import buyer
from tests.stories.running_store import RunningStore

PASSWORD = "a calm heron at dusk"


def mailed_code(store: RunningStore, email: str, seconds_max: float = 30) -> str:
    """The digits in the newest letter to this address."""
    deadline = time.monotonic() + seconds_max
    while time.monotonic() < deadline:
        for mail in store.mails():
            if mail["to"] == email and (found := re.search(r"^(\d{8})\r?$", mail["text"], re.M)):
                return found[1]
        time.sleep(0.3)
    raise AssertionError("no letter with a code came")


def past_the_age_question(page: Page) -> None:
    """Answered where it is asked."""
    question = page.locator("[name=birth_year]")
    if question.count():
        question.fill(buyer.BORN)
        page.locator("main form button").first.click()


def register(page: Page, store: RunningStore, email: str) -> None:
    """From the form to the control panel."""
    page.goto(f"{store.origin}/account/register/")
    past_the_age_question(page)
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Mail me the code").click()
    page.locator("[name=code]").fill(mailed_code(store, email))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def sign_in(page: Page, store: RunningStore, email: str) -> None:
    """By address and password."""
    page.goto(f"{store.origin}/account/login/")
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def once_more(page: Page) -> None:
    """The fresh sign-in before a sensitive act."""
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
