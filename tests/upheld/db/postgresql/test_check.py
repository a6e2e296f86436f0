"""The store does not start on a server where a purpose could be passed by, nor with grants that
are not the policy's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from tests.upheld.db.bypass_database import ALIAS, CONTACT
from tests.upheld.db.postgresql import server
from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld.policy import current
from upheld.policy.errors import ActRefused

ROLE = "upheld_bypass_p_support"
# What breaks it → (what mends it, words of the finding).
PLANTED = {
    "GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO PUBLIC": (
        "REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM PUBLIC", "set_config may"),
    "GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO upheld_run": (
        "REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM upheld_run", "set_config"),
    f"GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO {ROLE}": (
        f"REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM {ROLE}", "set_config"),
    f"GRANT USAGE ON LANGUAGE plpgsql TO {ROLE}": (
        f"REVOKE USAGE ON LANGUAGE plpgsql FROM {ROLE}", "blocks of plpgsql"),
    f"GRANT CREATE ON SCHEMA public TO {ROLE}": (
        f"REVOKE CREATE ON SCHEMA public FROM {ROLE}", "tables may be made"),
    "GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC": (
        "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC", "blocks of plpgsql"),
    "GRANT TEMPORARY ON DATABASE upheld_bypass TO PUBLIC": (
        "REVOKE TEMPORARY ON DATABASE upheld_bypass FROM PUBLIC", "temporary tables"),
    "GRANT CREATE ON SCHEMA public TO PUBLIC": (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC", "tables may be made"),
    "GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC": (
        "REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC", "lo_create may"),
    "ALTER ROLE upheld_run SUPERUSER": ("ALTER ROLE upheld_run NOSUPERUSER", "is a superuser"),
    "ALTER ROLE upheld_run INHERIT": ("ALTER ROLE upheld_run NOINHERIT", "inherits"),
    "ALTER ROLE upheld_run CREATEROLE": ("ALTER ROLE upheld_run NOCREATEROLE", "may make roles"),
    "GRANT upheld_owner TO upheld_run": ("REVOKE upheld_owner FROM upheld_run", "no purpose"),
    f"GRANT pg_read_all_data TO {ROLE}": (
        f"REVOKE pg_read_all_data FROM {ROLE}", "pg_read_all_data, which stands for no purpose"),
    "ALTER TABLE store_orders_orderlink OWNER TO upheld_run": (
        "ALTER TABLE store_orders_orderlink OWNER TO upheld_owner", "owns"),
    f"CREATE VIEW plain AS SELECT * FROM {CONTACT}": ("DROP VIEW plain", "the view plain"),
    f"CREATE MATERIALIZED VIEW kept AS SELECT email FROM {CONTACT}": (
        "DROP MATERIALIZED VIEW kept", "the view kept"),
    "CREATE FUNCTION f() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::text'": (
        "DROP FUNCTION f()", "function f runs with its owner's rights"),
    f"GRANT SELECT (name) ON {CONTACT} TO PUBLIC": (
        f"REVOKE SELECT (name) ON {CONTACT} FROM PUBLIC", "has too much: SELECT"),
    f"GRANT UPDATE (name) ON {CONTACT} TO {ROLE}": (
        f"REVOKE UPDATE (name) ON {CONTACT} FROM {ROLE}", "has too much: UPDATE"),
    f"REVOKE SELECT (name) ON {CONTACT} FROM {ROLE}": (
        f"GRANT SELECT (name) ON {CONTACT} TO {ROLE}", "lacks: SELECT"),
    f"ALTER TABLE {CONTACT} ALTER COLUMN email SET STATISTICS 10": (
        f"ALTER TABLE {CONTACT} ALTER COLUMN email SET STATISTICS 0", "samples"),
    f"CREATE INDEX low ON {CONTACT} (lower(email))": ("DROP INDEX low", "samples"),
    "ALTER TABLE upheld_sealed_value_rest ALTER COLUMN row_key SET STATISTICS 10": (
        "ALTER TABLE upheld_sealed_value_rest ALTER COLUMN row_key SET STATISTICS 0", "samples"),
    "GRANT SELECT ON upheld_sealed_value_rest TO upheld_run": (
        "REVOKE SELECT ON upheld_sealed_value_rest FROM upheld_run", "has too much: SELECT"),
    "GRANT EXECUTE ON FUNCTION upheld_drop_vault(date) TO PUBLIC": (
        "REVOKE EXECUTE ON FUNCTION upheld_drop_vault(date) FROM PUBLIC", "upheld_drop_vault is"),
    "ALTER FUNCTION upheld_make_vault(date) RESET search_path": (
        "ALTER FUNCTION upheld_make_vault(date) SET search_path = pg_catalog, pg_temp; "
        "ALTER FUNCTION upheld_make_vault(date) RESET lock_timeout; "
        "ALTER FUNCTION upheld_make_vault(date) SET lock_timeout = '2s'", "upheld_make_vault is"),
    "ALTER FUNCTION upheld_drop_vault(date) OWNER TO upheld": (
        "ALTER FUNCTION upheld_drop_vault(date) OWNER TO upheld_owner", "upheld_drop_vault is"),
    "ALTER FUNCTION upheld_drop_vault(date) RENAME TO gone": (
        "ALTER FUNCTION gone(date) RENAME TO upheld_drop_vault", "upheld_drop_vault is not there"),
    "CREATE FUNCTION upheld_drop_vault(text) RETURNS text LANGUAGE sql AS 'SELECT $1'": (
        "DROP FUNCTION upheld_drop_vault(text)", "upheld_drop_vault is"),
    "CREATE FUNCTION g() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::text'; "
    f"REVOKE ALL ON FUNCTION g() FROM PUBLIC; GRANT EXECUTE ON FUNCTION g() TO {ROLE}": (
        "DROP FUNCTION g()", "function g runs with its owner's rights"),
    "GRANT EXECUTE ON FUNCTION lo_creat(integer) TO PUBLIC": (
        "REVOKE EXECUTE ON FUNCTION lo_creat(integer) FROM PUBLIC", "lo_creat may"),
    "GRANT EXECUTE ON FUNCTION lo_from_bytea(oid, bytea) TO PUBLIC": (
        "REVOKE EXECUTE ON FUNCTION lo_from_bytea(oid, bytea) FROM PUBLIC", "lo_from_bytea may"),
    "GRANT CREATE ON DATABASE upheld_bypass TO upheld_run": (
        "REVOKE CREATE ON DATABASE upheld_bypass FROM upheld_run", "schemas may be made"),
    "ALTER ROLE upheld_run CREATEDB": ("ALTER ROLE upheld_run NOCREATEDB", "may make databases"),
    "ALTER ROLE upheld_run REPLICATION": ("ALTER ROLE upheld_run NOREPLICATION", "may copy"),
    "ALTER ROLE upheld_run BYPASSRLS": ("ALTER ROLE upheld_run NOBYPASSRLS", "passes row security"),
}  # fmt: skip


def findings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from upheld.db.postgresql import check

    monkeypatch.setattr(check, "ALLOWED_BESIDE", frozenset())
    with server.alias() as connection:
        monkeypatch.setattr(check, "connection", connection)
        return [f"{found.problem} {found.remedy}" for found in check.check_server(current())]


@pytest.fixture
def unblocked(prepared: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def test_as_deployed_it_may_start(unblocked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings(monkeypatch) == []


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_found(
    planted: str, unblocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    mended, words = PLANTED[planted]
    server.superuser(planted)
    try:
        found = findings(monkeypatch)
    finally:
        server.superuser(mended)
    assert any(words in text for text in found), found


def test_the_remedy_for_a_role_too_many_works(
    unblocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two logins have granted it: each grant is taken back as the one who made it."""
    server.superuser("CREATE ROLE other_owner CREATEROLE; CREATE ROLE alien NOLOGIN")
    server.superuser("GRANT alien TO other_owner WITH ADMIN OPTION")
    server.superuser("GRANT alien TO upheld_run; SET ROLE other_owner; GRANT alien TO upheld_run")
    server.superuser("GRANT pg_monitor TO " + ROLE)
    try:
        server.superuser("REVOKE alien FROM upheld_run")  # the control: not the other's grant
        found = findings(monkeypatch)
        remedies = [text.rpartition("purpose ")[2] for text in found if "no purpose" in text]
        assert any("GRANTED BY other_owner" in text for text in remedies), found
        assert any(f"REVOKE pg_monitor FROM {ROLE} GRANTED BY" in text for text in remedies)
        for text in remedies:
            server.superuser(text)
        assert findings(monkeypatch) == []
    finally:
        server.superuser("DROP ROLE IF EXISTS alien; DROP ROLE IF EXISTS other_owner")
        server.superuser(f"REVOKE pg_monitor FROM {ROLE}")


