"""What a PostgreSQL server and its logins must be before the store may start on them."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connection

from upheld.db.postgresql import grants, vaults
from upheld.db.postgresql.roles import none_role
from upheld.db.postgresql.statistics import sampled_columns
from upheld.db.purpose import no_purpose
from upheld.db.rights import CLAUSE, Rights
from upheld.policy import Finding, Policy

_PLACE = "UPHELD_DATABASE_URL"
_SCRIPT = "Run deploy/postgresql.sql as a superuser, once."
_UPGRADE = "Run `upheld upgrade`, which brings the roles and grants to what the policy says."
# Functions that choose a role by a plain SELECT, or keep values where no table is declared.
_CLOSED = (
    "set_config(text,text,boolean)",
    "lo_create(oid)",
    "lo_creat(integer)",
    "lo_from_bytea(oid,bytea)",
)
# Roles a login may be a member of beside the purposes'; tests add one.
ALLOWED_BESIDE: frozenset[str] = frozenset()
_ATTRIBUTES = {
    "rolsuper": "is a superuser",
    "rolinherit": "inherits what its roles may",
    "rolcreaterole": "may make roles",
    "rolcreatedb": "may make databases",
    "rolreplication": "may copy the whole server",
    "rolbypassrls": "passes row security by",
}
_OWNED = """
    SELECT count(*) FROM pg_catalog.pg_shdepend AS link
    JOIN pg_catalog.pg_roles AS role ON role.oid = link.refobjid
    WHERE link.refclassid = 'pg_catalog.pg_authid'::regclass AND link.deptype = 'o'
      AND role.rolname = ANY(%s)
"""
_MEMBER_OF = """
    SELECT role.rolname, login.rolname, grantor.rolname FROM pg_catalog.pg_auth_members AS member
    JOIN pg_catalog.pg_roles AS role ON role.oid = member.roleid
    JOIN pg_catalog.pg_roles AS login ON login.oid = member.member
    LEFT JOIN pg_catalog.pg_roles AS grantor ON grantor.oid = member.grantor
    WHERE login.rolname = ANY(%s)
"""
_VIEWS = """
    SELECT DISTINCT view.relname, under.relname, under.relkind IN ('v', 'm')
    FROM pg_catalog.pg_rewrite AS rule
    JOIN pg_catalog.pg_class AS view ON view.oid = rule.ev_class
    JOIN pg_catalog.pg_namespace AS space ON space.oid = view.relnamespace
    JOIN pg_catalog.pg_depend AS link
      ON link.classid = 'pg_catalog.pg_rewrite'::regclass AND link.objid = rule.oid
     AND link.refclassid = 'pg_catalog.pg_class'::regclass
    JOIN pg_catalog.pg_class AS under ON under.oid = link.refobjid AND under.oid <> view.oid
    WHERE view.relkind IN ('v', 'm') AND space.nspname NOT IN ('pg_catalog', 'information_schema')
      AND NOT coalesce(view.reloptions && ARRAY['security_invoker=true', 'security_invoker=on',
                                                'security_invoker=1'], false)
"""
_DEFINERS = """
    SELECT DISTINCT function.proname FROM pg_catalog.pg_proc AS function
    JOIN pg_catalog.pg_roles AS role ON role.rolname = ANY(%s)
    WHERE function.prosecdef AND has_function_privilege(role.oid, function.oid, 'EXECUTE')
"""
_LANGUAGES = """
    SELECT DISTINCT lang.lanname FROM pg_catalog.pg_language AS lang
    JOIN pg_catalog.pg_roles AS role ON role.rolname = ANY(%s)
    WHERE lang.lanname NOT IN ('internal', 'c', 'sql')
      AND has_language_privilege(role.oid, lang.oid, 'USAGE')
"""
_ANY_MAY_CALL = """
    SELECT bool_or(has_function_privilege(role.oid, %s::regprocedure, 'EXECUTE'))
    FROM pg_catalog.pg_roles AS role WHERE role.rolname = ANY(%s)
"""
_MAY_MAKE = """
    SELECT bool_or(has_database_privilege(role.oid, current_database(), 'TEMPORARY')),
           bool_or(has_database_privilege(role.oid, current_database(), 'CREATE')),
           bool_or(has_schema_privilege(role.oid, current_schema()::text, 'CREATE'))
    FROM pg_catalog.pg_roles AS role WHERE role.rolname = ANY(%s)
