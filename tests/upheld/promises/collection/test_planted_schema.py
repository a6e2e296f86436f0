"""Whatever is planted in the database or its inventories is named, with the lines to add."""

from __future__ import annotations

import dataclasses

import pytest

from tests.upheld.promises.collection.planting import (
    run_sql,
    schema_text,
    with_table,
    with_tables,
)
from upheld.policy import current
from upheld.policy.model import Table
from upheld.promises.collection.check import check_schema
from upheld.promises.collection.places import Places

pytestmark = pytest.mark.django_db
CONTACT = "store_orders_ordercontact"
ORDER = "store_orders_order"


def test_the_clean_tree_has_no_finding() -> None:
    assert schema_text() == ""


# What is planted → what the message must say, the lines to paste among it.
PLANTED = {
    "a column of a personal table": (
        [f"ALTER TABLE {CONTACT} ADD COLUMN nickname varchar(40)"],
        [f"the column {CONTACT}.nickname is not declared", "orders/inventory.toml:",
         'nickname = "order.nickname"', '"order.nickname" = { clause = "P10"',
         "under [collection.fields]", 'purposes = ["deliver_order"]'],
    ),
    "a generated column": (
        [f"ALTER TABLE {CONTACT} ADD COLUMN shout text GENERATED ALWAYS AS (upper(email))"],
        [f"the column {CONTACT}.shout is not declared", 'shout = "order.shout"'],
    ),
    "a number beside personal columns": (
        [f"ALTER TABLE {CONTACT} ADD COLUMN visits integer"],
        [f"the column {CONTACT}.visits is not declared", 'keys = ["order_id", "visits"]'],
    ),
    "a personal column of a table that is not": (
        [f"ALTER TABLE {ORDER} ADD COLUMN phone varchar(40)"],
        [f"the column {ORDER}.phone looks personal", f"[tables.{ORDER}phone]",
         'category = "user.contact.phone_number"'],
    ),
    "an address of a machine": (
        [f"ALTER TABLE {ORDER} ADD COLUMN ip_address varchar(40)"],
        [f"the column {ORDER}.ip_address looks personal"],
    ),
    "a personal table": (
        ["CREATE TABLE store_orders_gift (id integer primary key, email text, message text)"],
        ["the table store_orders_gift is not declared", "[tables.store_orders_gift]",
         'fields = { email = "gift.email" }', 'keys   = ["id", "message"]',
         "not_personal =", "orders/inventory.toml"],
    ),
    "a table that may be plain": (
        ["CREATE TABLE store_catalog_shelf (id integer primary key, width integer)"],
        ["the table store_catalog_shelf is not declared", "catalog/inventory.toml",
         'not_personal = "why none of id, width is about a person"'],
    ),
    "a many-to-many table": (
        ["CREATE TABLE store_catalog_product_fans (id integer primary key, product_id integer, "
         "fan_id integer)"],
        ["the table store_catalog_product_fans is not declared"],
    ),
    "a third party's table": (
        ["CREATE TABLE django_session (session_key text primary key, session_data text)"],
        ["the table django_session is not declared", "[tables.django_session]"],
    ),
    "a table nobody knows": (
        ["CREATE TABLE scratch (note text)"],
        ["the table scratch is not declared", "the inventory.toml of the app that made it"],
    ),
    "a copy kept for safety": (
        [f"CREATE TABLE {CONTACT}_old AS SELECT * FROM {CONTACT}"],
        [f"the table {CONTACT}_old is not declared", 'email = "old.email"'],
    ),
    "a view over personal columns": (
        [f"CREATE VIEW buyers AS SELECT email FROM {CONTACT}"],
        ["the view buyers is not declared", "[tables.buyers]", 'email = "buyers.email"'],
    ),
    "a view over plain columns": (
        [f"CREATE VIEW totals AS SELECT count(*) AS number FROM {ORDER}"],
        ["the view totals is not declared", "[tables.totals]"],
    ),
    "a table of JSON": (
        ["CREATE TABLE store_cart_saved (id integer primary key, "
         "body text CHECK (json_valid(\"body\")))"],
        ["the table store_cart_saved is not declared", "json = { body = { key ="],
    ),
    "a renamed column": (
        [f"ALTER TABLE {CONTACT} RENAME COLUMN name TO full_name"],
        [f"the column {CONTACT}.full_name is not declared",
         f"{CONTACT}.name is declared, but the table has no such column"],
    ),
    "a table that is gone": (
        ["DROP TABLE store_delivery_download"],
        ["store_delivery_download is declared, but the database has no such table",
         "delivery/inventory.toml:", "Remove [tables.store_delivery_download]"],
    ),
    "a view that no longer fits": (
        ["CREATE TABLE passing (a text)", "CREATE VIEW stale AS SELECT a FROM passing",
         "PRAGMA legacy_alter_table = ON", "DROP TABLE passing"],
        ["the schema cannot be read"],
    ),
}  # fmt: skip
ON_SQLITE_ALONE = {"a generated column", "a table of JSON", "a view that no longer fits"}


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=pytest.mark.sqlite_only if name in ON_SQLITE_ALONE else ())
    for name in PLANTED
])  # fmt: skip
def test_what_is_planted_in_the_database_is_named(name: str) -> None:
    statements, expected = PLANTED[name]
    run_sql(*statements)
    said = schema_text()
    assert [text for text in expected if text not in said] == [], said


