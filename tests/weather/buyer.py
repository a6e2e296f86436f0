"""Buyers who do not give up: each step is repeated until it is answered."""

from __future__ import annotations

import http.client
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.weather.store import Store

CANARY = "Zephyrine Quillfeather"
_CARD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": CANARY}
_SHOWN = re.compile(r'name="shown" value="([0-9a-f]{64})"')
_PLAN = re.compile(r'name="plan" value="(\d+)"')
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
PATIENCE_SECONDS = 40


class Gone(Exception):
    """Nobody answered for too long."""


@dataclass
class Seen:
    """What all buyers of one battery saw, for the oracle."""

    placed: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)
    answers: list[tuple[int, str, bool, str]] = field(default_factory=list)
    cookies: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def evidence(self, **more: Any) -> dict[str, Any]:
        return {
            "placed": self.placed, "paid": self.paid, "answers": self.answers,
            "cookies": sorted(self.cookies), "canaries": [CANARY],
        } | more  # fmt: skip


@dataclass
class Reply:
    status: int
    location: str
    text: str


@dataclass
class Buyer:
    """One browser, past the age question. `stop` ends its patience."""

    store: Store
    seen: Seen
    stop: threading.Event = field(default_factory=threading.Event)
    jar: dict[str, str] = field(default_factory=lambda: {"age": "old_enough"})
    timeout: float = 15

    def once(self, method: str, url: str, form: dict[str, Any] | None = None) -> Reply:
        """One try. Raises `OSError` or `HTTPException` where nobody answers."""
        parts = urlsplit(url if "://" in url else self.store.origin + url)
        own = f"{parts.scheme}://{parts.netloc}" == self.store.origin
        connection = http.client.HTTPConnection(parts.netloc, timeout=self.timeout)
        try:
            headers = dict(_FORM) if form is not None else {}
            if own:
                headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.jar.items())
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            body = None if form is None else urlencode(form)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            if own:
                self._note(answer, text, parts.path)
            return Reply(answer.status, answer.getheader("Location", ""), text)
        finally:
            connection.close()

    def _note(self, answer: http.client.HTTPResponse, text: str, path: str) -> None:
        plain = re.sub(r"<[^>]+>", " ", text)
        sentence = len(plain.split()) > 8 and "Traceback" not in text
        with self.seen.lock:
            if answer.status >= 500:
                where = re.sub(r"/orders/[^/]+", "/orders/…", path)
                retry = answer.getheader("Retry-After", "")
                self.seen.answers.append((answer.status, retry, sentence, where))
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, rest = cookie.partition("=")
                self.seen.cookies.add(name)
                self.jar[name] = rest.split(";")[0]

    def until(self, wanted: tuple[int, ...], method: str, url: str, **form: Any) -> Reply:
        """Again and again until the status is one of `wanted`. Raises `Gone`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        last: object = None
        while time.monotonic() < deadline and not self.stop.is_set():
            try:
                last = reply = self.once(method, url, form or None)
                if reply.status in wanted:
                    return reply
                if reply.status < 500:
                    raise AssertionError(f"{reply.status} at {url}: {reply.text[:400]}")
            except (OSError, http.client.HTTPException) as error:
                last = error
            self.stop.wait(0.05)
        raise Gone(f"{method} {url}: {last}")

    def fill_cart(self, slug: str = "tidewatch", quantity: int = 1) -> None:
        page = self.until((200,), "GET", f"/products/{slug}/").text
        found = _PLAN.search(page)
        assert found, page
        self.until((303,), "POST", "/cart/items/", plan=found[1], quantity=quantity)

    def form(self, email: str) -> dict[str, str]:
        """What the checkout form would send."""
        page = self.until((200,), "GET", "/checkout/").text
        found = _SHOWN.search(page)
        assert found, page
        return {"email": email, "name": "Ada Example", "shown": found[1]}

    def place(self, email: str) -> str:
        """From the filled cart to the gateway's page; its address."""
        reply = self.until((303,), "POST", "/checkout/", **self.form(email))
        if "/pay/" in reply.location:
            self.note_placed(reply.location)
        return reply.location

    def note_placed(self, url: str) -> str:
        """The order behind the page that the store sent us to: acknowledged from here on."""
        session = self.store.gateway.book.session(url.rsplit("/", 1)[-1])
        assert session is not None, url
        number = session.metadata["order"]
        with self.seen.lock:
            self.seen.placed.append(number)
        return number

    def pay(self, url: str) -> str:
        """On the gateway's page, which always answers; where it sends us."""
        return self.once("POST", url, _CARD).location

    def look(self, back: str) -> str:
        """Back to the store until the order's page says that it is paid; its address."""
        order = self.until((303,), "GET", back).location
        page = self.until((200,), "GET", order)
        while "Paid" not in page.text and not self.stop.is_set():
            self.until((200, 303), "GET", back)
            page = self.until((200,), "GET", order)
        with self.seen.lock:
            self.seen.paid += re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", page.text)[:1]
        return order

    def buy(self, email: str, quantity: int = 1) -> str:
        """A whole purchase, through whatever happens; the address of the order's page."""
        self.fill_cart(quantity=quantity)
        url = self.place(email)
        if "/pay/" not in url:
            return url
        return self.look(self.pay(url))
