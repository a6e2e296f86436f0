"""B5: many buyers at once on a small pool. As many orders as keys, each key to one buyer, and
everyone else hears before paying that it is sold out. Each guard has a control without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.upheld_store.at_once import at_once
from tests.upheld_store.buyer import OWN, Buyer
from tests.upheld_store.pool import numbered, pooled
from upheld.db.purpose import purpose_for_test
from upheld_store.catalog.models import Plan
from upheld_store.licensing import reserve_keys as reserving
from upheld_store.licensing.models import LicenseKey, PooledKey, PooledKeyQuerySet
from upheld_store.orders.models import Order

pytestmark = pytest.mark.django_db(transaction=True)

BUYERS, KEYS = 40, 7


def race(buyer: Buyer, plan: Plan, buyers: int = BUYERS) -> list[tuple[Buyer, Any]]:
    """Everyone stands before the button; then all press it."""
    crowd = [Buyer(buyer.gateway, Client(**OWN)) for _ in range(buyers)]
    for each in crowd:
        each.put(plan)
    shown = crowd[0].shown()
    answers = at_once(buyers, lambda n: crowd[n].send(f"racer{n}@example.com", shown))
    return list(zip(crowd, answers, strict=True))


def sold_keys() -> list[str]:
    with purpose_for_test("deliver_order"):
        return sorted(key.reveal() for key in LicenseKey.objects.all())


def test_forty_buyers_on_seven_keys(buyer: Buyer, stock: dict[str, Plan]) -> None:
    pooled(stock["licensed"], *numbered(KEYS))
    raced = race(buyer, stock["licensed"])
    winners = [(each, answer["Location"]) for each, answer in raced if answer.status_code == 303]
    losers = [answer for _, answer in raced if answer.status_code == 409]
    assert (len(winners), len(losers)) == (KEYS, BUYERS - KEYS)
    assert all("sold out" in answer.content.decode() for answer in losers)
    assert Order.objects.count() == len(buyer.gateway.book.sessions()) == KEYS
    pages = at_once(KEYS, lambda n: _pay(*winners[n]))
    assert all(len(winners[n][0].facts(page)["licenses"]) == 1 for n, page in enumerate(pages))
    assert sold_keys() == numbered(KEYS)
    assert set(Order.objects.values_list("state", flat=True)) == {"paid"}


def _pay(buyer: Buyer, url: str) -> str:
    return str(buyer.come_back(buyer.pay(url))["Location"])


def test_without_looking_who_has_a_key_too_many_are_let_through(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the reservation: keys set aside for others count as free. More orders than
    keys go to the gateway; that no key is sold twice all the same is the next guard's doing."""

    def free(self: PooledKeyQuerySet, now: object) -> PooledKeyQuerySet:
        return self.filter(sold_at=None)

    monkeypatch.setattr(PooledKeyQuerySet, "free", free)
    pooled(stock["licensed"], *numbered(2))
    raced = race(buyer, stock["licensed"], 6)
    assert sum(answer.status_code == 303 for _, answer in raced) > 2
    for each, answer in raced:
        _pay(each, answer["Location"])
    assert sold_keys() == numbered(2)
    assert Order.objects.filter(state="review").count() == 4


@contextmanager
def _unlocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither the pool's lock nor the condition in the update."""
    with monkeypatch.context() as patch:
        patch.setattr(reserving, "locked_pools", lambda _: [])

        def set_aside(key: PooledKey, line: Any, copy: int, until: Any, now: Any) -> bool:
            found = PooledKey.objects.filter(pk=key.pk)
            return bool(found.update(line=line, copy=copy, reserved_until=until))

        patch.setattr(PooledKey, "set_aside", set_aside)
        yield


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time")
def test_without_lock_and_condition_two_have_the_same_key(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the lock, where two transactions can write at once."""
    pooled(stock["licensed"], "NW-only")
    with _unlocked(monkeypatch):
        raced = race(buyer, stock["licensed"], 12)
    assert sum(answer.status_code == 303 for _, answer in raced) > 1


def test_a_key_is_never_sold_twice(stock: dict[str, Plan]) -> None:
    """Two who sell one key at the same moment, whatever was set aside for whom."""
    pooled(stock["licensed"], "NW-only")
    key, now = PooledKey.objects.get(), timezone.now()
    assert sorted(at_once(6, lambda _: key.sell(now))) == [False] * 5 + [True]
