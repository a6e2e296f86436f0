"""P11: a visit of every public page leaves nothing behind, and calls nobody else."""

from __future__ import annotations

import re
import urllib.error

import pytest
from playwright.sync_api import BrowserContext

from tests.stories.running_store import RunningStore

pytestmark = pytest.mark.browser

_STORED = """async () => {
  const kept = [];
  for (const [name, box] of [['local', localStorage], ['session', sessionStorage]])
    for (let i = 0; i < box.length; i++) kept.push(name + ':' + box.key(i));
  for (const base of await indexedDB.databases()) kept.push('indexeddb:' + base.name);
  for (const worker of await navigator.serviceWorker.getRegistrations()) kept.push(worker.scope);
  for (const name of await caches.keys()) kept.push('cache:' + name);
  return kept.concat(document.cookie ? ['cookie:' + document.cookie] : []);
}"""


def public_addresses(store: RunningStore) -> list[str]:
    """Everything the sitemap names, and what stands in the footer of the first page."""
    listed = re.findall(r"<loc>([^<]+)</loc>", store.get("/sitemap.xml"))
    linked = re.findall(r'<a [^>]*href="(/[^"#]*)', store.get("/"))
    paths = {address.replace(store.origin, "") for address in listed} | set(linked)
    personal = ("/cart/", "/checkout/", "/orders/", "/demo/")
    return sorted(path for path in paths if not path.startswith(personal))


def test_a_stranger_stays_one(running_store: RunningStore, visitor: BrowserContext) -> None:
    addresses = public_addresses(running_store)
    assert len(addresses) >= 20
    page = visitor.new_page()
    for address in addresses:
        answer = page.goto(running_store.origin + address)
        assert answer is not None and answer.status == 200, address
        assert "set-cookie" not in answer.headers, address
        assert page.evaluate(_STORED) == [], address
    assert visitor.cookies() == []


# Shows whether the browser sent an opt-out signal, as California wants it shown.
RIGHTS = "/privacy/rights/"


def test_the_same_bytes_for_everyone(running_store: RunningStore) -> None:
    assert RIGHTS in public_addresses(running_store)
    for address in set(public_addresses(running_store)) - {RIGHTS}:
        one = running_store.get(address)
        other = running_store.get(
            address,
            {
                "Cookie": "cart=x; age=y",
                "User-Agent": "Mozilla/5.0 (X11)",
                "Accept-Language": "de",
                "Referer": "http://127.0.0.1/",
                "DNT": "1",
            },
        )
        assert one == other, address


def test_a_page_that_is_not_there_says_so_plainly(running_store: RunningStore) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        running_store.get("/no/such/page/")
    text = refused.value.read().decode()
    assert refused.value.code == 404 and "<h1" in text and "Traceback" not in text