@pytest.mark.sqlite_only
def test_a_full_text_index_is_named_with_its_shadow_tables() -> None:
    run_sql(f"CREATE VIRTUAL TABLE seek USING fts5(email, content='{CONTACT}')")
    said = schema_text()
    assert "the table seek is not declared" in said
    assert "the table seek_data is not declared" in said


# The inventory is what is wrong → what the message must say.
def _misdeclared() -> dict[str, tuple[dict[str, object], list[str]]]:
    return {
        "an owner that leads nowhere": (
            {"owner": "order_id>store_orders_order.buyer_id"},
            [f"owner of {CONTACT} leads to store_orders_order.buyer_id", "Correct owner ="],
        ),
        "a start that leads nowhere": (
            {"starts": "placed"}, [f"starts of {CONTACT} leads to {CONTACT}.placed"],
        ),
        "a key that is not there": (
            {"keys": frozenset({"order_id", "shoe_size"})},
            [f"{CONTACT}.shoe_size is declared, but the table has no such column"],
        ),
        "a personal column as a key": (
            {"keys": frozenset({"order_id", "email"}), "fields": {"name": "order.name"}},
            [f"the column {CONTACT}.email looks personal", "Take it out of keys",
             'email = "order.email"'],
        ),
        "JSON that is none": (
            {"json": {"name": {"a": "not personal: b"}}},
            [f"{CONTACT}.name is declared as JSON, but is another kind of column"],
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", list(_misdeclared()))
def test_what_is_planted_in_an_inventory_is_named(name: str) -> None:
    changes, expected = _misdeclared()[name]
    said = schema_text(with_table(CONTACT, **changes))
    assert [text for text in expected if text not in said] == [], said


def test_json_without_keys_is_named() -> None:
    said = schema_text(with_table("upheld_job", json={}))
    assert "the keys of the JSON column upheld_job.arguments are not declared" in said
    assert 'json = { arguments = { key = "not personal: why" } }' in said


def test_a_subject_that_is_not_there_is_named() -> None:
    said = schema_text(with_table(ORDER, subject="buyer"))
    assert f"subject of {ORDER} leads to {ORDER}.buyer, which does not exist" in said


def test_a_reason_that_speaks_of_the_column_settles_it() -> None:
    run_sql(f"ALTER TABLE {ORDER} ADD COLUMN zip varchar(40)")
    assert "looks personal" in schema_text()
    settled = with_table(ORDER, not_personal="Facts of a sale; zip is the file that was bought.")
    assert schema_text(settled) == ""


def test_an_empty_database_is_one_sentence() -> None:
    foreign = dict.fromkeys(current().inventory.tables) | {"x": Table("x", "f")}
    findings = check_schema(with_tables(foreign), Places())
    assert [finding.problem for finding in findings] == ["the database has no tables yet"]


def test_without_the_comparison_the_planted_table_is_not_seen() -> None:
    """The negative control: it is the closed world that finds it, not luck."""
    run_sql("CREATE TABLE scratch (note text)")
    opened = with_tables({"scratch": dataclasses.replace(
        current().inventory.tables["store_catalog_plan"], name="scratch")})  # fmt: skip
    assert schema_text(opened) == "" and schema_text() != ""
