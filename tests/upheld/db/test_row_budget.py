"""`rows_max`: how many personal rows one statement may return under a purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.upheld.db.bypass_database import CONTACT, bypass_database, plant
from tests.upheld.db.ways import contacts, orders, raw, run
from upheld.db import reveal_without_purpose
from upheld.db.purpose import purpose_for_test
from upheld.db.sqlite import authorizer
from upheld.policy import current, install
from upheld.policy.errors import UndeclaredPurpose

pytestmark = pytest.mark.sqlite_only


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), bypass_database(tmp_path / "bypass.sqlite3"):
        yield


@pytest.fixture
def budget() -> Iterator[int]:
    """deliver_order may return three personal rows a statement; eleven stand there."""
    policy = current()
    tight = replace(policy.purposes["deliver_order"], rows_max=3)
    install(replace(policy, purposes=dict(policy.purposes) | {"deliver_order": tight}))
    for number in range(10):
        plant(f"b{number}@example.com")
    yield 3
    install(policy)


def test_a_bulk_read_is_braked(budget: int) -> None:
    with purpose_for_test("deliver_order"):
        assert len(contacts.all()[:budget]) == budget
        for read in (
            lambda: list(contacts.all()),
            lambda: list(contacts.iterator(chunk_size=1)),
            lambda: list(contacts.values_list("email")[: budget + 1]),
            lambda: run(f"SELECT email FROM {CONTACT}"),
            lambda: list(raw().execute(f"SELECT email FROM {CONTACT}")),
            lambda: list(iter(raw().execute(f"SELECT name FROM {CONTACT}").fetchone, None)),
            lambda: raw().execute(f"SELECT email FROM {CONTACT}").fetchmany(9),
        ):
            with pytest.raises(UndeclaredPurpose, match="at most 3 personal rows"):
                read()


def test_what_is_not_personal_is_not_counted(budget: int) -> None:
    with purpose_for_test("deliver_order"):
        for _ in range(3):
            assert len(orders.values_list("number")) == 11
            assert len(contacts.values_list("order_id")) == 11
            assert run(f"SELECT count(*) FROM {CONTACT} WHERE email <> ''") == [(11,)]


def test_a_cached_statement_is_counted_too(budget: int) -> None:
    with purpose_for_test("deliver_order"):
        for _ in range(3):
            with pytest.raises(UndeclaredPurpose, match="at most 3"):
                run(f"SELECT email FROM {CONTACT}")


def test_a_pragma_in_from_does_not_make_a_cached_statement_forget_its_columns(budget: int) -> None:
    with purpose_for_test("deliver_order"):
        for _ in range(3):
            with pytest.raises(UndeclaredPurpose, match="at most 3"):
                run(
                    f"SELECT email FROM {CONTACT} WHERE (SELECT count(*) FROM "
                    "pragma_table_info('store_orders_order')) > 0"
                )


def test_a_statement_nobody_remembers_counts_as_personal(budget: int) -> None:
    with purpose_for_test("deliver_order"):
        assert len(run("SELECT number FROM store_orders_order")) == 11
        raw().monitor._personal.clear()
        with pytest.raises(UndeclaredPurpose, match="at most 3"):
            run("SELECT number FROM store_orders_order")


def test_the_memory_of_statements_is_bounded(budget: int) -> None:
    with purpose_for_test("deliver_order"):
        for number in range(300):
            run(f"SELECT {number}")
    assert len(raw().monitor._personal) == 256


@pytest.mark.parametrize("function", sorted(authorizer.PACKING))
def test_rows_are_not_packed_into_one_under_a_budget(function: str) -> None:
    arguments = "name, email" if "object" in function else "email"
    if function == "string_agg":
        arguments = "email, ','"
    with purpose_for_test("deliver_order"), pytest.raises(UndeclaredPurpose, match="counts them"):
        run(f"SELECT {function}({arguments}) FROM {CONTACT}")
    with reveal_without_purpose(reason="a test", reviewed_by="its author"):
        assert run(f"SELECT {function}({arguments}) FROM {CONTACT}")
