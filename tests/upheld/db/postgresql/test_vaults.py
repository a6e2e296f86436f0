"""Two functions of the owner make and drop the partitions of the vaults, on due days alone."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from tests.upheld.db.bypass_database import ALIAS
from tests.upheld.db.postgresql import server
from tests.upheld.db.ways import run
from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld.policy import current
from upheld.policy.errors import UndeclaredPurpose

TODAY = datetime.now(UTC).date()
OLD = TODAY - timedelta(days=60)
MAKE, DROP = "SELECT upheld_make_vault(%s)", "SELECT upheld_drop_vault(%s)"
HELD = "SELECT count(*) FROM upheld_sealed_value WHERE day = %s"


def partition(day: date) -> str:
    return f"upheld_sealed_value_{day:%Y%m%d}"


def partitions() -> list[str]:
    rows = run("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = "
               "'upheld_sealed_value'::regclass ORDER BY 1")  # fmt: skip
    return [str(name) for (name,) in rows]


def ask(sql: str, value: object) -> Any:
    """One call, in a transaction of its own."""
    with transaction.atomic(ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute(sql, [value])
        return cursor.fetchone()[0]


def clean() -> None:
    for name in ("TRUNCATE upheld_sealed_value, upheld_vault_day",):
        server.superuser(name)
    with server.stock(server.SUPERUSER):
        found = [name for name in partitions() if not name.endswith("_rest")]
    for name in found:
        server.superuser(f"DROP TABLE {name}")


@pytest.fixture
def run_login(run_login: Any) -> Iterator[Any]:
    yield run_login
    clean()


def plant_vault(day: date, *, destroyed: bool) -> None:
    """As the owner may: any day, with a value in it, and its record."""
    at = "now()" if destroyed else "NULL"
    server.superuser(
        f"CREATE TABLE {partition(day)} PARTITION OF upheld_sealed_value FOR VALUES IN ('{day}')"
    )
    server.superuser(f"ALTER TABLE {partition(day)} OWNER TO upheld_owner")
    server.superuser(
        "INSERT INTO upheld_sealed_value (table_name, row_key, field, day, key_fingerprint, "
        f"ciphertext) VALUES ('t', '1', 'f', '{day}', '0', 'noise')"
    )
    server.superuser(
        f"INSERT INTO upheld_vault_day (day, opened_at, destroyed_at) VALUES ('{day}', now(), {at})"
    )


def test_todays_is_made_once_and_gets_no_statistics_and_no_rights(run_login: Any) -> None:
    assert ask(MAKE, TODAY) is True and ask(MAKE, TODAY) is False
    assert partition(TODAY) in partitions()
    kept = run(
        "SELECT attname FROM pg_attribute WHERE attnum > 0 AND attstattarget IS DISTINCT FROM 0 "
        f"AND attrelid = '{partition(TODAY)}'::regclass"
    )
    assert kept == []
    run(
        "INSERT INTO upheld_sealed_value (table_name, row_key, field, day, key_fingerprint, "
        f"ciphertext) VALUES ('t', '1', 'f', '{TODAY}', '0', 'noise')"
    )
    there = "SELECT tableoid::regclass::text FROM upheld_sealed_value"
    assert run(there) == [(partition(TODAY),)]
    with pytest.raises(UndeclaredPurpose):
        run(f"SELECT * FROM {partition(TODAY)}")
    server.superuser(f"GRANT SELECT ON {partition(TODAY)} TO upheld_bypass_none")
    assert len(run(f"SELECT * FROM {partition(TODAY)}")) == 1  # the control of the refusal


@pytest.mark.parametrize("days", [-60, -2, 3, 400])
def test_no_other_day_is_made(days: int, run_login: Any) -> None:
    with pytest.raises(DatabaseError, match="due to be made"):
        ask(MAKE, TODAY + timedelta(days=days))
    assert partitions() == ["upheld_sealed_value_rest"]


@pytest.mark.parametrize("days", [-1, 0, 1, 2])
def test_a_day_near_is_made(days: int, run_login: Any) -> None:
    assert ask(MAKE, TODAY + timedelta(days=days)) is True


def test_a_day_that_is_over_is_dropped_once_its_key_is_gone(run_login: Any) -> None:
    plant_vault(OLD, destroyed=False)
    with pytest.raises(DatabaseError, match="not recorded as destroyed"):
        ask(DROP, OLD)
    run(f"UPDATE upheld_vault_day SET destroyed_at = now() WHERE day = '{OLD}'")
    assert ask(HELD, OLD) == 1
    assert ask(DROP, OLD) is True and ask(DROP, OLD) is False
    assert partition(OLD) not in partitions() and ask(HELD, OLD) == 0


@pytest.mark.parametrize("days", [0, -1, -59])
def test_a_day_that_is_not_over_stays_whatever_is_recorded(days: int, run_login: Any) -> None:
    day = TODAY + timedelta(days=days)
    plant_vault(day, destroyed=True)
    with pytest.raises(DatabaseError, match="due to be dropped"):
        ask(DROP, day)
    assert ask(HELD, day) == 1
    server.superuser(f"DROP FUNCTION upheld_drop_vault(date); {without_its_rule()}")
    try:
        assert ask(DROP, day) is True  # the control: without the rule it goes
    finally:
        settle()


def without_its_rule() -> str:
    from upheld.db.postgresql import vaults

    body = vaults._bodies("public", -9999)[vaults.DROP]
    return (
        "CREATE FUNCTION upheld_drop_vault(vault date) RETURNS boolean LANGUAGE plpgsql "
        f"SECURITY DEFINER AS $x${body}$x$; ALTER FUNCTION upheld_drop_vault(date) OWNER TO "
        "upheld_owner"
    )


def settle() -> int:
    from upheld.db.postgresql.owner import as_owner
    from upheld.db.postgresql.owner import settle as settled

    with server.alias() as guarded, entry_point("command", "upgrade"), as_owner(guarded):
        return settled(guarded, current(), server.RUN)


@pytest.mark.parametrize(
    "value",
    [
        "infinity", "-infinity", None, "20260101'; DROP TABLE upheld_vault_day; --",
        "other.upheld_sealed_value", "pg_class", "9999-12-31", "0001-01-01 BC", "", "1); SELECT 1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("sql", [MAKE, DROP])
def test_what_is_no_due_day_does_nothing(sql: str, value: object, run_login: Any) -> None:
    with pytest.raises((DatabaseError, UndeclaredPurpose)):
        ask(sql, value)
    assert partitions() == ["upheld_sealed_value_rest"]
    assert run("SELECT 1 FROM upheld_vault_day") == []


def test_no_name_of_a_schema_can_be_given(run_login: Any) -> None:
    """Nor does a table of the same name elsewhere go."""
    server.superuser("CREATE SCHEMA other")
    server.superuser(f"CREATE TABLE other.{partition(OLD)} (x text)")
    try:
        plant_vault(OLD, destroyed=True)
        for sql in (
            "SELECT upheld_drop_vault('other', %s)",
            "SELECT upheld_drop_vault(%s, 'other')",
            "SELECT other.upheld_drop_vault(%s)",
        ):
            with pytest.raises((DatabaseError, UndeclaredPurpose)):
                ask(sql, OLD)
        assert ask(DROP, OLD) is True
        with server.stock(server.SUPERUSER):
            assert run(f"SELECT count(*) FROM other.{partition(OLD)}") == [(0,)]
    finally:
        server.superuser("DROP SCHEMA other CASCADE")


@contextmanager
def false_clock() -> Iterator[None]:
    """A `now()` of the caller's in front of the server's own."""
    server.superuser("CREATE SCHEMA mine; GRANT USAGE ON SCHEMA mine TO PUBLIC")
    server.superuser(
        "CREATE FUNCTION mine.now() RETURNS timestamptz LANGUAGE sql AS "
        "$$ SELECT pg_catalog.now() + interval '70 days' $$"
    )
    server.superuser("ALTER ROLE upheld_run SET search_path = mine, pg_catalog, public")
    try:
        with server.alias():
            yield
    finally:
        server.superuser("ALTER ROLE upheld_run RESET search_path")
        server.superuser("DROP SCHEMA mine CASCADE")


def test_the_callers_search_path_does_not_reach_inside(run_login: Any) -> None:
    plant_vault(TODAY, destroyed=True)
    call = "SELECT public.upheld_drop_vault(%s)"
    with false_clock():
        with pytest.raises(DatabaseError, match="due to be dropped"):
            ask(call, TODAY)
        server.superuser("ALTER FUNCTION upheld_drop_vault(date) RESET search_path")
        assert ask(call, TODAY) is True  # the control
    assert settle() > 0


def test_only_no_purpose_may_call_them(run_login: Any) -> None:
    for sql in (MAKE, DROP):
        with purpose_for_test("support"), pytest.raises(UndeclaredPurpose, match="upheld_"):
            ask(sql, TODAY)
        with server.stock(server.RUN), pytest.raises(DatabaseError, match="permission denied"):
            ask(sql, TODAY)


def test_a_value_of_the_day_is_there_already_and_stays(run_login: Any) -> None:
    """A sale before any keeper: its row is in the default partition, and the day's is refused."""
    run(
        "INSERT INTO upheld_sealed_value (table_name, row_key, field, day, key_fingerprint, "
        f"ciphertext) VALUES ('t', '1', 'f', '{TODAY}', '0', 'noise')"
    )
    with pytest.raises(DatabaseError):
        ask(MAKE, TODAY)
    assert ask(HELD, TODAY) == 1