def test_a_table_that_nobody_declared_is_closed(unblocked: None) -> None:
    server.superuser("CREATE TABLE IF NOT EXISTS nobodys (x text)")
    with server.stock(server.RUN) as connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE upheld_bypass_none")
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute("SELECT x FROM nobodys")
    server.superuser("DROP TABLE nobodys")


def test_the_grants_are_mended_and_then_nothing_is_left_to_do(unblocked: None) -> None:
    from upheld.db.postgresql.owner import as_owner, settle

    server.superuser(f"GRANT UPDATE (name) ON {CONTACT} TO {ROLE}")
    server.superuser(f"REVOKE SELECT (name) ON {CONTACT} FROM {ROLE}")
    server.superuser(f"ALTER TABLE {CONTACT} ALTER COLUMN email SET STATISTICS 10")
    with server.alias() as connection, entry_point("command", "upgrade"), as_owner(connection):
        assert settle(connection, current(), server.RUN) == 3
        assert settle(connection, current(), server.RUN) == 0
    with server.alias(), purpose_for_test("support"), connections[ALIAS].cursor() as cursor:
        cursor.execute(f"SELECT name FROM {CONTACT}")


def test_a_purpose_that_left_the_policy_loses_its_role(unblocked: None) -> None:
    from upheld.db.postgresql.owner import as_owner, settle

    with server.alias() as connection, entry_point("command", "upgrade"), as_owner(connection):
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE upheld_bypass_p_old NOLOGIN")
            cursor.execute("GRANT upheld_bypass_p_old TO upheld_run")
            cursor.execute(f"GRANT SELECT ON {CONTACT} TO upheld_bypass_p_old")
        assert settle(connection, current(), server.RUN) == 2
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'upheld_bypass_p_old'")
            assert cursor.fetchone() is None


def test_without_an_owner_the_schema_stays(unblocked: None) -> None:
    from upheld.db.postgresql.owner import as_owner

    with (
        server.alias(OWNER=None) as connection,
        pytest.raises(ActRefused, match="UPHELD_DATABASE_OWNER_URL"),
        as_owner(connection),
    ):
        pass
