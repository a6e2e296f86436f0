"""The role follows the purpose through savepoints, rollbacks, pools, threads and named cursors."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.db.backends.postgresql import base as stock_base

from tests.upheld.db.bypass_database import ALIAS, CONTACT, MARK, plant
from tests.upheld.db.postgresql import server
from tests.upheld.db.ways import contacts, orders, run
from upheld.db import entry_point, reveal_without_purpose
from upheld.db.purpose import purpose_for_test
from upheld.policy import current
from upheld.policy.errors import UndeclaredPurpose
from upheld_store.orders.models import OrderContact


def stands_at() -> str:
    return str(run("SELECT current_user")[0][0])


def stale_after_going_back() -> str | None:
    """What a read without purpose gets once a savepoint has brought an earlier role back."""
    with transaction.atomic(ALIAS):
        with purpose_for_test("deliver_order"):
            contacts.get()
            point = transaction.savepoint(ALIAS)
        orders.get()
        transaction.savepoint_rollback(point, ALIAS)
        return contacts.get().email


def test_each_purpose_has_its_role(run_login: Any) -> None:
    assert stands_at() == "upheld_bypass_none"
    with purpose_for_test("support"):
        assert stands_at() == "upheld_bypass_p_support"
    with reveal_without_purpose(reason="a test", reviewed_by="its author"):
        assert stands_at() == "upheld_bypass_revealed"
        assert contacts.get().email == MARK
    assert stands_at() == "upheld_bypass_none"
    with pytest.raises(UndeclaredPurpose):
        contacts.update(name="x")


def test_the_role_is_forgotten_on_going_back(run_login: Any) -> None:
    with pytest.raises(UndeclaredPurpose):
        stale_after_going_back()


def test_remembered_it_would_read_on(run_login: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run_login.ensure_connection()
    monkeypatch.setattr(type(run_login.connection), "forget_role", lambda self: None)
    assert stale_after_going_back() == MARK


def test_a_whole_rollback_too(run_login: Any) -> None:
    with purpose_for_test("deliver_order"):
        contacts.get()
    with transaction.atomic(ALIAS):
        orders.get()
        transaction.set_rollback(True, ALIAS)
    with pytest.raises(UndeclaredPurpose):
        contacts.get()


def test_a_named_cursor_takes_its_own_role(run_login: Any) -> None:
    with purpose_for_test("deliver_order"):
        assert [row.email for row in contacts.iterator()] == [MARK]
    with pytest.raises(UndeclaredPurpose):
        list(contacts.iterator())


def test_an_unguarded_named_cursor_would_read_on(
    run_login: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with purpose_for_test("deliver_order"):
        contacts.get()
    monkeypatch.setattr(type(run_login), "create_cursor", stock_base.DatabaseWrapper.create_cursor)
    assert [row.email for row in contacts.iterator()] == [MARK]


def test_a_borrowed_connection_has_its_last_borrowers_role(
    prepared: None, django_db_blocker: Any
) -> None:
    pool = {"OPTIONS": {"pool": {"min_size": 1, "max_size": 1}}, "CONN_MAX_AGE": 0}
    with django_db_blocker.unblock(), server.alias(**pool) as connection:
        seen = set()
        for _ in range(3):
            with purpose_for_test("deliver_order"):
                seen.add(run("SELECT pg_backend_pid()")[0][0])
                assert contacts.get().email == MARK
            connection.close()
            with pytest.raises(UndeclaredPurpose):
                contacts.get()
            connection.close()
        assert len(seen) == 1
        connection.close_pool()


def test_threads_on_a_pool_each_have_their_own(prepared: None, django_db_blocker: Any) -> None:
    pool = {"OPTIONS": {"pool": {"min_size": 2, "max_size": 2}}, "CONN_MAX_AGE": 0}
    right: list[bool] = []

    def work(name: str | None) -> None:
        for _ in range(25):
            try:
                if name is None:
                    contacts.get()
                else:
                    with purpose_for_test(name):
                        contacts.get()
                right.append(name == "deliver_order")
            except UndeclaredPurpose:
                right.append(name != "deliver_order")
            connections[ALIAS].close()

    with django_db_blocker.unblock(), server.alias(**pool) as connection:
        workers = [
            threading.Thread(target=work, args=(name,))
            for name in ("deliver_order", None, "take_payment", "deliver_order")
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        connection.close_pool()
    assert right == [True] * 100


def test_a_refusal_dooms_the_transaction_and_names_the_column(run_login: Any) -> None:
    with (
        entry_point("route", "catalog:home"), pytest.raises(UndeclaredPurpose) as caught,
        transaction.atomic(ALIAS),
    ):  # fmt: skip
        orders.update(currency="EUR")
        contacts.values("email").first()
    assert orders.get().currency == "USD"
    text = str(caught.value)
    assert f"read {CONTACT}.email (P10) refused" in text
    assert "In force: none (route 'catalog:home')" in text
    may = ", ".join(sorted(current().fields["order.email"].purposes))
    assert f"May read: {may}" in text and "deliver_order, " in may
    assert "test_role.py:" in text


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (f"UPDATE {CONTACT} SET name = 'x'", f"update {CONTACT}.name"),
        (f"DELETE FROM {CONTACT}", f"delete from {CONTACT}"),
        (
            f"INSERT INTO {CONTACT} SELECT id, '', '' FROM store_orders_order",
            f"insert into {CONTACT}",
        ),
        ("SELECT * FROM unheard_of", "read unheard_of"),
        ("SELECT set_config('role', 'x', false)", "run set_config()"),
        ("SELECT 1; SELECT 2", "run several commands in one text"),
        ("DROP TABLE store_orders_order", "run DROP"),
    ],
)
def test_a_refusal_says_what_was_refused(sql: str, words: str, run_login: Any) -> None:
    if "unheard_of" in sql:
        server.superuser("CREATE TABLE IF NOT EXISTS unheard_of (x text)")
    with pytest.raises(UndeclaredPurpose, match=words.replace("()", r"\(\)")):
        run(sql)


def test_a_personal_value_is_not_copied_into_a_table_without_any(run_login: Any) -> None:
    sql = (
        "INSERT INTO store_orders_orderlink (order_id, serial, token_digest, made_at) "
        f"SELECT order_id, 9, email, '2026-01-01' FROM {CONTACT}"
    )
    with purpose_for_test("deliver_order"), pytest.raises(UndeclaredPurpose, match="copy into"):
        run(sql)


def test_errors_tell_no_value(run_login: Any) -> None:
    with purpose_for_test("deliver_order"):
        with pytest.raises(IntegrityError) as caught:
            OrderContact.objects.using(ALIAS).create(pk=orders.get().pk, email=MARK, name="")
        assert MARK not in str(caught.value) and "Key (" not in str(caught.value)
        with pytest.raises(Exception, match="invalid input") as read:
            run(f"SELECT email::int FROM {CONTACT}")
    assert MARK not in str(read.value)


def test_no_planner_statistics_of_a_person(run_login: Any) -> None:
    server.superuser(f"ANALYZE {CONTACT}")
    with server.stock(server.SUPERUSER):
        rows = run(f"SELECT attname FROM pg_stats WHERE tablename = '{CONTACT}'")
    sampled = {row[0] for row in rows}
    assert sampled <= {"order_id"}


def test_a_row_budget_brakes(run_login: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from upheld.db.rights import Rights

    monkeypatch.setattr(Rights, "rows_max", lambda self, name: 1 if name else None)
    others = [plant(f"b{number}@example.com") for number in range(2)]
    with purpose_for_test("deliver_order"):
        assert len(contacts.all()[:1]) == 1
        assert len(orders.values_list("number")) == 3
        for read in (lambda: list(contacts.all()), lambda: list(contacts.iterator())):
            with pytest.raises(UndeclaredPurpose, match="at most 1 personal rows"):
                read()
        with pytest.raises(UndeclaredPurpose, match="counts them"):
            run(f"SELECT string_agg(email, ',') FROM {CONTACT}")
    with server.stock(server.SUPERUSER):
        numbers = ", ".join(f"'{order.pk}'" for order in others)
        run(f"DELETE FROM {CONTACT} WHERE order_id IN ({numbers})")
        run(f"DELETE FROM store_orders_order WHERE id IN ({numbers})")