def test_settling_again_changes_nothing(run_login: Any) -> None:
    ask(MAKE, TODAY)
    assert settle() == 0


def test_statistics_of_a_partition_are_found_and_stopped(run_login: Any) -> None:
    ask(MAKE, TODAY)
    server.superuser(f"ALTER TABLE {partition(TODAY)} ALTER COLUMN row_key SET STATISTICS 10")
    assert settle() == 1 and settle() == 0


@pytest.mark.django_db
def test_in_use_each_days_values_stand_apart_and_go_at_once(own_keys: Any) -> None:
    """Through the store's own code on the suite's database."""
    if connection.vendor != "postgresql":
        pytest.skip("holds on PostgreSQL alone")
    from upheld.promises.retention import due_vaults, seal
    from upheld.vault import Clock
    from upheld.vault.models import SealedValue, VaultDay

    now = datetime.now(UTC)
    with entry_point("command", "keep"):
        made = due_vaults.prepare_vaults(now)
        assert made == [TODAY, TODAY + timedelta(days=1)] and due_vaults.prepare_vaults(now) == []
    with purpose_for_test("take_payment"):
        seal({"payment.card_last4": "4242"}, table="p", row="1", day=TODAY, now=now)
    with entry_point("command", "migrate"), connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM upheld_sealed_value")
        assert cursor.fetchall() == [(partition(TODAY),)]
        cursor.execute(
            f"CREATE TABLE {partition(OLD)} PARTITION OF upheld_sealed_value "
            f"FOR VALUES IN ('{OLD}')"
        )
    VaultDay.objects.create(day=OLD, opened_at=now)
    SealedValue.objects.create(table_name="p", row_key="0", field="f", day=OLD,
                               key_fingerprint="0", ciphertext=b"noise")  # fmt: skip
    with entry_point("command", "keep"):
        assert due_vaults.reclaim_vaults(100) == 0 and SealedValue.objects.count() == 2
        assert due_vaults.destroy_due_vaults(now, Clock(now, 0.0)) == [OLD]
        # By its partition, not one by one.
        assert due_vaults.reclaim_vaults(100) == 0 and SealedValue.objects.count() == 1
        # This process' clock says it is time, the server's does not: then row by row.
        later = now + timedelta(days=60)
        assert due_vaults.destroy_due_vaults(later, Clock(later, 0.0)) == [TODAY]
        assert due_vaults.reclaim_vaults(100) == 1 and not SealedValue.objects.exists()


@pytest.mark.django_db
def test_a_table_that_had_values_before_is_divided() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("holds on PostgreSQL alone")
    from upheld.vault.models import SealedValue

    migration = importlib.import_module("upheld.migrations.0003_vault_partitions")
    days = [OLD, TODAY]
    with entry_point("command", "migrate"), connection.schema_editor() as editor:
        editor.execute("DROP TABLE upheld_sealed_value")
        editor.create_model(SealedValue)
        for number, day in enumerate(days):
            SealedValue.objects.create(pk=number + 7, table_name="t", row_key="1", field="f",
                                       day=day, key_fingerprint="0", ciphertext=b"x")  # fmt: skip
        migration.divide(None, editor)
        with connection.cursor() as cursor:
            cursor.execute("SELECT tableoid::regclass::text FROM upheld_sealed_value ORDER BY day")
            assert cursor.fetchall() == [(partition(day),) for day in days]
        new = SealedValue.objects.create(table_name="t", row_key="2", field="f", day=TODAY,
                                         key_fingerprint="0", ciphertext=b"x")  # fmt: skip
        assert new.pk == 9
