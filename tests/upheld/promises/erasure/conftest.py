"""People who bought, paid and registered, so that there is something to erase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.upheld_store.account import Visitor
from tests.upheld_store.buyer import Buyer
from tests.upheld_store.conftest import buyer, gateway, gateway_name, stock
from upheld.db.purpose import entry_point, purpose
from upheld.promises.access import Person, everyone_at
from upheld.promises.erasure.carry_on import carry_on
from upheld.promises.erasure.models import Erasure
from upheld.promises.erasure.request import request_erasure
from upheld_store.catalog.models import Plan

__all__ = ["buyer", "gateway", "gateway_name", "stock"]

# Past the window in which a bank may take a payment back.
LATER = timedelta(days=125)


def everyone(email: str) -> list[Person]:
    """Everyone under an address, as the command sees them."""
    with entry_point("command", "erase"), purpose("answer_request"):
        return everyone_at(email)


def keeper(erasure: Erasure, now: datetime) -> Erasure:
    """One round of the keeper."""
    with entry_point("job", "erasures"):
        return carry_on(Erasure.objects.get(pk=erasure.pk), now)


def asked(email: str, now: datetime | None = None, *, at_once: bool = True) -> Erasure:
    """Asked for as the command asks."""
    person = everyone(email)[0]
    with entry_point("command", "erase"):
        return request_erasure(person, now or datetime.now(UTC), at_once=at_once)


@pytest.fixture
def bought(buyer: Buyer, stock: dict[str, Plan]) -> Callable[[str], str]:
    """A guest who bought something with a license key; the address of the order's page."""

    def one(email: str) -> str:
        return Buyer(buyer.gateway).buy(stock["licensed"], email)

    return one


@pytest.fixture
def registered(bought: Callable[[str], str]) -> Callable[[str], Visitor]:
    """Somebody with an account, a name, and an order bought before it."""

    def one(email: str) -> Visitor:
        bought(email)
        visitor = Visitor()
        visitor.register(email)
        visitor.client.post(
            "/account/profile/", {"name": "Ada Example", "phone": "+1 202-555-0101"}
        )
        return visitor

    return one
