"""What the owner of the tables does, in `upheld upgrade`: roles, grants and no statistics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from upheld.db.postgresql import grants, vaults
from upheld.db.postgresql.roles import none_role, quoted
from upheld.db.postgresql.statistics import stop_statements
from upheld.db.rights import Rights
from upheld.policy import Policy
from upheld.policy.errors import ActRefused


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Connect as `OWNER` of the settings says while the body runs. Raises `ActRefused` where
    they name none."""
    settings = connection.settings_dict
    if settings.get("SCHEMA_ROLE"):  # this login may become the owner by itself
        yield
        return
    owner = settings.get("OWNER")
    if not owner:
        raise ActRefused(
            "On PostgreSQL the schema belongs to a login that the store does not run as. Set "
            "UPHELD_DATABASE_OWNER_URL; deploy/postgresql.sql makes both logins."
        )
    before = {name: settings[name] for name in owner}
    connection.close()
    settings.update(owner)
    try:
        yield
    finally:
        connection.close()
        settings.update(before)


def settle(connection: Any, policy: Policy, login: str) -> int:
    """Bring roles, grants and statistics to what the policy says, in one transaction. `login` is
    the one the store runs as. Repeated, it changes nothing. Returns how many statements it took."""
    done = 0
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        for text in _statements(cursor, connection.settings_dict["NAME"], policy, login):
            cursor.execute(text)
            done += 1
    return done


def _statements(cursor: Any, database: str, policy: Policy, login: str) -> Iterator[str]:
    roles = grants.role_names(policy, database)
    stale = _members(cursor, login, database) - set(roles)
    yield from _membership(cursor, roles, login)
    cursor.execute(
        "SELECT has_database_privilege('public', current_database(), 'TEMPORARY, CREATE')"
    )
    if cursor.fetchone()[0]:
        yield f"REVOKE TEMPORARY, CREATE ON DATABASE {quoted(database)} FROM PUBLIC"
    wanted = grants.wanted(policy, database, grants.read_columns(cursor))
    held = grants.held(cursor, {*roles, *stale, login})
    yield from grants.statements("REVOKE", held - wanted)
    yield from grants.statements("GRANT", wanted - held)
    for role in sorted(stale):
        yield f"DROP ROLE {quoted(role)}"
    yield from stop_statements(cursor, Rights(policy).personal_columns())
    days = policy.retention.private_financial_days
    yield from vaults.function_statements(cursor, days, none_role(database))


def _membership(cursor: Any, roles: list[str], login: str) -> Iterator[str]:
    cursor.execute("SELECT rolname FROM pg_catalog.pg_roles")
    there = {name for (name,) in cursor.fetchall()}
    members = _members(cursor, login, "")
    for role in roles:
        if role not in there:
            yield f"CREATE ROLE {quoted(role)} NOLOGIN NOINHERIT"
        if role not in members:
            yield f"GRANT {quoted(role)} TO {quoted(login)}"


def _members(cursor: Any, login: str, database: str) -> set[str]:
    """The roles that `login` is a member of, for one database those of its purposes."""
    cursor.execute(
        "SELECT role.rolname FROM pg_catalog.pg_auth_members AS member "
        "JOIN pg_catalog.pg_roles AS role ON role.oid = member.roleid "
        "JOIN pg_catalog.pg_roles AS login ON login.oid = member.member "
        "WHERE login.rolname = %s",
        [login],
    )
    prefix = f"{database}_p_" if database else ""
    return {name for (name,) in cursor.fetchall() if name.startswith(prefix)}
