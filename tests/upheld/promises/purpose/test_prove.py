"""The proof tries every forbidden read, and is red where the monitor is gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import connection

from tests.upheld.promises.retention.conftest import place  # noqa: F401 - a fixture
from upheld.db import entry_point
from upheld.db.sqlite import monitor
from upheld.db.sqlite.connection import GuardedConnection
from upheld.db.sqlite.driver import Database
from upheld.policy import current
from upheld.promises.proof import Proof
from upheld.promises.purpose import prove as module
from upheld.promises.purpose.prove import prove
from upheld.promises.retention.prove_rows import prove_rows
from upheld_store.orders.models import Order

CONTACT = "store_orders_ordercontact"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
TRIED = {"P13", "P14", "P44"}


def proofs() -> dict[str, Proof]:
    return {proof.promise_id: proof for proof in prove(current(), NOW)}


@pytest.mark.django_db
def test_every_forbidden_read_is_refused() -> None:
    found = proofs()
    columns = sum(len(t.fields) for t in current().inventory.tables.values())
    for promise in TRIED:
        assert (found[promise].state, found[promise].kind) == ("kept", "tested")
        assert found[promise].population
    assert (found["P44"].population or 0) > columns
    assert not connection.needs_rollback


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_without_the_monitor_it_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    with monkeypatch.context() as patch:
        patch.setattr(GuardedConnection, "guard", lambda self: None)
        found = proofs()
    connection.close()
    for promise in TRIED:
        assert found[promise].state == "broken"
        assert found[promise].figure.startswith("0 of ")
        assert "could be read under" in found[promise].figure


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_it_is_red_too_where_only_the_silent_way_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(monitor, "BLIND_JOIN", re.compile("(?!)"))
        found = proofs()
    connection.close()  # it still holds what was prepared meanwhile
    for promise in TRIED:
        assert found[promise].state == "broken"
    assert proofs()["P44"].state == "kept"


def test_news_waits_for_the_newsletter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_refused", lambda *attempt: True)
    found = proofs()["P16"]
    assert (found.state, found.kind) == ("unproven", None)
    assert "waits for the newsletter" in found.figure


def test_green_over_nothing_is_a_lie() -> None:
    inventory = replace(current().inventory, tables={})
    for proof in prove(replace(current(), inventory=inventory), NOW):
        if proof.promise_id in TRIED:
            assert proof.state == "unproven"


def both() -> list[Proof]:
    with entry_point("command", "prove"):
        return [proofs()["P44"], prove_rows(current(), NOW)]


def plant_copies() -> None:
    """As an ANALYZE past the monitor leaves them, and the rows then go."""
    raw = connection.connection
    if connection.vendor == "sqlite":
        Database.Connection.set_authorizer(raw, None)
        Database.Connection.cursor(raw).execute(f"ANALYZE {CONTACT}")
        raw.guard()
    with entry_point("command", "migrate"), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {CONTACT} ALTER COLUMN email SET STATISTICS 10")
            cursor.execute(f"ANALYZE {CONTACT}")
        cursor.execute(f"DELETE FROM {CONTACT}")


@pytest.mark.django_db
def test_copies_that_the_planner_kept_are_red(
    place: Callable[..., Order],  # noqa: F811 - as above
) -> None:
    for number in range(30):
        place(NOW, f"copied{number % 3}@example.com")
    assert [proof.state for proof in both()] == ["kept", "kept"]
    plant_copies()
    for proof in both():
        assert proof.state == "broken" and "planner has copied" in proof.figure
    if connection.vendor == "postgresql":
        assert f"{CONTACT}.email (1 such)" in proofs()["P44"].figure
