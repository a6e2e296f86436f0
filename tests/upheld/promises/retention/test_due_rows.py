"""Ordinary data goes when its period ends: not before, not after, not more than was said."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections, models, transaction

from tests.upheld.promises.retention.conftest import NOW, Place
from upheld.db.purpose import entry_point, purpose, purpose_for_test
from upheld.db.schema_change import schema_change
from upheld.ledger import LedgerEntry, verify
from upheld.policy import Policy, current, install
from upheld.policy.errors import UndeclaredPurpose
from upheld.promises.retention import due_rows
from upheld.promises.retention.due_rows import preview, remove_due, remove_from
from upheld.promises.retention.models import Hold
from upheld.promises.retention.walk import NoSuchPath, quoted, walk
from upheld_store.orders.models import Order, OrderContact

YEARS = timedelta(days=1095)  # what the demo's policy says of order.email and order.name
TABLE = "store_orders_ordercontact"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]


@pytest.fixture(autouse=True)
def _as_the_keeper() -> Iterator[None]:
    with entry_point("command", "keep"):
        yield


@pytest.fixture
def policy() -> Iterator[Policy]:
    """Puts the real policy back after a test has installed another."""
    real = current()
    yield real
    install(real)


def contacts() -> set[object]:
    return set(OrderContact.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("age", "gone"),
    [
        (YEARS - timedelta(seconds=1), False),
        (YEARS, True),
        (YEARS + timedelta(days=400), True),
    ],
)
def test_a_row_goes_at_its_end_and_not_before(place: Place, age: timedelta, gone: bool) -> None:
    order = place(NOW - age)
    assert preview(NOW) == ({TABLE: 1} if gone else {})
    assert remove_due(NOW) == ({TABLE: 1} if gone else {})
    assert (order.pk not in contacts()) is gone
    assert Order.objects.filter(pk=order.pk).exists()  # the sale itself is no personal data


def test_the_removal_is_in_the_log_as_a_count(place: Place) -> None:
    for _ in range(3):
        place(NOW - YEARS)
    remove_due(NOW)
    entry = LedgerEntry.objects.get(event="DataRemoved")
    assert entry.read_facts() == {"rows": 3, "table": TABLE} and verify().ok


def test_nothing_due_writes_nothing(place: Place) -> None:
    place(NOW)
    assert remove_due(NOW) == {} and not LedgerEntry.objects.exists()


def test_a_hold_keeps_the_row_until_its_day_has_passed(place: Place) -> None:
    held, free = place(NOW - YEARS), place(NOW - YEARS)
    with purpose_for_test("oversee"):
        Hold.objects.create(
            subject_id=held.subject_id,
            reason="a claim",
            until=NOW.date() + timedelta(days=2),
            made_at=NOW,
        )
    assert preview(NOW) == {TABLE: 1} and remove_due(NOW) == {TABLE: 1}
    assert contacts() == {held.pk} and free.pk not in contacts()
    assert remove_due(NOW + timedelta(days=2)) == {}
    assert remove_due(NOW + timedelta(days=3)) == {TABLE: 1}


def test_a_hold_goes_by_its_own_period_counted_from_its_end(place: Place) -> None:
    with purpose_for_test("oversee"):
        Hold.objects.create(
            subject_id="0" * 32,
            reason="a claim",
            until=NOW.date(),
            made_at=NOW - timedelta(days=900),
        )
    assert remove_due(NOW + timedelta(days=364)) == {}
    assert remove_due(NOW + timedelta(days=365)) == {"upheld_hold": 1}


def test_the_cap_of_one_run_and_the_next_goes_on(place: Place, policy: Policy) -> None:
    for _ in range(7):
        place(NOW - YEARS)
    install(replace(policy, retention=replace(policy.retention, rows_per_run_max=3)))
    assert [remove_due(NOW) for _ in range(4)] == [{TABLE: 3}, {TABLE: 3}, {TABLE: 1}, {}]


def test_it_works_in_batches_and_survives_being_killed_between_two(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(7):
        place(NOW - YEARS)
    monkeypatch.setattr(due_rows, "_BATCH_ROWS", 2)
    real = due_rows._remove_batch

    def killed(*args: object) -> object:
        if len(contacts()) == 3:
            raise KeyboardInterrupt
        return real(*args)  # type: ignore[arg-type] - passed through

    monkeypatch.setattr(due_rows, "_remove_batch", killed)
    with pytest.raises(KeyboardInterrupt):
        remove_due(NOW)
    assert len(contacts()) == 3
    monkeypatch.setattr(due_rows, "_remove_batch", real)
    assert remove_due(NOW) == {TABLE: 3}
    assert LedgerEntry.objects.filter(event="DataRemoved").count() == 4


def test_without_the_ledger_nothing_is_removed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = place(NOW - YEARS)

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(due_rows, "append", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        remove_due(NOW)
    assert order.pk in contacts()


def test_an_event_that_has_not_come_is_not_due(place: Place, policy: Policy) -> None:
    """A period that counts from a payment does not begin before there is one."""
    change_table(policy, starts="order_id>store_orders_order.paid_at")
    waiting, paid = place(NOW - 9 * YEARS), place(NOW - 9 * YEARS)
    Order.objects.filter(pk=paid.pk).update(paid_at=NOW - YEARS)
    assert preview(NOW) == {TABLE: 1}
    remove_due(NOW)
    assert contacts() == {waiting.pk}


def change_table(policy: Policy, **changes: object) -> None:
    """Install the policy with a changed declaration of the contacts' table."""
    fields = dict(policy.fields)
    days = changes.pop("name_days", None)
    if days is not None:
        name = fields["order.name"]
        fields["order.name"] = replace(
            name, kept_days=int(str(days)), purposes=name.purposes | {"forget"}
        )
    tables = dict(policy.inventory.tables)
    tables[TABLE] = replace(tables[TABLE], **changes)  # type: ignore[arg-type] - by name
    inventory = replace(policy.inventory, tables=tables)
    install(replace(policy, inventory=inventory, fields=fields))
    with entry_point("command", "upgrade"), schema_change():
        pass  # PostgreSQL's grants follow the policy only then


