"""What the start refuses because something could outlive its period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection, models
from pytest_django import Settings

from upheld.policy import Policy, current
from upheld.policy.model import DeclaredField, Table
from upheld.promises.retention import walk as walk_module
from upheld.promises.retention.check import check
from upheld.promises.retention.due_rows import empty_value
from upheld.promises.retention.periods import fields_by_column, periods_of
from upheld.vault.keys import KeyFolder

CONTACT = "store_orders_ordercontact"
KEY = "store_licensing_licensekey"

pytestmark = pytest.mark.usefixtures("own_keys")


def problems(policy: Policy) -> str:
    found = check(policy)
    assert all(f.remedy and f.clause for f in found)
    return "\n".join(f.problem for f in found)


def with_table(name: str = CONTACT, /, **changes: object) -> Policy:
    policy = current()
    tables = dict(policy.inventory.tables)
    tables[name] = replace(tables[name], **changes)  # type: ignore[arg-type] - by name
    return replace(policy, inventory=replace(policy.inventory, tables=tables))


def with_field(policy: Policy, name: str, **changes: object) -> Policy:
    fields: dict[str, DeclaredField] = dict(policy.fields)
    fields[name] = replace(fields[name], **changes)  # type: ignore[arg-type] - by name
    return replace(policy, fields=fields)


def test_the_store_as_it_is_may_start() -> None:
    assert check(current()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts": None}, "does not say from when"),
        ({"starts": "order_id>nowhere.placed_at"}, "no table nowhere"),
        ({"starts": "order_id>store_orders_order.planted_at"}, "no column planted_at"),
        ({"starts": "order_id>store_orders_order.number"}, "neither a day nor a time"),
        ({"owner": None}, "whose data"),
        ({"owner": "order_id>store_orders_order.number"}, "no subject number"),
        ({"owner": "order_id>upheld_job.key"}, "no subject number"),
        ({"keys": frozenset()}, "primary key order_id"),
        ({"deletes": frozenset({"support"})}, "nothing would ever go"),
    ],
)
def test_a_table_that_could_outlive_its_period(changes: dict[str, object], words: str) -> None:
    assert words in problems(with_table(**changes))


def test_a_path_reads_only_what_everyone_may() -> None:
    policy = with_table(KEY, keys=frozenset({"id", "line_id", "copy"}))
    assert "reads store_licensing_licensekey.issued_at" in problems(policy)
    tables = {n: t for n, t in current().inventory.tables.items() if n != "store_orders_order"}
    undeclared = replace(current(), inventory=replace(current().inventory, tables=tables))
    assert "which no inventory declares" in problems(undeclared)


def test_a_path_through_rows_that_go_by_themselves() -> None:
    policy = with_table(
        "store_orders_order",
        not_personal=None,
        fields={"number": "order.name"},
        keys=frozenset({"id", "placed_at", "subject_id"}),
    )
    assert "whose rows are removed by themselves" in problems(policy)


def test_a_stored_field_without_a_period() -> None:
    assert "order.name has no period" in problems(
        with_field(current(), "order.name", kept_days=None)
    )


def test_columns_of_different_periods() -> None:
    policy = with_field(current(), "order.name", kept_days=30)
    found = problems(policy)
    assert "may not empty the shorter ones (name)" in found and "must empty early" in found
    writes = frozenset({"deliver_order", "forget"})
    allowed = with_field(
        with_table(writes=writes),
        "order.name",
        kept_days=30,
        purposes=policy.fields["order.name"].purposes | {"forget"},
    )
    assert check(allowed) == []


def test_a_column_that_cannot_be_emptied() -> None:
    for field, ok in (
        (models.IntegerField(), False),
        (models.CharField(unique=True), False),
        (models.CharField(), True),
        (models.TextField(null=True), True),
        (models.IntegerField(null=True), True),
        (models.BinaryField(), True),
    ):
        field.set_attributes_from_name("it")
        if ok:
            assert empty_value(field) in (None, "", b"")
        else:
            with pytest.raises(ValueError, match="neither NULL nor empty"):
                empty_value(field)


def test_a_column_that_must_be_emptied_and_cannot() -> None:
    table = current().inventory.tables[KEY]
    fields: Mapping[str, str] = {**table.fields, "digest": "order.name"}
    policy = with_table(KEY, fields=fields, writes=frozenset({"deliver_order", "forget"}))
    assert "digest can be neither NULL nor empty" in problems(policy)


def test_a_table_that_others_refer_to() -> None:
    policy = with_table(
        "store_orders_orderline",
        not_personal=None,
        fields={"product_name": "order.name"},
        keys=frozenset({"id", "order_id"}),
        owner="order_id>store_orders_order.subject_id",
        starts="order_id>store_orders_order.placed_at",
    )
    assert "store_licensing_licensekey.line_id refers to its rows" in problems(policy)


def test_a_table_that_does_not_exist() -> None:
    tables = {
        **current().inventory.tables,
        "gone": Table("gone", "inventory.toml", fields={"a": "order.name"}, starts="b"),
    }
    policy = replace(current(), inventory=replace(current().inventory, tables=tables))
    assert "there is no table gone" in problems(policy)


def test_the_key_folder_is_looked_at(settings: Settings, own_keys: KeyFolder) -> None:
    own_keys.days.chmod(0o755)
    assert "Others on this machine" in problems(current())
    own_keys.days.chmod(0o700)
    settings.UPHELD_HOME = Path(own_keys.path).parent
    assert "inside one another" in problems(current())


def test_a_json_column_lives_as_long_as_its_shortest_field() -> None:
    table = Table(
        "t",
        "f",
        fields={"a": "order.email"},
        json={"b": {"x": "staff.reason", "y": "license.key", "z": "not personal: a"}},
    )
    assert fields_by_column(table)["b"] == {"staff.reason", "license.key"}
    periods = periods_of(table, current())
    assert periods.row_days == 1095 and periods.early == {"b": 365}


@pytest.fixture
def _forgotten_models() -> Iterator[None]:
    walk_module._models.cache_clear()
    yield
    walk_module._models.cache_clear()


@pytest.mark.usefixtures("_forgotten_models")
def test_it_asks_the_database_nothing(django_assert_num_queries: object) -> None:
    """A start must be quick, and these are questions about declarations."""

    def refuse(*_: object) -> None:
        raise AssertionError

    with connection.execute_wrapper(refuse):
        assert check(current()) == []
