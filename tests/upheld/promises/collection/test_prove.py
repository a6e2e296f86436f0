"""P02, P04, P09 and P10 are kept on the clean store, and turn red when their guard is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from tests.upheld.promises.collection.planting import run_sql, with_inputs, with_table
from upheld.db import probe
from upheld.db.rights import Rights
from upheld.jobs.models import Job
from upheld.policy import Policy, current, install
from upheld.promises.collection import prove
from upheld.promises.proof import Proof

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def proven(policy: Policy | None = None) -> dict[str, Proof]:
    return {proof.promise_id: proof for proof in prove.prove(policy or current(), NOW)}


@pytest.mark.sqlite_only
def test_the_clean_store_keeps_all_five() -> None:
    proofs = proven()
    assert {name: proof.state for name, proof in proofs.items()} == dict.fromkeys(
        ["P02", "P04", "P09", "P10", "P31"], "kept")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sqlite_master m, pragma_table_xinfo(m.name) "
            "WHERE m.type IN ('table', 'view') AND m.name <> 'sqlite_sequence'")  # fmt: skip
        (columns,) = cursor.fetchone()
    assert proofs["P02"].population == columns
    assert (proofs["P04"].population or 0) >= 10
    assert proofs["P09"].population == len(prove.forbidden_writes(current()))


def test_a_field_without_its_page_breaks_p31() -> None:
    policy = current()
    corrections = {k: v for k, v in policy.inventory.corrections.items() if k != "customer.phone"}
    inventory = replace(policy.inventory, corrections=corrections)
    broken = proven(replace(policy, inventory=inventory))["P31"]
    assert broken.state == "broken" and "customer.phone" in broken.figure
    inventory = replace(policy.inventory, corrections={**corrections, "customer.phone": "no:page"})
    assert proven(replace(policy, inventory=inventory))["P31"].state == "broken"
    inventory = replace(policy.inventory, corrections={})
    assert proven(replace(policy, inventory=inventory))["P31"].state == "unproven"


def test_an_undeclared_column_breaks_p02() -> None:
    run_sql("ALTER TABLE store_orders_ordercontact ADD COLUMN shoe varchar(9)")
    broken = proven()["P02"]
    assert broken.state == "broken" and "store_orders_ordercontact.shoe" in broken.figure


def test_an_undeclared_key_in_stored_json_breaks_p02() -> None:
    Job.objects.create(name="a", arguments={"order_id": 1, "deep": [{"email": "x"}]}, run_at=NOW)
    assert proven()["P02"].state == "kept"
    keys = {"arguments": {"order_id": "not personal: a number", "deep": "not personal: a list"}}
    broken = proven(with_table("upheld_job", json=keys))["P02"]
    assert broken.state == "broken" and "'email' in upheld_job.arguments" in broken.figure


def test_an_undeclared_input_breaks_p04_and_p10() -> None:
    proofs = proven(with_inputs({("checkout", "fax"): "order.name"}))
    assert proofs["P04"].state == proofs["P10"].state == "broken"
    assert "checkout.fax" in proofs["P04"].figure


@pytest.fixture
def _statements_of_its_own() -> Iterator[None]:
    """What is prepared while a guard is gone must not be run again once it is back: another
    policy object, another tag."""
    held = current()
    install(replace(held))
    yield
    install(held)


@pytest.mark.sqlite_only
@pytest.mark.usefixtures("_statements_of_its_own")
def test_without_the_monitor_p09_is_broken(monkeypatch: Any) -> None:
    monkeypatch.setattr(Rights, "insert", lambda *_: None)
    broken = proven()["P09"]
    assert broken.state == "broken" and "could be written under" in broken.figure
    monkeypatch.undo()
    monkeypatch.setattr(Rights, "update", lambda *_: None)
    assert proven()["P09"].state == "broken"


def test_every_write_that_is_no_right_is_among_those_tried() -> None:
    tried, tables = prove.forbidden_writes(current()), current().inventory.tables
    for table, column in Rights(current()).personal_columns():
        under = {purpose for name, at, purpose in tried if (name, at) == (table, column)}
        assert under | tables[table].writes == {None, *current().purposes}
        assert not under & tables[table].writes


def test_a_write_at_its_collection_point_is_let_through() -> None:
    table = "store_orders_ordercontact"
    assert not probe.is_write_refused(table, "email", "deliver_order")
    assert probe.is_write_refused(table, "email", "support")
    assert probe.is_write_refused(table, "email", None)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (0,)


def test_without_inputs_nothing_is_called_proven(monkeypatch: Any) -> None:
    monkeypatch.setattr(prove, "form_classes", list)
    monkeypatch.setattr(prove, "template_inputs", lambda _: [])
    monkeypatch.setattr(prove, "input_findings", lambda *_: [])
    proofs = proven()
    assert proofs["P04"].state == proofs["P10"].state == "unproven"
