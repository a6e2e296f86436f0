"""People whose every value is a marker, brought into a store through its own pages.

`python -m tests.weather.plant_people MARK` in a store's environment: a guest who bought and paid,
and a customer with an account, an order, a profile, a pending letter and a session."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings


def buy(email: str, name: str) -> None:
    from tests.upheld_store.buyer import CARD, OWN, Buyer
    from upheld_store.catalog.models import Plan

    class Here(Buyer):
        """Pays and comes back; the return page asks the gateway by itself."""

        def send(self, email: str = "", shown: str | None = None) -> Any:
            form = {"email": email, "name": name, "shown": shown or self.shown()}
            return self.client.post("/checkout/", form)

    buyer = Here(gateway=None)  # type: ignore[arg-type]  # it is only asked for its webhooks
    host = urlsplit(settings.UPHELD_ORIGIN).netloc
    buyer.client.defaults |= {"HTTP_HOST": host, **OWN}
    plan = Plan.objects.filter(price_minor__gt=0, licensed=True).order_by("pk")[0]
    back = buyer.pay(buyer.to_page(plan, email), CARD | {"name": name})
    answer = buyer.client.get(back.removeprefix(settings.UPHELD_ORIGIN))
    assert answer.status_code == 303, answer.content


def register(email: str, name: str) -> None:
    from tests.upheld_store.account import Visitor

    visitor = Visitor()
    visitor.client.defaults["HTTP_HOST"] = urlsplit(settings.UPHELD_ORIGIN).netloc
    visitor.register(email)
    visitor.client.post("/account/profile/", {"name": name, "phone": "+1 202-555-0101"})
    Visitor(visitor.client.__class__(**visitor.client.defaults)).client.post(
        "/account/password/reset/", {"email": email}
    )


def main() -> None:
    mark = sys.argv[1]
    django.setup()
    for who in ("guest", "account"):
        buy(f"{mark}-{who}@example.com", f"{mark} {who}")
    register(f"{mark}-account@example.com", f"{mark} account")


if __name__ == "__main__":
    main()
