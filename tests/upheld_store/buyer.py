"""A buyer without a browser: the same requests, and the practice gateway's page in plain HTTP."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.test import Client

from practice_gateway.practice import Practice
from practice_gateway.sender import Event
from upheld_store.catalog.models import Plan

OWN = {"HTTP_SEC_FETCH_SITE": "same-origin"}
CARD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "Ada Example"}
DECLINED = CARD | {"number": "4000 0000 0000 0002"}
EXTRA_STEP = CARD | {"number": "4000 0025 0000 3155"}


def at_gateway(url: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Status, Location and body of one visit to the hosted page."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=20)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request("POST" if form else "GET", path, urlencode(form or {}) or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location", ""), answer.read().decode()
    finally:
        connection.close()


@dataclass
class Buyer:
    """One browser, past the age question."""

    gateway: Practice
    client: Client = field(default_factory=lambda: Client(**OWN))

    def __post_init__(self) -> None:
        self.client.cookies["age"] = "old_enough"

    def put(self, plan: Plan, quantity: int | str = 1) -> Any:
        """Set a quantity in the cart."""
        return self.client.post("/cart/items/", {"plan": plan.pk, "quantity": quantity})

    def shown(self) -> str:
        """What the checkout page shows, by its digest."""
        page = self.client.get("/checkout/").content.decode()
        found = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
        assert found, page
        return found[1]

    def send(self, email: str = "ada@example.com", shown: str | None = None) -> Any:
        """Press the checkout's button."""
        form = {"email": email, "name": "Ada Example", "shown": shown or self.shown()}
        return self.client.post("/checkout/", form)

    def to_page(self, plan: Plan, email: str = "ada@example.com") -> str:
        """From nothing to the gateway's page; its address."""
        self.put(plan)
        response = self.send(email)
        assert response.status_code == 303, response.content
        return str(response["Location"])

    def pay(self, url: str, card: dict[str, str] | None = None) -> str:
        """Pay on the gateway's page; where it sends the buyer."""
        status, location, body = at_gateway(url, card or CARD)
        assert status == 303, body
        return location

    def come_back(self, location: str) -> Any:
        """Follow the gateway's redirect to the store."""
        return self.client.get(location.removeprefix("http://127.0.0.1:8000"))

    def hear(self, event: Event | None = None, forge: str = "") -> Any:
        """Deliver a webhook of the gateway to the store: the newest, or the one given."""
        event = event or self.gateway.sender.events[-1]
        body, headers = self.gateway.sender.sealed(event, forge)
        meta = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in headers.items()}
        kind = meta.pop("HTTP_CONTENT_TYPE")
        path = urlsplit(self.gateway.sender.url).path
        return Client(headers={}).post(path, body, content_type=kind, **meta)

    def trouble(self, **wishes: object) -> None:
        """What is to go wrong at the gateway from now on."""
        troubles = self.gateway.api.troubles
        self.gateway.api.troubles = troubles.changed(dict(wishes))

    def facts(self, order_page: str) -> dict[str, Any]:
        """The order for machines."""
        answer: dict[str, Any] = self.client.get(f"{order_page.rstrip('/')}.json").json()
        return answer

    def buy(self, plan: Plan, email: str = "ada@example.com") -> str:
        """Everything, the webhook included; the address of the order's page."""
        location = self.pay(self.to_page(plan, email))
        assert self.hear().status_code == 200
        response = self.come_back(location)
        assert response.status_code == 303, response.content
        return str(response["Location"])
