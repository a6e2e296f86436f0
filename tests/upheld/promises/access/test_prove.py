"""P40 on real rows, and what turns it red."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from tests.upheld.promises.erasure.conftest import (
    bought,
    buyer,
    gateway,
    gateway_name,
    registered,
    stock,
)
from tests.upheld_store.account import Visitor
from upheld.db import entry_point
from upheld.policy import Policy, current, install
from upheld.promises.access import held
from upheld.promises.access.check import check, reachable_fields
from upheld.promises.access.prove import prove
from upheld.promises.proof import Proof
from upheld.promises.retention.models import Hold

__all__ = ["bought", "buyer", "gateway", "gateway_name", "registered", "stock"]
pytestmark = pytest.mark.django_db
Registered = Callable[[str], Visitor]
NOW = datetime.now(UTC)


def proof(policy: Policy | None = None) -> Proof:
    with entry_point("job", "prove"):
        return prove(policy or current(), NOW)[0]


def test_kept_for_people_who_are_here(registered: Registered) -> None:
    registered("ada@example.com")
    found = proof()
    assert found.state == "kept", found.figure
    assert found.population is not None and found.population > 20


def test_kept_in_an_empty_store_by_the_one_planted() -> None:
    assert proof().state == "kept"
    assert not Hold.objects.exists(), "nothing of the plant is committed"


def test_a_copy_that_leaves_a_column_out_turns_it_red(
    registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered("ada@example.com")
    real = held._value

    def forgetful(row: Any, column: str, *more: Any) -> Any:
        value = real(row, column, *more)
        return replace(value, value=None) if column == "phone" else value

    monkeypatch.setattr(held, "_value", forgetful)
    assert proof().state == "broken"
    assert "store_customers_profile.phone" in proof().figure


def test_a_field_that_nothing_leads_to_is_found() -> None:
    policy = current()
    name = "store_customers_profile"
    lost = replace(policy.inventory.tables[name], owner=None)
    tables = MappingProxyType({**policy.inventory.tables, name: lost})
    spoiled = replace(policy, inventory=replace(policy.inventory, tables=tables))
    assert "customer.phone" not in reachable_fields(spoiled)
    assert any("customer.phone" in finding.problem for finding in check(spoiled))
    try:
        install(spoiled)
        assert proof(spoiled).state == "broken"
    finally:
        install(policy)
    assert check(policy) == []