"""


def check_server(policy: Policy) -> list[Finding]:
    """Every reason not to start on this server."""
    try:
        with no_purpose(), connection.cursor() as cursor:
            cursor.execute("SELECT session_user")
            login = cursor.fetchone()[0]
            roles = [login, *grants.role_names(policy, connection.settings_dict["NAME"])]
            return [
                *_login(cursor, login, policy),
                *_revokes(cursor, roles),
                *_definers(cursor, roles, policy),
                *_views(cursor, policy),
                *_grants(cursor, login, policy),
                *_statistics(cursor, policy),
            ]
    except DatabaseError as error:
        return [_finding(None, f"the database cannot be used: {error}", _UPGRADE)]


def _login(cursor: Any, login: str, policy: Policy) -> list[Finding]:
    columns = ", ".join(_ATTRIBUTES)
    cursor.execute(f"SELECT {columns} FROM pg_roles WHERE rolname = %s", [login])  # noqa: S608
    has = dict(zip(_ATTRIBUTES, cursor.fetchone(), strict=True))
    found = [
        _finding(CLAUSE, f"the login {login} {words}, so no purpose holds it", _SCRIPT)
        for attribute, words in _ATTRIBUTES.items()
        if has[attribute]
    ]
    ours = grants.role_names(policy, connection.settings_dict["NAME"])
    cursor.execute(_OWNED, [[login, *ours]])
    if count := cursor.fetchone()[0]:
        text = f"the login {login} or a role of it owns {count} things, so it may do all to them"
        found.append(_finding(CLAUSE, text, "Give them to the owner: REASSIGN OWNED BY … TO …;"))
    cursor.execute(_MEMBER_OF, [[login, *ours]])
    prefix = f"{connection.settings_dict['NAME']}_p_"
    for name, member, grantor in sorted(cursor.fetchall(), key=str):
        if name not in {*ours, *ALLOWED_BESIDE}:
            by = f" GRANTED BY {grantor}" if grantor else ""
            found.append(
                _finding(
                    CLAUSE,
                    f"{member} may take the role {name}, which stands for no purpose",
                    # Without the grantor a newer server takes back another's grant, or none.
                    _UPGRADE if name.startswith(prefix) else f"REVOKE {name} FROM {member}{by};",
                )
            )
    return found


def _revokes(cursor: Any, roles: list[str]) -> list[Finding]:
    """What everybody may do on a server as it is installed, and here neither the login nor any
    of its roles."""
    found = []
    for function in _CLOSED:
        cursor.execute(_ANY_MAY_CALL, [function, roles])
        if cursor.fetchone()[0]:
            found.append(f"{function.partition('(')[0]} may be called")
    cursor.execute(_LANGUAGES, [roles])
    found += [f"blocks of {name} may be run" for (name,) in cursor.fetchall()]
    cursor.execute(_MAY_MAKE, [roles])
    words = ("temporary tables may be made", "schemas may be made", "tables may be made")
    found += [text for text, may in zip(words, cursor.fetchone(), strict=True) if may]
    return [_finding(CLAUSE, f"{text}, so a purpose could be passed by", _SCRIPT) for text in found]


def _definers(cursor: Any, roles: list[str], policy: Policy) -> list[Finding]:
    """Functions with their owner's rights: two, and those as they are known."""
    database, days = connection.settings_dict["NAME"], policy.retention.private_financial_days
    cursor.execute(_DEFINERS, [roles])
    found = [
        _finding(CLAUSE, f"function {name} runs with its owner's rights", "DROP FUNCTION, or drop "
                 "its SECURITY DEFINER: a purpose could be passed by.")
        for (name,) in cursor.fetchall()
        if name not in (vaults.MAKE, vaults.DROP)
    ]  # fmt: skip
    return found + [
        _finding(
            "P20",
            f"function {name} is not there as it should be: made by the owner of the vaults' "
            "table alone, for the policy's days, callable under no purpose alone",
            _UPGRADE,
        )
        for name in vaults.faults(cursor, days, none_role(database))
    ]


def _views(cursor: Any, policy: Policy) -> list[Finding]:
    """A plain view reads with its owner's rights, and a materialized one keeps copies."""
    personal = {table for table, _ in Rights(policy).personal_columns()}
    cursor.execute(_VIEWS)
    over: dict[str, str] = {}
    for view, under, is_view in sorted(cursor.fetchall()):
        if is_view or under in personal:
            over.setdefault(view, under)
    return [
        _finding(
            CLAUSE,
            f"the view {view} hands out {under} with its owner's rights",
            f"ALTER VIEW {view} SET (security_invoker = true), or drop it.",
        )
        for view, under in over.items()
    ]


def _grants(cursor: Any, login: str, policy: Policy) -> list[Finding]:
    database = connection.settings_dict["NAME"]
    wanted = grants.wanted(policy, database, grants.read_columns(cursor))
    held = grants.held(cursor, {*grants.role_names(policy, database), login})
    found = []
    for word, these in (("lacks", wanted - held), ("has too much", held - wanted)):
        if these:
            first = min(these)
            what = f"{first.table}.{first.column}" if first.column else first.table
            text = f"role {first.role} {word}: {first.right} on {what} ({len(these)} such rights)"
            found.append(_finding(CLAUSE, text, _UPGRADE))
    return found


def _statistics(cursor: Any, policy: Policy) -> list[Finding]:
    sampled = sampled_columns(cursor, Rights(policy).personal_columns())
    if not sampled:
        return []
    text = f"the planner may keep samples of {sampled[0]} ({len(sampled)} such)"
    return [_finding(CLAUSE, text, _UPGRADE)]


def _finding(clause: str | None, problem: str, remedy: str) -> Finding:
    return Finding(_PLACE, None, clause, problem, remedy)
