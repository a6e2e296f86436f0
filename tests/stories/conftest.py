"""One running store for the stories that do not need one of their own, and a guarded browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.stories.running_store import RunningStore

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def running_store(seeded: Path) -> Iterator[RunningStore]:
    """A store that was started once for all stories."""
    store = RunningStore(seeded)
    try:
        yield store.start()
    finally:
        store.close()


@pytest.fixture
def own_store(seeded: Path) -> Iterator[Callable[..., RunningStore]]:
    """Starts a store that one story has to itself."""
    stores: list[RunningStore] = []

    def start(**options: Any) -> RunningStore:
        stores.append(RunningStore(**{"template": seeded} | options))
        return stores[-1].start()

    yield start
    for store in stores:
        store.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that nobody has met, which may only reach this machine."""
    context = chromium.new_context()
    outside: list[str] = []

    def watch(request: Any) -> None:
        if urlsplit(request.url).hostname not in {"127.0.0.1", "localhost"}:
            outside.append(request.url)

    context.on("request", watch)
    yield context
    context.close()
    assert outside == [], "a page reached outside this machine"


@pytest.fixture
def page(visitor: BrowserContext) -> Page:
    """A tab of the visitor."""
    return visitor.new_page()
