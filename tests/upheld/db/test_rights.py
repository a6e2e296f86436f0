"""The table of rights that one policy gives, with no database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from upheld.db.rights import Act, Rights
from upheld.policy import Policy, current
from upheld.policy.model import DeclaredField, Table

PERSON = "person"


@pytest.fixture
def rights() -> Rights:
    return Rights(small_policy())


def small_policy() -> Policy:
    """Two purposes, three fields; a personal table, a public one, JSON and a mixed one."""
    policy = current()

    def field(name: str, *purposes: str) -> DeclaredField:
        return DeclaredField(name, "P10", name, "user", frozenset(purposes), 30)

    fields = {
        "a.email": field("a.email", "support", "deliver_order"),
        "a.name": field("a.name", "support"),
        "a.note": field("a.note", "deliver_order"),
    }
    tables = [
        Table(
            PERSON, "x", fields={"email": "a.email", "name": "a.name"}, keys=frozenset({"id"}),
            writes=frozenset({"support", "deliver_order"}), deletes=frozenset({"forget"}),
        ),
        Table("product", "x", not_personal="what is sold"),
        Table(
            "card", "x", fields={"blob": "a.email"}, keys=frozenset({"id"}),
            json={"blob": {"n": "a.note", "k": "not personal: a number"},
                  "plain": {"k": "not personal: a number"}},
            writes=frozenset({"deliver_order"}),
        ),
    ]  # fmt: skip
    inventory = replace(policy.inventory, tables={table.name: table for table in tables})
    return replace(policy, fields=fields, inventory=inventory)


def test_a_column_is_read_by_the_purposes_of_its_field(rights: Rights) -> None:
    assert rights.read(PERSON, "email", "support") is None
    assert rights.read(PERSON, "email", "deliver_order") is None
    refused = rights.read(PERSON, "name", "deliver_order")
    assert refused is not None
    assert (refused.act, refused.what, refused.clause) == (Act.READ, "person.name", "P10")
    assert refused.may == {"support"}
    assert rights.read(PERSON, "name", None) is not None


def test_keys_are_read_by_all(rights: Rights) -> None:
    assert rights.read(PERSON, "id", None) is None
    assert rights.read(PERSON, "ROWID", None) is None


def test_what_is_not_declared_is_refused_to_all(rights: Rights) -> None:
    for table, column in ((PERSON, "phone"), ("unknown", "x"), ("card", "plain")):
        refused = rights.read(table, column, "support")
        assert refused is not None
        assert not refused.may
        assert f"declare {table}.{column}" in refused.remedy
    assert rights.update("unknown", "x", "support") is not None
    assert rights.insert("unknown", "support") is not None
    assert rights.delete("unknown", "forget") is not None


def test_a_table_without_a_person_is_open(rights: Rights) -> None:
    assert rights.is_public("product")
    assert rights.read("product", "anything", None) is None
    assert rights.update("product", "anything", None) is None
    assert rights.insert("product", None) is None
    assert rights.delete("product", None) is None


def test_an_update_needs_the_table_and_the_field(rights: Rights) -> None:
    assert rights.update(PERSON, "name", "support") is None
    assert rights.update(PERSON, "name", "deliver_order") is not None
    assert rights.update(PERSON, "email", "deliver_order") is None
    assert rights.update(PERSON, "id", "deliver_order") is None
    assert rights.update(PERSON, "id", "forget") is not None
    assert rights.update(PERSON, "phone", "support") is not None


def test_an_insert_needs_every_field_of_the_table(rights: Rights) -> None:
    assert rights.insert(PERSON, "support") is None
    refused = rights.insert(PERSON, "deliver_order")
    assert refused is not None
    assert refused.may == {"support"}


def test_a_delete_is_a_right_of_its_own(rights: Rights) -> None:
    assert rights.delete(PERSON, "forget") is None
    refused = rights.delete(PERSON, "support")
    assert refused is not None
    assert refused.may == {"forget"}


def test_json_is_read_only_by_who_may_read_all_of_it(rights: Rights) -> None:
    assert rights.readers("card", "blob") == {"deliver_order"}
    assert rights.read("card", "blob", "support") is not None


def test_rows_are_budgeted_by_purpose(rights: Rights) -> None:
    assert rights.rows_max("support") == 50
    assert rights.rows_max("forget") is None
    assert rights.rows_max(None) is None


def test_without_a_policy_nothing_is_open() -> None:
    none = Rights(None)
    assert none.read(PERSON, "id", "support") is not None
    assert none.insert("product", "support") is not None
    assert none.delete("product", "support") is not None
    assert none.rows_max("support") is None
    assert none.personal_columns() == []


def test_personal_columns_are_all_listed(rights: Rights) -> None:
    assert rights.personal_columns() == [("card", "blob"), (PERSON, "email"), (PERSON, "name")]