def test_a_column_of_a_shorter_period_is_emptied_first(place: Place, policy: Policy) -> None:
    change_table(policy, name_days=30, writes=frozenset({"deliver_order", "forget"}))
    order = place(NOW - timedelta(days=30))
    place(NOW - timedelta(days=29))
    assert preview(NOW) == {f"{TABLE}.name": 1}
    assert remove_due(NOW) == {TABLE: 1}
    assert remove_due(NOW) == {}  # emptied once, not for ever
    with purpose_for_test("deliver_order"):
        contact = OrderContact.objects.get(pk=order.pk)
    assert (contact.name, contact.email) == ("", "jane@example.com")
    assert remove_due(NOW + YEARS) == {TABLE: 2}


@pytest.mark.sqlite_only
def test_the_database_itself_refuses_it_to_anyone_else(place: Place) -> None:
    place(NOW - YEARS)
    table = current().inventory.tables[TABLE]
    with (
        entry_point("command", "shell"),
        purpose("support"),
        pytest.raises(UndeclaredPurpose),
        transaction.atomic(),
    ):
        remove_from(table, current(), NOW, 10)
    assert len(contacts()) == 1
    with (
        entry_point("route", "catalog:home"),
        pytest.raises(UndeclaredPurpose),
        transaction.atomic(),
    ):
        remove_due(NOW)


def test_two_keepers_at_once_remove_each_row_once(
    place: Place, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_rows, "_BATCH_ROWS", 5)
    for _ in range(40):
        place(NOW - YEARS)
    removed: list[int] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with entry_point("command", "keep"):
                removed.append(sum(remove_due(NOW).values()))
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == [] and sum(removed) == 40 and contacts() == set()
    logged = [e.read_facts()["rows"] for e in LedgerEntry.objects.filter(event="DataRemoved")]
    assert sum(logged) == 40


@pytest.mark.sqlite_only
def test_no_byte_of_it_stays_in_the_file_or_its_log(place: Place, transactional_db: None) -> None:
    marker = "marker-4f1c9e@example.com"
    place(NOW - YEARS, marker)
    files = [Path(f"{connection.settings_dict['NAME']}{end}") for end in ("", "-wal", "-journal")]

    def found() -> bool:
        return any(marker.encode() in f.read_bytes() for f in files if f.is_file())

    assert found()
    remove_due(NOW)
    assert not found()  # at once, and not only when the last connection closes


@pytest.mark.parametrize("name", ['a"b', "a;b", "a b", "", "1a", "a--", "é", "a" * 64])
def test_no_name_but_an_identifier_becomes_sql(name: str) -> None:
    with pytest.raises(NoSuchPath):
        quoted(name)


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "order_id>nowhere.placed_at",
        "order_id>store_orders_order.nothing",
        "nothing>store_orders_order.placed_at",
        'order_id>store_orders_order.placed_at" OR 1=1 --',
    ],
)
def test_a_path_leads_through_what_exists(path: str) -> None:
    with pytest.raises(NoSuchPath):
        walk(TABLE, path, "s")


def test_a_path_knows_its_end() -> None:
    way = walk(TABLE, "order_id>store_orders_order.placed_at", "s")
    assert isinstance(way.field, models.DateTimeField)
    assert way.through == (TABLE, "store_orders_order") and way.column == 's1."placed_at"'


def test_a_moment_is_compared_as_the_column_keeps_it(place: Place) -> None:
    """A microsecond decides, though SQLite keeps times as text."""
    edge = NOW - YEARS
    place(edge.replace(microsecond=0) + timedelta(microseconds=1))
    assert preview(NOW) == {} and preview(NOW + timedelta(microseconds=1)) == {TABLE: 1}
