"""License keys: one a copy, seen again by the buyer, useless in a stolen database."""

from __future__ import annotations

import re
import secrets

import pytest
from cryptography.exceptions import InvalidTag
from django.utils import timezone

from tests.upheld_store.buyer import Buyer
from upheld_store.catalog.models import Plan
from upheld_store.licensing.issue_keys import issue_keys, keys_of
from upheld_store.licensing.models import LicenseKey, digest_of, write_key
from upheld_store.orders.models import Order

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("deliver_order")]


def test_written_in_symbols_nobody_mistakes() -> None:
    key = write_key(secrets.token_bytes(25))
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}", key)


def test_one_a_copy_and_the_same_each_time(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["licensed"], 3)
    page = buyer.come_back(buyer.pay(buyer.send()["Location"]))["Location"]
    keys = [entry["key"] for entry in buyer.facts(page)["licenses"]]
    assert len(set(keys)) == 3
    assert [entry["key"] for entry in buyer.facts(page)["licenses"]] == keys
    assert set(LicenseKey.objects.values_list("digest", flat=True)) == {
        digest_of(f" {key.lower()} ") for key in keys
    }


def test_issuing_again_keeps_every_key(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["licensed"])
    order = Order.objects.get()
    before = keys_of(order)
    assert issue_keys(order.lines.all(), secrets.token_bytes, timezone.now()) == 1
    assert keys_of(order) == before


def test_a_stolen_database_shows_none(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["licensed"])
    order = Order.objects.get()
    ((_, key),) = keys_of(order)
    row = LicenseKey.objects.get()
    assert key.encode() not in bytes(row.sealed) and key not in row.digest


def test_a_moved_or_altered_row_does_not_open(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["licensed"])
    row = LicenseKey.objects.get()
    row.copy = 2
    with pytest.raises(InvalidTag):
        row.reveal()
    row.copy, row.sealed = 1, bytes(row.sealed)[:-1] + b"x"
    with pytest.raises(InvalidTag):
        row.reveal()


def test_nothing_licensed_nothing_issued(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["plain"])
    assert not LicenseKey.objects.exists()
