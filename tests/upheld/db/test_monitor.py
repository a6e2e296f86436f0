"""What the monitor lets through, and what a refusal says and leaves behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, OperationalError, connections, transaction

from tests.upheld.db.bypass_database import ALIAS, CONTACT, MARK, bypass_database, plant
from tests.upheld.db.ways import contacts, orders, raw, run
from upheld.db import entry_point, purpose, reveal_without_purpose, stream
from upheld.db.purpose import purpose_for_test
from upheld.db.sqlite.connection import SHUT, GuardedConnection
from upheld.db.sqlite.driver import Database
from upheld.policy import current, in_force, install
from upheld.policy.errors import UndeclaredPurpose
from upheld_store.orders.models import OrderContact

pytestmark = pytest.mark.sqlite_only
CATALOG = ("route", "catalog:home")
# Attributes of the driver's connection that read nothing by themselves or go through a cursor.
OPEN = {
    "close", "commit", "cursor", "execute", "executemany", "in_transaction", "interrupt",
    "isolation_level", "rollback", "row_factory", "text_factory", "total_changes",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), bypass_database(tmp_path / "bypass.sqlite3"):
        yield


def test_a_declared_purpose_reads_and_writes() -> None:
    with entry_point("route", "orders:find"):
        assert contacts.get().email == MARK
        contacts.update(name="Ada L.")
        assert orders.select_related("contact").get().contact.name == "Ada L."
        assert contacts.filter(email=MARK).exists()


def test_rows_may_be_counted_and_keys_read_by_all() -> None:
    with entry_point(*CATALOG):
        assert contacts.count() == 1
        assert run(f"SELECT count(*), count(1) FROM {CONTACT}") == [(1, 1)]
        assert run(f"SELECT order_id, rowid FROM {CONTACT}")[0][1] == 1
        assert run(f"WITH c AS (SELECT 1 FROM {CONTACT}) SELECT count(*) FROM c") == [(1,)]
        assert contacts.only("pk").get().pk == orders.get().pk


def test_public_tables_are_free() -> None:
    with entry_point(*CATALOG):
        assert orders.update(currency="EUR") == 1
        orders.get().save()
        assert run("SELECT name FROM sqlite_master WHERE type = 'table' AND name = %s", [CONTACT])
        assert run("SELECT value FROM json_each('[1]')") == [(1,)]
        assert run("SELECT name FROM pragma_table_info('store_orders_order')")


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {CONTACT} SET email = 'x'",
        f"UPDATE {CONTACT} SET order_id = 'x'",
        f"INSERT INTO {CONTACT} (order_id, email, name) VALUES ('x', 'y', 'z')",
        f"DELETE FROM {CONTACT}",
        f"REPLACE INTO {CONTACT} (order_id, email, name) VALUES ('x', 'y', 'z')",
        "INSERT INTO nothing_declared VALUES (1)",
        "DELETE FROM sqlite_sequence",
        "UPDATE sqlite_sequence SET seq = 0",
        "CREATE INDEX i ON store_orders_order (number)",
        "DROP TABLE store_orders_order",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA synchronous = OFF",
        "PRAGMA temp_store = FILE",
        "PRAGMA user_version = 1",
    ],
)
def test_writing_needs_a_right_as_reading_does(sql: str) -> None:
    with entry_point("command", "migrate"):
        run("CREATE TABLE nothing_declared (x)")
    with entry_point(*CATALOG), pytest.raises(UndeclaredPurpose):
        run(sql)
    with entry_point("command", "migrate"):
        assert run(f"SELECT email FROM {CONTACT}") == [(MARK,)]


def test_deleting_is_a_right_of_its_own() -> None:
    with (
        purpose_for_test("deliver_order"),
        pytest.raises(UndeclaredPurpose, match="delete: forget"),
    ):
        run(f"DELETE FROM {CONTACT}")
    with purpose_for_test("forget"):
        run(f"DELETE FROM {CONTACT} WHERE order_id IN (SELECT id FROM store_orders_order)")
        assert contacts.count() == 0


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO store_orders_orderlink (order_id, serial, token_digest, made_at) "
        f"SELECT order_id, 9, email, '2026-01-01' FROM {CONTACT}",
        f"UPDATE store_orders_order SET number = c.name FROM {CONTACT} c",
        f"UPDATE store_orders_order SET number = (SELECT name FROM {CONTACT})",
        f"UPDATE store_orders_order SET number = '1' WHERE id IN (SELECT order_id FROM {CONTACT} "
        "WHERE name = 'Ada')",
        f"UPDATE {CONTACT} SET order_id = email",
    ],
)
def test_personal_values_are_not_copied_where_all_may_read_even_under_their_purpose(
    sql: str,
) -> None:
    with purpose_for_test("deliver_order"), pytest.raises(UndeclaredPurpose, match="copy into"):
        run(sql)
    with purpose_for_test("deliver_order"):
        run(f"UPDATE {CONTACT} SET name = email || (SELECT number FROM store_orders_order)")


def test_a_join_that_sqlite_is_silent_about_is_refused_even_under_a_purpose() -> None:
    with purpose_for_test("deliver_order"), pytest.raises(UndeclaredPurpose) as caught:
        run("SELECT o.number FROM store_orders_order o JOIN store_orders_order p USING (id)")
    assert "run a statement with USING (P44) refused" in str(caught.value)
    assert "join ON the columns" in str(caught.value)
    with entry_point(*CATALOG):
        assert run("SELECT %s || 'x'", ["using natural"]) == [("using naturalx",)]


def test_what_no_cursor_of_ours_prepared_is_decided_under_no_purpose() -> None:
    statement = f"SELECT email FROM {CONTACT}"
    with purpose_for_test("deliver_order"), pytest.raises(Database.DatabaseError):
        Database.Cursor(raw()).execute(statement)
    with entry_point("command", "migrate"), pytest.raises(Database.DatabaseError):
        Database.Cursor(raw()).execute(statement)
    with entry_point(*CATALOG):
        assert Database.Cursor(raw()).execute("SELECT count(*) FROM store_orders_order").fetchall()


def test_a_refusal_says_what_who_where_and_the_way_out() -> None:
    with entry_point(*CATALOG), pytest.raises(UndeclaredPurpose) as caught:
        contacts.get()
    told = str(caught.value)
    assert f"UndeclaredPurpose: read {CONTACT}.email (P10) refused" in told
    assert "In force: none (route 'catalog:home')" in told
    may = ", ".join(sorted(current().fields["order.email"].purposes))
    assert f"May read: {may}" in told and "deliver_order, " in may
    assert "Where: tests/upheld/db/test_monitor.py:" in told
    assert 'Remedy: add "catalog:home" to routes under one of these purposes' in told
    assert not isinstance(caught.value, DatabaseError)


def test_a_refused_statement_dooms_its_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic(ALIAS):
        orders.update(currency="EUR")
        with pytest.raises(UndeclaredPurpose):
            contacts.get()
        orders.update(currency="GBP")
    assert orders.get().currency == "USD"


def test_a_refusal_inside_a_savepoint_dooms_what_is_inside_it() -> None:
    with transaction.atomic(ALIAS):
        orders.update(currency="EUR")
        with pytest.raises(UndeclaredPurpose), transaction.atomic(ALIAS):
            orders.update(currency="GBP")
            contacts.get()
    assert orders.get().currency == "EUR"


def test_every_other_door_of_the_connection_is_shut_or_known_to_be_safe() -> None:
    errors = {name for name in dir(Database.Connection) if name[0].isupper()}
    names = {name for name in dir(Database.Connection) if not name.startswith("__")}
    assert names - errors - OPEN == set(SHUT) - {"__init__"}
    for name in set(SHUT) - {"__init__"}:
        with pytest.raises(UndeclaredPurpose, match=f"Connection.{name}"):
            getattr(raw(), name)()


def test_a_guessed_tag_is_not_the_cached_statement() -> None:
    text = f"SELECT email FROM {CONTACT}"
    with purpose_for_test("deliver_order"):
        raw().execute(text)
    # Built past our connection class: the authorizer is asked all the same.
    cursor = Database.Cursor(raw())
    with pytest.raises(Database.DatabaseError):
        cursor.execute(f"/*deliver_order*/{text}")
    cursor.close()


def test_the_same_text_is_decided_anew_under_each_purpose() -> None:
    text = f"SELECT email FROM {CONTACT}"
    for _ in range(3):
        with purpose_for_test("deliver_order"):
            assert run(text) == [(MARK,)]
        with purpose_for_test("take_payment"), pytest.raises(UndeclaredPurpose):
            run(text)
        with pytest.raises(UndeclaredPurpose):
            run(text)


def test_another_policy_decides_anew() -> None:
    text, policy = f"SELECT email FROM {CONTACT}", current()
    with purpose_for_test("deliver_order"):
        assert run(text)
    closed = replace(policy.fields["order.email"], purposes=frozenset({"support"}))
    install(replace(policy, fields=dict(policy.fields) | {"order.email": closed}))
    try:
        with purpose_for_test("deliver_order"), pytest.raises(UndeclaredPurpose):
            run(text)
    finally:
        install(policy)


def test_without_a_policy_everything_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_force, "_in_force", [])
    with entry_point(*CATALOG), pytest.raises(UndeclaredPurpose):
        run("SELECT number FROM store_orders_order")
    with entry_point("command", "migrate"):
        assert run("SELECT number FROM store_orders_order")


def test_what_was_fetched_and_a_cursor_already_open_are_beyond_it() -> None:
    plant("second@example.com")
    with purpose_for_test("deliver_order"):
        row = contacts.first()
        cursor = connections[ALIAS].cursor()
        cursor.execute(f"SELECT email FROM {CONTACT}")
    assert row is not None
    assert row.email
    assert len(cursor.fetchall()) == 2
    cursor.close()


def test_a_stream_reads_in_its_purpose_and_its_consumer_does_not() -> None:
    with entry_point("route", "checkout:checkout"):
        for email in stream("deliver_order", (c.email for c in contacts.iterator())):
            assert email == MARK
            with pytest.raises(UndeclaredPurpose):
                contacts.get()


def test_a_commit_hook_runs_with_no_purpose() -> None:
    seen: list[bool] = []

    def hook() -> None:
        with pytest.raises(UndeclaredPurpose):
            contacts.get()
        with purpose("deliver_order"):
            seen.append(contacts.exists())

    with (
        entry_point("route", "checkout:checkout"), purpose("deliver_order"),
        transaction.atomic(ALIAS),
    ):  # fmt: skip
        transaction.on_commit(hook, using=ALIAS)
    assert seen == [True]


def test_many_threads_each_have_their_own_purpose() -> None:
    outcomes: list[bool] = []

    def work(name: str | None) -> None:
        for _ in range(20):
            try:
                if name is None:
                    contacts.get()
                else:
                    with purpose_for_test(name):
                        contacts.get()
                outcomes.append(name == "deliver_order")
            except UndeclaredPurpose:
                outcomes.append(name != "deliver_order")
        connections[ALIAS].close()

    workers = [
        threading.Thread(target=work, args=(name,))
        for name in ("deliver_order", None, "take_payment", "deliver_order")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert outcomes == [True] * 80


def test_the_back_door_opens_reading_alone() -> None:
    with reveal_without_purpose(reason="a test", reviewed_by="its author"):
        assert contacts.get().email == MARK
        with pytest.raises(UndeclaredPurpose):
            contacts.update(name="x")
        with pytest.raises(UndeclaredPurpose):
            run("PRAGMA optimize")
    with pytest.raises(UndeclaredPurpose):
        contacts.get()


def test_a_unique_constraint_tells_no_value() -> None:
    with purpose_for_test("deliver_order"), pytest.raises(IntegrityError) as caught:
        contacts.create(pk=orders.get().pk, email=MARK, name="x")
    assert MARK not in str(caught.value)


def test_a_broken_foreign_key_tells_no_value() -> None:
    with entry_point("command", "migrate"):
        run("PRAGMA foreign_keys = OFF")
        run(f"INSERT INTO {CONTACT} VALUES ('{MARK}', '', '')")
        run("PRAGMA foreign_keys = ON")
    for tables in (None, [CONTACT]):
        with pytest.raises(IntegrityError, match="does not exist") as caught:
            connections[ALIAS].check_constraints(tables)
        assert MARK not in str(caught.value)
    connections[ALIAS].check_constraints(["store_orders_order"])


def test_bytes_that_are_no_text_are_not_repeated() -> None:
    with purpose_for_test("deliver_order"):
        run(f"UPDATE {CONTACT} SET name = CAST(x'{MARK.encode().hex()}ff' AS TEXT)")
        with pytest.raises(OperationalError, match="Could not decode") as caught:
            run(f"SELECT name FROM {CONTACT}")
    assert MARK not in str(caught.value)


def test_other_errors_of_the_driver_stay_as_they_are() -> None:
    with pytest.raises(OperationalError, match="syntax error"):
        run("SELEKT 1")
    assert run("SELECT 1 WHERE 1 = %(n)s", {"n": 1}) == [(1,)]


def test_a_schema_command_may_remake_a_table_yet_keeps_no_copies() -> None:
    with entry_point("command", "upgrade"):
        with connections[ALIAS].schema_editor() as editor:
            field = OrderContact._meta.get_field("name").clone()
            field.set_attributes_from_name("nickname")
            editor.add_field(OrderContact, field)
        assert run(f"SELECT email, nickname FROM {CONTACT}")
        for sql in (
            "ANALYZE",
            "PRAGMA optimize",
            "PRAGMA writable_schema = ON",
            "SELECT load_extension('x')",
        ):
            with pytest.raises(UndeclaredPurpose):
                run(sql)


def test_space_is_given_back_by_the_keeper() -> None:
    with purpose_for_test("forget"):
        run("PRAGMA incremental_vacuum(10)")
        assert run("PRAGMA wal_checkpoint(TRUNCATE)")[0][0] == 0
        assert run("PRAGMA journal_mode") == [("wal",)]


def test_dbshell_is_refused() -> None:
    with pytest.raises(UndeclaredPurpose, match="upheld shell"):
        call_command("dbshell", database=ALIAS)


def test_a_connection_is_open_only_while_it_is_being_opened() -> None:
    connection = Database.connect(":memory:", factory=GuardedConnection)
    connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1);")
    cursor = connection.cursor()
    cursor.executescript("INSERT INTO t VALUES (2);")
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (2,)
    connection.executemany("INSERT INTO t VALUES (?)", [(3,)])
    connection.guard()
    with pytest.raises(UndeclaredPurpose):
        connection.execute("SELECT x FROM t")
    with pytest.raises(UndeclaredPurpose):
        connection.executemany("INSERT INTO t VALUES (?)", [(4,)])
    connection.close()
