"""The ways that go by the driver, its cached statements, another thread or a later moment. They
join `WAYS`."""

from __future__ import annotations

import contextlib
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from tests.upheld.db.bypass_database import ALIAS, CONTACT, MARK
from tests.upheld.db.ways import WAYS, contacts, orders, raw, run, way
from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld.db.sqlite.driver import Database

__all__ = ["WAYS"]


@way
def open_blob() -> Any:
    rowid = run(f"SELECT rowid FROM {CONTACT}")[0][0]
    return raw().open_blob(CONTACT, "email", rowid, readonly=True).read().decode()


@way
def backup() -> Any:
    target = Database.connect(":memory:")
    raw().backup(target)
    found = target.execute(f"SELECT email FROM {CONTACT}").fetchall()
    target.close()
    return found


@way
def set_authorizer() -> Any:
    raw().set_authorizer(None)
    return raw().execute(f"SELECT email FROM {CONTACT}").fetchall()


@way
def opened_again() -> Any:
    raw().__init__(connections[ALIAS].settings_dict["NAME"])
    return raw().execute(f"SELECT email FROM {CONTACT}").fetchall()


@way
def trace_callback() -> Any:
    seen: list[str] = []
    raw().set_trace_callback(seen.append)
    with purpose_for_test("deliver_order"):
        contacts.filter(email=MARK).exists()
    raw().set_trace_callback(None)
    return seen


@way
def create_function() -> Any:
    seen: list[str] = []
    raw().create_function("spy", 1, seen.append)
    with purpose_for_test("deliver_order"):
        run(f"SELECT spy(email) FROM {CONTACT}")
    return seen


@way
def executescript() -> Any:
    raw().executescript(f"UPDATE store_orders_order SET number = (SELECT email FROM {CONTACT});")
    return orders.get().number


@way
def executescript_of_cursor() -> Any:
    raw().cursor().executescript(
        f"UPDATE store_orders_order SET number = (SELECT email FROM {CONTACT});"
    )
    return orders.get().number


@way
def load_extension() -> Any:
    raw().enable_load_extension(True)
    return True


@way
def load_extension_in_sql() -> Any:
    try:
        run("SELECT load_extension('nothing')")
    except connections[ALIAS].Database.OperationalError:
        return True
    except Exception as error:
        if type(error).__module__ == "django.db.utils":
            return True
        raise
    return True


@way
def raw_execute_with_forged_tag() -> Any:
    _warm_up()
    return raw().execute(f"/*deliver_order*/SELECT email FROM {CONTACT}").fetchall()


@way
def raw_cursor_of_another_class() -> Any:
    _warm_up()
    cursor = raw().cursor(factory=Database.Cursor)
    return cursor.execute(f"/*deliver_order*/SELECT email FROM {CONTACT}").fetchall()


@way
def driver_s_own_cursor() -> Any:
    with purpose_for_test("deliver_order"), contextlib.suppress(Database.Error):
        Database.Cursor(raw()).execute(f"SELECT email FROM {CONTACT}").fetchall()
    try:
        return Database.Cursor(raw()).execute(f"SELECT email FROM {CONTACT}").fetchall()
    except Database.Error:
        # The driver's words; what counts is that the monitor was asked under no purpose.
        return run(f"SELECT email FROM {CONTACT}")


@way
def cached_statement() -> Any:
    _warm_up()
    return run(f"SELECT email FROM {CONTACT}")


@way
def statement_cached_by_schema_command() -> Any:
    with entry_point("command", "migrate"):
        run(f"SELECT email FROM {CONTACT}")
    return run(f"SELECT email FROM {CONTACT}")


def _warm_up() -> None:
    with purpose_for_test("deliver_order"):
        run(f"SELECT email FROM {CONTACT}")


@way
def prebuilt_queryset() -> Any:
    with purpose_for_test("deliver_order"):
        rows = contacts.values_list("email", flat=True)
    return list(rows)


@way
def queryset_with_a_row_already_fetched() -> Any:
    with purpose_for_test("deliver_order"):
        rows = contacts.all()
        list(rows)
    return rows.all().get().email


@way
def related_row_after_the_purpose() -> Any:
    with purpose_for_test("deliver_order"):
        order = orders.get()
    return order.contact.email


@way
def thread() -> Any:
    found: list[Any] = []

    def read() -> None:
        try:
            found.append(list(contacts.values_list("email", flat=True)))
        except Exception as error:
            found.append(error)
        finally:
            connections[ALIAS].close()

    with purpose_for_test("deliver_order"):
        worker = threading.Thread(target=read)
        worker.start()
        worker.join()
    if isinstance(found[0], Exception):
        raise found[0]
    return found


@way
def thread_pool() -> Any:
    def read() -> list[str]:
        try:
            return list(contacts.values_list("email", flat=True))
        finally:
            connections[ALIAS].close()

    with purpose_for_test("deliver_order"), ThreadPoolExecutor(1) as pool:
        return pool.submit(read).result()


@way
def fresh_context() -> Any:
    with purpose_for_test("deliver_order"):
        return contextvars.Context().run(lambda: contacts.get().email)


@way
def reopened_connection() -> Any:
    connections[ALIAS].close()
    return contacts.get().email


@way
def temporary_connection() -> Any:
    other = connections[ALIAS].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT email FROM {CONTACT}")
            return cursor.fetchall()
    finally:
        other.close()
